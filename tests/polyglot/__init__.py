"""Publishers and listeners in other languages, on a real RabbitMQ with a real hub and gateway.

Begin with ``languages``. ``make polyglot`` builds what is run here.
"""
