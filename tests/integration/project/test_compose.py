"""`compose.yaml` against ourselves: settings and commands that exist, no secret with a default."""

import re
from pathlib import Path
from typing import Any, Final

import pytest
from ruamel.yaml import YAML

from gateway.drain import LAST_S
from hub.worker import HAND_OVER_SECONDS
from presently_server import cli
from presently_server.services import FINISH_SECONDS
from presently_server.settings import FILE, HINTS, PREFIX, Settings, is_secret

ROOT: Final = Path(__file__).parents[3]
TEXT: Final = (ROOT / "compose.yaml").read_text()
SERVICES: Final[dict[str, dict[str, Any]]] = YAML(typ="safe").load(TEXT)["services"]
OURS: Final = {name: s for name, s in SERVICES.items() if s.get("image") == "presently:local"}
EXAMPLE: Final = (ROOT / ".env.example").read_text()
SECRETS: Final = (
    "PRESENTLY_JWT_KEYS",
    "PRESENTLY_API_KEYS",
    "POSTGRES_PASSWORD",
    "RABBITMQ_PASSWORD",
    "DEMO_JWT_KEY",
)


def test_the_shape_is_whole() -> None:
    services = ["gateway-1", "gateway-2", "hub-1", "hub-2", "relay", "demo"]
    assert sorted(OURS) == sorted([*services, "declare", "migrate"])


@pytest.mark.parametrize("name", OURS)
def test_every_setting_is_one_of_ours(name: str) -> None:
    plain = {PREFIX + field.upper() for field in HINTS}
    files = {PREFIX + field.upper() + FILE for field, hint in HINTS.items() if is_secret(hint)}
    given = {key for key in OURS[name]["environment"] if key.startswith(PREFIX)}
    assert given <= plain | files


@pytest.mark.parametrize("name", sorted(OURS.keys() - {"demo"}))
def test_every_command_is_one_of_ours(name: str) -> None:
    (command,) = OURS[name]["command"]
    assert command in {name for names in cli.COMMANDS.values() for name in names}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_that_stays_says_whether_it_is_well(name: str) -> None:
    service = SERVICES[name]
    stays = "restart" in service and name != "balancer"
    assert ("healthcheck" in service) == stays


def test_everybody_has_the_time_to_end() -> None:
    given = Settings()
    needed = {
        "gateway": given.drain_delay + given.drain_window + LAST_S,
        "hub": 2 * HAND_OVER_SECONDS,
        "relay": 2 * FINISH_SECONDS,
    }
    for service in OURS.values():
        (command,) = service.get("command", ["demo"])
        if command in needed:
            assert float(service["stop_grace_period"].removesuffix("s")) >= needed[command]


def test_nothing_secret_has_a_default() -> None:
    with_default = re.findall(r"\$\{(\w+):-", TEXT)
    assert set(with_default) == {"DEMO_ORIGIN", "GATEWAY_URL"}
    assert not re.search(r"\$\{\w+\}|\$\w", TEXT), "neither a default nor an error when unset"


@pytest.mark.parametrize("secret", SECRETS)
def test_the_example_names_every_secret_and_gives_none(secret: str) -> None:
    assert secret in TEXT
    assert re.search(rf"^{secret}=$", EXAMPLE, flags=re.M)
