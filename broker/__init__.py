"""The only code that speaks AMQP.

Reading order: ``port`` (what a service may ask, and what is promised), ``errors``,
``limits`` (what AMQP can carry), ``declare`` (the topology of ``schemas.topology`` onto a broker),
``backoff`` and ``complaints`` (pure), ``reconnect`` (a connection, and the next one),
``amqp`` (RabbitMQ through aio-pika), ``memory`` (the same promise in one process).
Only the composition root chooses between the last two.
"""
