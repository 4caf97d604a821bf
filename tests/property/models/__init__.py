"""What the machines are held against, and the world they live in; no I/O, no clock, no tasks.

Reading order: ``bus`` (a broker that does only what it must), ``worker`` with ``beside`` (a hub: the real owner's
coroutine, moved one step at a time), ``door`` (a gateway without sockets), ``tab`` (a browser that
complains), ``oracle`` (what must be true), ``world`` (all of it together).
"""
