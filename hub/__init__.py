"""Decides: who is where, and which number an event gets.

Reading order: ``settings``; ``worker`` (starts everything), ``line`` (one shard, from standing in
line to handing over), ``owner`` (the one visible line of effects) with ``bell``, ``decide`` (a
message and what it brings forth) with ``acts``, ``leasing``, ``numbering``, ``renewals`` and
``closing``; what they know: ``shard``, ``presence``, ``rooms``, ``summaries``, ``renewing``,
``lease``, ``exchanges``; the log: ``fold`` with ``documents`` and ``events``, ``claim``
(take-over), ``tail`` (read back); ``publications`` (what goes out). Beside the line: ``roster``
(who is alive), ``ownership`` and ``staffing`` (who works on what), ``control`` (heartbeats,
probes), ``keeper`` (documents' exchanges), ``intake`` (keys without a slot), ``pace``, ``clock``,
``metrics``, ``health``.

All is pure (time is an argument) but ``worker``, ``line``, ``owner``, ``claim``, ``tail``,
``control``, ``keeper``, ``intake``, ``clock`` and ``metrics``.
"""
