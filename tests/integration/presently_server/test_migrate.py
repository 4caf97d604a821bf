"""``presently migrate``, as somebody types it who updates one version to the next."""

import asyncio
import os

import pytest
from click.testing import CliRunner

from presently_server.check_database import check_database
from presently_server.cli import cli
from producers.postgres.migrate import Migration, migrations

POST = Migration(98, "less", "-- post: nobody reads it any more\nSELECT 1;")


def typed(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli, ["migrate", *words])
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return done.exit_code, done.output


def test_what_older_versions_need_waits_until_they_are_gone(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("PRESENTLY_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PRESENTLY_DATABASE_URL", empty_database_url)
    every = migrations()
    monkeypatch.setattr("producers.postgres.migrate.migrations", lambda: every[:5])
    assert typed()[1].endswith("0005 capture\n5 applied\n")
    monkeypatch.setattr("producers.postgres.migrate.migrations", lambda: [*every, POST])
    found = asyncio.run(check_database(empty_database_url))
    assert (found[-1].level, found[-1].do) == ("FAIL", "presently migrate")
    code, said = typed()
    assert code == 0
    assert said.startswith("0006 context\n")
    assert said.endswith(
        f"{len(every) - 5} applied\n1 more once no older version runs: presently migrate --post\n"
    )
    found = asyncio.run(check_database(empty_database_url))
    assert (found[1].level, "presently migrate --post" in found[1].do) == ("warn", True)
    assert typed("--post") == (0, "0098 less\n1 applied\n")
    assert typed("--post") == (0, "nothing to do: it is up to date\n")
