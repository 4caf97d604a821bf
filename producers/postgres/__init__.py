"""PostgreSQL: from a committed row to a message on ``hub.in``.

Read in this order: ``migrations/`` (the outbox and the triggers that write it, in SQL),
``migrate`` (how they get there), ``rows`` and ``outbox`` (reading it without losing or inverting
events), ``envelope`` (a row becomes a CloudEvent), ``pace`` (how much a shard may be handed),
``database`` and ``relay`` (the one loop that publishes, confirms, moves the cursor and purges).
"""
