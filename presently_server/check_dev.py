"""What ``presently check`` says of a `presently dev` that runs in this folder."""

from __future__ import annotations

from presently_server import http
from presently_server.addresses import FILE
from presently_server.findings import Finding, fail, ok
from presently_server.mistakes import Failed
from presently_server.status_words import lines


def introduce() -> Finding:
    """The first line: nothing has to be set."""
    return ok(
        f"a `presently dev` runs here ({FILE}): it needs no settings, and we look at what it "
        "offers; to check an installation set PRESENTLY_AMQP_URL"
    )


def check_api(url: str, key: str) -> list[Finding]:
    """Its API answers, and everybody behind it is there."""
    try:
        status = http.get(url, key, "/v1/status")
    except Failed as error:
        do = f"if none runs any more, it was killed: start `presently dev` again, or remove {FILE}"
        return [fail(error.message, do)]
    missing = [line for line in lines(status) if "NONE" in line or "WITHOUT" in line]
    if missing or not status["broker"]:
        do = "it may have just begun: try again; else look at what `presently dev` says"
        return [fail("; ".join(" ".join(line.split()) for line in missing) or "no broker", do)]
    return [ok(f"answers at {url}; gateway, hub, shards and relay are there")]
