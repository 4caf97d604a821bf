"""PostgreSQL: from a committed row to a message on ``hub.in``.

Read in this order: ``migrations/`` (the outbox and the triggers that write it, in SQL),
``migrate`` (how they get there), ``rows`` and ``outbox`` (reading it without losing or inverting
events), ``timeline`` (whether it is still the database it was), ``envelope`` (a row becomes a
CloudEvent), ``pace`` and ``post`` (how much a shard may be handed), ``database`` and ``pooler``
(a session of our own), ``wake`` (how writers wake us), ``relay`` (the one loop that publishes,
confirms, moves the cursor and purges). ``backfill`` tells the rows that were there before.
"""
