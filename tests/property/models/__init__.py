"""What the machines are held against, and the world they live in; no I/O, no clock, no tasks.

Reading order: ``bus`` (a broker that does only what it must), ``worker`` with ``beside`` (a hub:
the real owner's coroutine, moved one step at a time), ``door`` (a gateway without sockets), ``tab``
(a browser that complains), ``page`` (a person's screen), ``ledger`` (what the logs say), ``world``
(all of it together), ``oracle`` (what must be true at rest).
"""
