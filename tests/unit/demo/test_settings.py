from pathlib import Path

import pytest

from demo.settings import Settings, SettingsError, from_environment

KEY = "k" * 32


def settings(**given: object) -> Settings:
    return Settings(database="postgresql://db/x", jwt_key=KEY, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "asked", "url"),
    [
        ({}, ("http", "localhost", 8000), "ws://localhost:8001/"),
        ({}, ("http", "127.0.0.1", 9100), "ws://127.0.0.1:9101/"),
        ({}, ("http", "::1", 8000), "ws://[::1]:8001/"),
        ({}, ("https", "live.example", 443), "wss://live.example:444/"),
        ({"gateway_port": 7001}, ("http", "localhost", 8000), "ws://localhost:7001/"),
        ({"gateway": "wss://live.example/"}, ("http", "x", 1), "wss://live.example/"),
    ],
)
def test_a_browser_finds_the_gateway(
    given: dict[str, object], asked: tuple[str, str, int], url: str
) -> None:
    assert settings(**given).gateway_url(*asked) == url


def test_the_psql_line_survives_a_shell() -> None:
    shown = Settings(database="postgresql://db/x?a=1&b=2", jwt_key=KEY).psql_line("SELECT 'Moon'")
    assert shown == "psql 'postgresql://db/x?a=1&b=2' -c \"SELECT 'Moon'\""


def test_the_psql_command_may_be_another() -> None:
    shown = settings(psql="docker compose exec postgres psql").psql_line("SELECT 1")
    assert shown == 'docker compose exec postgres psql -c "SELECT 1"'


def test_settings_come_from_the_environment_or_from_files(tmp_path: Path) -> None:
    secret = tmp_path / "key"
    secret.write_text(f"{KEY}\n")
    read = from_environment(
        {
            "DEMO_DATABASE_URL": "postgresql://db/x",
            "DEMO_JWT_KEY_FILE": str(secret),
            "DEMO_GATEWAY_URL": "ws://localhost:8001/",
            "DEMO_PSQL": "",
        }
    )
    assert read == settings(gateway="ws://localhost:8001/")


@pytest.mark.parametrize("missing", ["DEMO_DATABASE_URL", "DEMO_JWT_KEY"])
def test_a_missing_setting_is_named(missing: str) -> None:
    given = {"DEMO_DATABASE_URL": "postgresql://db/x", "DEMO_JWT_KEY": KEY}
    del given[missing]
    with pytest.raises(SettingsError, match=rf"^{missing} .* is not set$"):
        from_environment(given)


def test_a_secret_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    given = {"DEMO_DATABASE_URL_FILE": str(tmp_path / "none"), "DEMO_JWT_KEY": KEY}
    with pytest.raises(SettingsError, match=r"^DEMO_DATABASE_URL_FILE: No such file"):
        from_environment(given)
