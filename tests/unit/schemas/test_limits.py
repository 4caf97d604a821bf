"""Bounds that lean on each other."""

from __future__ import annotations

from schemas import limits


def test_a_slot_in_front_of_the_longest_document_is_still_a_routing_key() -> None:
    assert len(":07.") + limits.DOCUMENT_BYTES <= limits.ROUTING_KEY_BYTES


def test_a_replay_fits_in_a_body_and_in_the_history() -> None:
    assert limits.REPLAY_BYTES < limits.BODY_BYTES
    assert limits.REPLAY_EVENTS <= limits.HISTORY_EVENTS
    assert limits.LOG_STATE_EVERY < limits.LOG_REPLAY_RECORDS


def test_an_event_of_a_browser_fits_in_its_frame() -> None:
    assert limits.DATA_BYTES < limits.FRAME_BYTES
    assert limits.DATA_BYTES <= limits.BACKEND_DATA_BYTES < limits.EVENT_BYTES


def test_a_dashboard_may_join_all_its_documents_at_once() -> None:
    assert limits.DOCUMENTS_PER_CONNECTION < limits.FRAMES_BURST
