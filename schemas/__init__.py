"""The contract: everything two processes, or a process and a browser, must agree on. Pure.

Reading order: ``ids`` (documents, slots), ``limits``, ``errors`` and ``close`` (codes), ``rights``,
``events`` (CloudEvents), ``presence`` (the shapes both sides share), ``frames`` (browser and
gateway; ``client_frames`` is the way in), ``messages`` (gateway and hub; with ``replies``,
``control`` and ``marks``), ``log`` (the hub and its successor), ``codec`` (bytes; the only file
that knows msgpack), ``topology`` (exchanges and queues as data). Then the contract as files:
``shapes`` (JSON Schema), ``typescript``, ``asyncapi``, ``corpus`` (bytes), ``generate`` (writes
them), ``compatibility`` and ``released`` (what a change of them breaks). ``golden/`` holds vectors
that tests in every language read, ``released/`` what was promised.

The words: a *document* is anything people look at together; a *connection* is one WebSocket; a
*user* is the token's subject and may have many; a *seat* is one connection at one document; a
*mode* is ``watching``, ``reading`` or ``editing``; a *slot* is ``crc32(document) mod 16`` and a
*shard* the line of messages of one slot; a *generation* is one ownership of a shard; an *epoch* is
one run of a document's numbers, and *seq* counts inside it from 1 without gaps.
"""
