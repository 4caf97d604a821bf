"""What a Django process keeps; `django_project` has the rest, with a database."""

from __future__ import annotations

from presently.django import outbox


def test_a_process_keeps_few_publishers() -> None:
    outbox.publisher.cache_clear()
    made = [outbox.publisher("memory://", f"/{n}", None) for n in range(outbox.PUBLISHERS + 2)]
    assert outbox.publisher.cache_info().currsize == outbox.PUBLISHERS
    assert outbox.publisher("memory://", f"/{outbox.PUBLISHERS + 1}", None) is made[-1]
    outbox.publisher.cache_clear()
