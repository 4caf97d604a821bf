"""The outside world and the bus: browsers' sockets and HTTP on one side, messages on the other.

Stateless: a gateway holds nothing that outlives its sockets; any browser may come back to any
gateway.
"""
