"""The outside world and the bus: browsers' sockets and HTTP on one side, messages on the other.

Stateless: a gateway holds nothing that outlives its sockets; any browser may come back to any
gateway.

Reading order, a browser joins and speaks: ``server`` (listeners, clockwork) → ``handshake`` (who
may connect) → ``reader`` (one socket, one task) → ``session`` (pure: its life), ``wishes`` (pure:
what its frames ask for) → ``switchboard`` (does it), ``errands`` (and waits for the hub's word) →
``outbox`` (pure) → ``uplink``.

Something happened: ``link`` (both connections) → ``downlink`` → ``rooms`` (pure: whom it concerns)
→ ``room`` (pure), with ``line`` (order), ``ring`` (history), ``roster`` (presence), ``asking``
(what is missing), ``watched`` and ``summaries`` (collections) → ``socket`` → ``sendbuffer`` (pure).

Beside them: ``auth`` (tokens), ``seats`` (pure: grace and successors), ``ratelimit``, ``requests``,
``heard`` (pure: who else is alive); for backends ``api``, ``posted``, ``lookups``, ``dead``; for
operators ``settings``, ``metrics``, ``health``, ``drain``.
"""
