"""`docs/runbook.md` names nothing that is not there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from prometheus_client import REGISTRY, CollectorRegistry

import gateway.metrics
import hub.metrics  # noqa: F401  both register what they count
from broker.memory import Bus
from presently_server.relay_metrics import register
from presently_server.settings import HINTS, PREFIX
from producers.postgres.relay import Relay

ROOT: Final = Path(__file__).parents[3]
PAGE: Final = (ROOT / "docs" / "runbook.md").read_text()
ALARMS: Final = PAGE.partition("## What says that something is wrong")[2].partition("\n## ")[0]
SOURCES: Final = [
    path.read_text()
    for folder in ("gateway", "hub", "broker", "producers/postgres", "presently_server")
    for path in (ROOT / folder).glob("*.py")
]


def test_every_metric_is_one_of_ours() -> None:
    assert gateway.metrics.CONNECTIONS is not None
    relays = CollectorRegistry()
    register(Relay("postgresql://", Bus().connect), relays)
    known = {
        f"{metric.name}{ending}"
        for registry in (REGISTRY, relays)
        for metric in registry.collect()
        for ending in ("", "_total")
    }
    named = set(re.findall(r"presently_(?:gateway|hub|relay)_[a-z_]+", PAGE))
    assert len(named) > 10
    assert named - known == set()


def test_every_line_of_a_log_is_one_we_write() -> None:
    rows = [row.split("|")[1] for row in ALARMS.splitlines() if row.startswith("| ")]
    lines = [said for row in rows for said in re.findall(r"`([a-z_ ]+)`", row)]
    said = [one for one in lines if not one.startswith("presently") and one != "dead"]
    assert len(said) > 10
    assert [one for one in said if not any(one in source for source in SOURCES)] == []


def test_every_setting_is_one_of_ours() -> None:
    named = set(re.findall(rf"`({PREFIX}[A-Z_]+)`", PAGE))
    assert named - {PREFIX + field.upper() for field in HINTS} == set()
