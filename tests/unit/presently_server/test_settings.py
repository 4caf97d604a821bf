"""The environment becomes settings, or one clear line."""

from __future__ import annotations

from pathlib import Path

import pytest

from presently_server.settings import HINTS, Settings, SettingsError, is_secret, load, need
from presently_server.settings_values import Listen

KEY = "k" * 32


def test_without_anything_there_are_defaults() -> None:
    settings = load({"HOME": "/root", "PATH": "/bin"})
    assert settings == Settings()
    assert settings.listen == Listen("127.0.0.1", 8001)
    assert (settings.drain_delay, settings.drain_window) == (5.0, 20.0)


def test_everything_can_be_set() -> None:
    settings = load(
        {
            "PRESENTLY_AMQP_URL": "amqps://me:pass@rabbit/shop",
            "PRESENTLY_DATABASE_URL": "postgresql://me@db/shop",
            "PRESENTLY_LISTEN": "0.0.0.0:80",
            "PRESENTLY_API_LISTEN": "[::1]:81",
            "PRESENTLY_OPS_LISTEN": ":82",
            "PRESENTLY_JWT_KEYS": f"{KEY}, {KEY[::-1]}x",
            "PRESENTLY_RIGHTS": '{"desk.{sub}": "edit"}',
            "PRESENTLY_ORIGINS": "https://a.example,http://localhost:*",
            "PRESENTLY_API_KEYS": "one,two",
            "PRESENTLY_DRAIN_DELAY": "500ms",
            "PRESENTLY_DRAIN_WINDOW": "2m",
            "PRESENTLY_CONNECTIONS_PER_USER": "7",
            "PRESENTLY_LOG": "json",
        }
    )
    assert settings.listen == ("0.0.0.0", 80)
    assert settings.api_listen == ("::1", 81)
    assert settings.ops_listen == ("0.0.0.0", 82)
    assert settings.jwt_keys == (KEY, KEY + "x")
    assert settings.rights == {"desk.{sub}": "edit"}
    assert settings.origins == ("https://a.example", "http://localhost:*")
    assert settings.api_keys == ("one", "two")
    assert (settings.drain_delay, settings.drain_window) == (0.5, 120.0)
    assert settings.connections_per_user == 7


def test_an_empty_value_is_not_set() -> None:
    assert load({"PRESENTLY_LISTEN": "", "PRESENTLY_AMQP_URL_FILE": ""}) == Settings()


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("PRESENTLY_ORIGINZ", "x", "did you mean PRESENTLY_ORIGINS?"),
        ("PRESENTLY_JWT_KEY_FILE", "x", "did you mean PRESENTLY_JWT_KEYS_FILE?"),
        ("PRESENTLY_API_PORT", "8002", "no setting"),
        ("PRESENTLY_XYZZY", "x", "docs/settings.md"),
        ("PRESENTLY_LISTEN_FILE", "/etc/x", "no setting"),
        ("PRESENTLY_LISTEN", "8001", "host:port"),
        ("PRESENTLY_LISTEN", "host:99999", "host:port"),
        ("PRESENTLY_LISTEN", "::1:8001", "brackets"),
        ("PRESENTLY_AMQP_URL", "http://rabbit", "amqp://"),
        ("PRESENTLY_AMQP_URL", "amqp://rabbit:port", "amqp://"),
        ("PRESENTLY_DATABASE_URL", "mysql://db/x", "postgresql://"),
        ("PRESENTLY_JWT_KEYS", "short", "at least 32"),
        ("PRESENTLY_RIGHTS", "article.*", "JSON"),
        ("PRESENTLY_RIGHTS", "[]", "object"),
        ("PRESENTLY_RIGHTS", '{"a.*": "write"}', "read, send and edit"),
        ("PRESENTLY_ORIGINS", "localhost", "origin"),
        ("PRESENTLY_DRAIN_DELAY", "soon", "duration"),
        ("PRESENTLY_FRAMES_BURST", "0", "above 0"),
        ("PRESENTLY_LOG", "xml", "auto, text, json"),
        ("PRESENTLY_AMQP_URL_FILE", "/nowhere/at/all", "/nowhere/at/all"),
    ],
)
def test_a_mistake_is_one_line_that_names_the_variable(name: str, text: str, says: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load({name: text})
    assert str(caught.value).startswith(name)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_no_message_shows_a_secret() -> None:
    for name in ("PRESENTLY_AMQP_URL", "PRESENTLY_JWT_KEYS", "PRESENTLY_DATABASE_URL"):
        with pytest.raises(SettingsError) as caught:
            load({name: "x://me:hunter2@host"})
        assert "hunter2" not in str(caught.value)


def test_what_kubernetes_injects_is_ignored() -> None:
    injected = {
        "GATEWAY_SERVICE_HOST": "10.0.0.1",
        "HUB_PORT": "tcp://10.0.0.2:8003",
        "PRESENTLY_GATEWAY_SERVICE_HOST": "10.0.0.1",
        "PRESENTLY_GATEWAY_SERVICE_PORT": "8001",
        "PRESENTLY_GATEWAY_SERVICE_PORT_WS": "8001",
        "PRESENTLY_GATEWAY_PORT": "tcp://10.0.0.1:8001",
        "PRESENTLY_GATEWAY_PORT_8001_TCP": "tcp://10.0.0.1:8001",
        "PRESENTLY_GATEWAY_PORT_8001_TCP_PROTO": "tcp",
        "PRESENTLY_GATEWAY_PORT_8001_TCP_PORT": "8001",
        "PRESENTLY_GATEWAY_PORT_8001_TCP_ADDR": "10.0.0.1",
        "PRESENTLY_SERVICE_HOST": "10.0.0.3",
        "PRESENTLY_SERVICE_PORT": "80",
        "PRESENTLY_PORT": "tcp://10.0.0.3:80",
        "PRESENTLY_PORT_80_TCP_ADDR": "10.0.0.3",
    }
    assert load(injected) == Settings()


@pytest.mark.parametrize("field", [field for field in HINTS if is_secret(HINTS[field])])
def test_every_secret_may_stand_in_a_file(field: str, tmp_path: Path) -> None:
    text = {"amqp_url": "amqp://rabbit", "database_url": "postgres://db/x"}.get(field, KEY)
    path = tmp_path / "secret"
    path.write_text(f"{text}\n")
    name = f"PRESENTLY_{field.upper()}"
    read = getattr(load({f"{name}_FILE": str(path)}), field)
    assert read == ((text,) if isinstance(read, tuple) else text)
    with pytest.raises(SettingsError, match="both"):
        load({f"{name}_FILE": str(path), name: text})


def test_keys_in_a_file_may_stand_on_lines_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_text(f"{KEY}\n{KEY}2\n")
    assert load({"PRESENTLY_JWT_KEYS_FILE": str(path)}).jwt_keys == (KEY, f"{KEY}2")


def test_what_is_needed_is_asked_for_by_name() -> None:
    need(load({"PRESENTLY_AMQP_URL": "amqp://rabbit"}), "amqp_url")
    with pytest.raises(SettingsError, match=r"PRESENTLY_AMQP_URL \(or PRESENTLY_AMQP_URL_FILE\)"):
        need(Settings(), "amqp_url")
