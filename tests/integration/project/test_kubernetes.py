"""`deploy/kubernetes.yaml` against ourselves: commands, settings, ports and times that fit."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest
from ruamel.yaml import YAML

from gateway.drain import LAST_S
from hub.worker import HAND_OVER_SECONDS
from presently_server import cli
from presently_server.services import FINISH_SECONDS
from presently_server.settings import Settings, load

ROOT: Final = Path(__file__).parents[3]
OBJECTS: Final[list[dict[str, Any]]] = list(
    YAML(typ="safe").load_all((ROOT / "deploy" / "kubernetes.yaml").read_text())
)
PODS: Final[dict[str, dict[str, Any]]] = {
    one["metadata"]["name"]: one["spec"]["template"]
    for one in OBJECTS
    if one["kind"] in ("Deployment", "Job")
}
SERVICES: Final = ("presently-gateway", "presently-hub", "presently-relay")
SECRETS: Final = {
    "amqp-url": "amqp://user:password@rabbitmq/",
    "database-url": "postgresql://user:password@postgres/shop",
    "jwt-keys": "k" * 40,
    "api-keys": "sesame",
}
INJECTED: Final = {
    "PRESENTLY_GATEWAY_SERVICE_HOST": "10.0.0.1",
    "PRESENTLY_GATEWAY_SERVICE_PORT_WS": "80",
    "PRESENTLY_GATEWAY_PORT": "tcp://10.0.0.1:80",
    "PRESENTLY_GATEWAY_PORT_80_TCP_ADDR": "10.0.0.1",
    "PRESENTLY_API_SERVICE_HOST": "10.0.0.2",
}
"""What service links would add, should somebody turn them on."""
LISTENS: Final = {"ws": "listen", "api": "api_listen", "ops": "ops_listen"}


def containers(pod: str) -> list[dict[str, Any]]:
    spec = PODS[pod]["spec"]
    return [*spec.get("initContainers", []), *spec["containers"]]


CONTAINERS: Final = [
    pytest.param(pod, one, id=one["name"]) for pod in PODS for one in containers(pod)
]


def settings(container: dict[str, Any]) -> Settings:
    """As the process would read them."""
    given = dict(INJECTED)
    for variable in container["env"]:
        secret = variable.get("valueFrom", {}).get("secretKeyRef", {"name": "presently"})
        assert secret["name"] == "presently"
        given[variable["name"]] = variable.get("value") or SECRETS[secret["key"]]
    return load(given)


def test_the_shape_is_whole() -> None:
    assert sorted(PODS) == sorted(["presently-setup", *SERVICES])
    budgets = [one for one in OBJECTS if one["kind"] == "PodDisruptionBudget"]
    assert sorted(one["metadata"]["name"] for one in budgets) == sorted(SERVICES)


@pytest.mark.parametrize(("pod", "container"), CONTAINERS)
def test_every_command_and_every_setting_is_one_of_ours(
    pod: str, container: dict[str, Any]
) -> None:
    (command,) = container["args"]
    assert command in {name for names in cli.COMMANDS.values() for name in names}
    settings(container)


@pytest.mark.parametrize(("pod", "container"), CONTAINERS)
def test_it_has_what_it_needs(pod: str, container: dict[str, Any]) -> None:
    needs = {
        "gateway": {"amqp_url", "jwt_keys", "api_keys", "origins"},
        "hub": {"amqp_url"},
        "relay": {"amqp_url", "database_url"},
        "declare": {"amqp_url"},
        "migrate": {"database_url"},
    }
    given = settings(container)
    assert {name for name in needs[container["name"]] if not getattr(given, name)} == set()


@pytest.mark.parametrize("pod", SERVICES)
def test_ports_and_probes_are_where_it_listens(pod: str) -> None:
    (container,) = containers(pod)
    given = settings(container)
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    for name, port in ports.items():
        listen = getattr(given, LISTENS[name])
        assert (listen.host, listen.port) == ("0.0.0.0", port)
    assert container["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": "ops"}
    assert container["livenessProbe"]["httpGet"] == {"path": "/healthz", "port": "ops"}


@pytest.mark.parametrize("service", [one for one in OBJECTS if one["kind"] == "Service"])
def test_services_and_budgets_find_their_pods(service: dict[str, Any]) -> None:
    labels = [PODS[pod]["metadata"]["labels"] for pod in SERVICES]
    assert service["spec"]["selector"] in labels
    names = {port["name"] for port in containers("presently-gateway")[0]["ports"]}
    assert {port["targetPort"] for port in service["spec"]["ports"]} <= names
    for budget in (one for one in OBJECTS if one["kind"] == "PodDisruptionBudget"):
        assert budget["spec"]["selector"]["matchLabels"] in labels
        assert budget["spec"]["maxUnavailable"] == 1


@pytest.mark.parametrize("deployment", [one for one in OBJECTS if one["kind"] == "Deployment"])
def test_a_deploy_takes_nothing_away_before_there_is_more(deployment: dict[str, Any]) -> None:
    spec = deployment["spec"]
    assert spec["replicas"] >= 2
    assert spec["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
    assert spec["selector"]["matchLabels"] == spec["template"]["metadata"]["labels"]


@pytest.mark.parametrize("pod", PODS)
def test_no_pod_has_service_links_a_token_or_rights(pod: str) -> None:
    spec = PODS[pod]["spec"]
    assert spec["enableServiceLinks"] is False
    assert spec["automountServiceAccountToken"] is False
    assert spec["securityContext"]["runAsNonRoot"] is True
    for container in containers(pod):
        security = container["securityContext"]
        assert security["readOnlyRootFilesystem"] is True
        assert security["allowPrivilegeEscalation"] is False
        assert security["capabilities"] == {"drop": ["ALL"]}
        assert "limits" in container["resources"]


def test_everybody_has_the_time_to_end() -> None:
    grace = {pod: PODS[pod]["spec"]["terminationGracePeriodSeconds"] for pod in SERVICES}
    (gateway,) = containers("presently-gateway")
    given = settings(gateway)
    assert grace["presently-gateway"] >= given.drain_delay + given.drain_window + LAST_S
    assert grace["presently-hub"] >= 2 * HAND_OVER_SECONDS
    assert grace["presently-relay"] >= 2 * FINISH_SECONDS
    probe = gateway["readinessProbe"]
    assert probe["periodSeconds"] * probe["failureThreshold"] < given.drain_delay
