"""The only code that speaks AMQP.

Reading order: ``port`` (what a service may ask, and what is promised), ``errors``,
``declare`` (the topology of ``schemas.topology`` onto a broker), ``backoff`` (pure),
``amqp`` (RabbitMQ through aio-pika), ``memory`` (the same promise in one process).
Only the composition root chooses between the last two.
"""
