"""Options before the environment, the environment before `.presently/dev.json`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from presently_server import addresses
from presently_server.mistakes import Mistake

DEV = {"api": "http://127.0.0.1:8002", "api_key": "d", "gateway": "ws://d/", "jwt_key": "d" * 32}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("API_URL", "API_KEY", "API_KEYS", "API_LISTEN", "GATEWAY_URL", "JWT_KEYS"):
        monkeypatch.delenv(f"PRESENTLY_{name}", raising=False)
    return tmp_path


def leave(folder: Path, text: str = json.dumps(DEV)) -> None:
    (folder / ".presently").mkdir()
    (folder / ".presently" / "dev.json").write_text(text)


def test_a_running_dev_is_found_from_below(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    leave(folder)
    (folder / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir(folder / "a" / "b")
    assert addresses.api(None, None) == ("http://127.0.0.1:8002", "d")
    assert addresses.gateway(None) == "ws://d/"
    assert addresses.jwt_keys(None) == ("d" * 32,)


def test_the_environment_goes_before_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    leave(folder)
    monkeypatch.setenv("PRESENTLY_API_URL", "https://api.example/")
    monkeypatch.setenv("PRESENTLY_API_KEYS", "e,f")
    monkeypatch.setenv("PRESENTLY_GATEWAY_URL", "wss://live.example/")
    monkeypatch.setenv("PRESENTLY_JWT_KEYS", "e" * 32)
    assert addresses.api(None, None) == ("https://api.example", "e")
    assert addresses.gateway(None) == "wss://live.example/"
    assert addresses.jwt_keys(None) == ("e" * 32,)
    assert addresses.api("http://option", "o") == ("http://option", "o")
    assert addresses.gateway("ws://option") == "ws://option"
    assert addresses.jwt_keys("o" * 32) == ("o" * 32,)


@pytest.mark.parametrize(
    ("listen", "url"),
    [
        ("", "http://127.0.0.1:8002"),
        (":9002", "http://127.0.0.1:9002"),
        ("[::]:9002", "http://[::1]:9002"),
        ("10.0.0.7:8002", "http://10.0.0.7:8002"),
    ],
)
def test_a_gateways_own_settings_will_do(
    folder: Path, monkeypatch: pytest.MonkeyPatch, listen: str, url: str
) -> None:
    leave(folder)
    monkeypatch.setenv("PRESENTLY_API_LISTEN", listen)
    monkeypatch.setenv("PRESENTLY_API_KEYS", "e,f")
    assert addresses.api(None, None) == (url, "e")


@pytest.mark.parametrize("text", ["", "[]", "not json", '{"api": 7}'])
def test_a_broken_file_is_as_none(folder: Path, text: str) -> None:
    leave(folder, text)
    with pytest.raises(Mistake, match="where is the API"):
        addresses.api(None, None)
    with pytest.raises(Mistake, match="where is the gateway"):
        addresses.gateway(None)
    with pytest.raises(Mistake, match="no API key"):
        addresses.api("http://here", None)
    assert addresses.jwt_keys(None) == ()
