from hub.settings import HubSettings
from schemas import limits


def test_the_defaults_are_the_contracts() -> None:
    settings = HubSettings()
    assert settings.heartbeat_ms == limits.HEARTBEAT_MS
    assert settings.history_bytes == limits.HISTORY_PROCESS_BYTES
    assert settings.state_every == limits.LOG_STATE_EVERY < limits.LOG_REPLAY_RECORDS
