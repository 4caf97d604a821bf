"""How changes get in. ``postgres`` relays every committed change of captured tables and what
``presently.publish`` wrote; ``python/`` is a distribution of its own for applications.
"""
