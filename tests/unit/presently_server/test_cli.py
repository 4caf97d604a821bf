"""The command: what it lists, and how a mistake ends."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner, Result

from presently_server.cli import COMMANDS, SUMMARIES, Group, cli

NAMES = [name for names in COMMANDS.values() for name in names]


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(cli, arguments, env=environment, catch_exceptions=False)


def test_without_anything_it_says_what_there_is() -> None:
    for result in (run(), run("--help"), run("-h")):
        assert result.exit_code == 0
        assert all(name in result.output for name in NAMES)
        assert "presently dev" in result.output


@pytest.mark.parametrize("name", NAMES)
def test_every_command_has_help_of_its_own(name: str) -> None:
    result = run(name, "--help")
    assert result.exit_code == 0
    assert f"Usage: cli {name}" in result.output
    assert max(map(len, result.output.splitlines())) <= 100


@pytest.mark.parametrize("name", NAMES)
def test_the_list_says_what_the_command_says(name: str) -> None:
    assert isinstance(cli, Group)
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    assert command.help is not None
    said = " ".join(command.help.split("\n\n")[0].split())
    assert said.startswith(SUMMARIES[name].removesuffix("."))


def test_help_imports_no_service() -> None:
    code = (
        "import sys; from click.testing import CliRunner; from presently_server.cli import cli;"
        "assert CliRunner().invoke(cli, ['--help']).exit_code == 0;"
        "heavy = {'gateway', 'hub', 'aio_pika', 'asyncpg', 'uvicorn'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": ":".join(sys.path)})


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["publsh"], "did you mean publish?"),
        (["xyzzy"], "no command 'xyzzy'"),
        (["tail"], "which document?"),
        (["tail", "article/1"], "no document id"),
        (["tail", "article.1", "--jsn"], "--json"),
        (["tail", "article.1", "--key", "short"], "at least 32 bytes"),
        (["publish", "article.1"], "TYPE"),
        (["publish", "article.1", "a.b", "{"], "no JSON"),
        (["publish", "article.1", "a.b"], "where is the API?"),
        (["token"], "whose token?"),
        (["capture"], "Missing command"),
        (["capture", "add", "public.article"], "--document"),
        (["dev", "--port", "x"], "x"),
        (["dev", "--amqp", "nonsense"], "amqp://"),
        (["dev", "--database", "mysql://db"], "postgresql://"),
        (["status", "--api", "localhost:8002"], "http://"),
        (["tail", "article.1", "--gateway", "http://localhost"], "ws://"),
        (["gateway"], "PRESENTLY_AMQP_URL"),
        (["hub"], "PRESENTLY_AMQP_URL"),
        (["relay"], "PRESENTLY_AMQP_URL"),
        (["declare"], "PRESENTLY_AMQP_URL"),
        (["migrate"], "PRESENTLY_DATABASE_URL"),
        (["demo"], "DEMO_DATABASE_URL"),
        (["status"], "where is the API?"),
        (["check", "tpyes"], "tpyes"),
        (["check", "types"], "what is handled?"),
        (["check", "types", "gone.json"], "gone.json: No such file"),
        (["check", "types", "gone.json", "--records", "0"], "--records"),
    ],
)
def test_a_mistake_is_one_line_on_standard_error(
    arguments: list[str], says: str, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(str(tmp_path))
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert says in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("name", ["gateway", "hub", "relay", "check", "declare", "dev", "token"])
def test_an_unknown_setting_stops_every_command(name: str) -> None:
    arguments = [name, "--sub", "fry"] if name == "token" else [name]
    result = run(*arguments, PRESENTLY_ORIGINZ="https://a.example")
    assert result.exit_code == 2
    assert result.stderr == (
        "presently: PRESENTLY_ORIGINZ is no setting; did you mean PRESENTLY_ORIGINS?\n"
    )


def test_nobody_at_the_address_is_the_worlds_fault() -> None:
    result = run("status", "--api", "http://127.0.0.1:1", "--api-key", "x")
    assert result.exit_code == 1
    assert result.stderr.startswith("presently: no answer from http://127.0.0.1:1")
    assert result.stderr.count("\n") == 1


def test_a_reader_that_goes_away_hears_no_complaint() -> None:
    command = [sys.executable, "-m", "presently_server", "declare", "--print"]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"PYTHONPATH": ":".join(sys.path)},
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        process.wait()
        assert process.stderr.read() == b""


def test_version() -> None:
    result = run("--version")
    assert result.exit_code == 0
    assert result.output.startswith("presently")
