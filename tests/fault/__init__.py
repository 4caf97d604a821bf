"""Presently under load, hurt on purpose, and judged by an oracle that knows what really happened.

Read in this order: ``test_killed`` (what a test looks like), ``trial`` (what can be done to a
running house), ``house`` (how it is started: every process by a proxy of its own), ``load``,
``visitor``, ``writers`` (who does what all the time), ``ledger`` (what one page may see),
``oracle`` and ``fences`` (what all pages must agree on), ``processes`` (what may not be in a log),
``schedule`` and ``test_chaos`` (faults from a seed), ``test_oracle`` (that all this can fail).

A new fault by name is a test: start a trial, hurt it, ``await it.back(...)``, then
``await it.settle()``. What ``back`` is told in ``what`` becomes a row of the table that
``make faults`` prints. A new kind of fault for chaos is an entry in ``schedule.KINDS`` and a case
in ``schedule.suffer``. A new rule of the oracle needs a test in ``test_oracle`` that breaks it.

``PRESENTLY_FAULT_LOAD=small`` makes all of it light enough to write a test by.
"""
