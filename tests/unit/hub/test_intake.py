import pytest

from hub import intake
from hub.intake import forwarded
from schemas import topology
from schemas.ids import routing_key
from tests.unit.hub.builders import DOCUMENT, delivery, event


def test_the_document_in_the_event_decides_the_key() -> None:
    body = event("e1")
    sent = forwarded(delivery(topology.IN, "article.42", body, content_type="application/json"))
    assert (sent.exchange, sent.key, sent.body) == (topology.IN, routing_key(DOCUMENT), body)
    assert sent.content_type == "application/json"


def test_nonsense_is_dead_with_the_path_of_the_fault() -> None:
    sent = forwarded(delivery(topology.IN, "what", event("e1", document="nodots")))
    assert (sent.exchange, sent.key) == (topology.DEAD, topology.INTAKE)
    assert str(sent.headers["reason"]).startswith("subject:")
    assert (sent.headers["from"], sent.headers["key"]) == (topology.IN, "what")


def test_a_mistake_of_ours_costs_one_message_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "routing_key", {}.__getitem__)
    sent = forwarded(delivery(topology.IN, "what", event("e1")))
    assert (sent.exchange, sent.key) == (topology.DEAD, topology.INTAKE)
    assert "the hub failed on it: KeyError" in str(sent.headers["reason"])
