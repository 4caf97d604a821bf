"""A real PostgreSQL and a real RabbitMQ between writers that do everything SQL lets them do and
blows that a seed draws: relays, writers, sessions and the server are killed. Judged by the truth.

Read in this order: ``test_torture`` (what is run), ``schedule`` (which blows), ``plans`` and
``writer`` (what a writer does; four of them in a process of their own), ``house`` (how it is
started, hurt and ended), ``verdict`` (what must have come of it), ``test_verdict`` (that each of
its rules can fail).

The truth: a row's ``version`` grows by one with every change, under the row's lock, and a trigger
keeps each change in a table ``history`` in the writer's own transaction. So what is in ``history``
at the end was committed, all of it and nothing else, and per row in the order of the versions.
"""
