"""`presently token`: minted, and read back."""

from __future__ import annotations

import json
from pathlib import Path

import jwt
import pytest
from click.testing import CliRunner, Result

from presently import mint_token
from presently_server.cli import cli

KEY = "k" * 32


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(cli, ["token", *arguments], env=environment, catch_exceptions=False)


def test_a_token_is_signed_with_the_first_key_of_the_environment() -> None:
    result = run(
        *("--sub", "leela", "--name", "Turanga Leela", "--ttl", "30m"),
        *("--allow", "article.*=edit", "--allow", "site.*=read"),
        PRESENTLY_JWT_KEYS=f"{KEY},{'x' * 32}",
    )
    assert result.exit_code == 0
    claims = jwt.decode(result.stdout.strip(), KEY, algorithms=["HS256"], audience="presently")
    assert (claims["sub"], claims["name"]) == ("leela", "Turanga Leela")
    assert claims["docs"] == {"article.*": "edit", "site.*": "read"}
    assert claims["exp"] - claims["iat"] == 1800


def test_a_running_dev_has_a_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".presently").mkdir()
    (tmp_path / ".presently" / "dev.json").write_text(json.dumps({"jwt_key": KEY}))
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    result = run("--sub", "leela")
    assert jwt.decode(result.stdout.strip(), KEY, algorithms=["HS256"], audience="presently")


def test_reading_says_what_it_allows() -> None:
    text = mint_token(KEY, "fry@planet", {"article.*": "edit", "site.*": "send"}, name="Fry")
    result = run("--read", text, "--key", KEY)
    assert result.exit_code == 0
    for said in (
        "user       fry@planet",
        "name       Fry",
        "signature  good (key 1 of 1)",
        "may        article.*: send, and edit",
        "may        site.*: read, and send events",
        "may        user.fry%40planet: see it",
        "in 0 h 59 min",
    ):
        assert said in result.stdout


@pytest.mark.parametrize(
    ("claims", "key", "says"),
    [
        ({"sub": "fry", "aud": "presently", "exp": 1}, KEY, "EXPIRED"),
        ({"sub": "fry", "aud": "presently"}, KEY, "NEVER"),
        ({"sub": "fry", "aud": "session", "exp": 9_999_999_999}, KEY, "wants 'presently'"),
        ({"aud": "presently", "exp": 9_999_999_999}, KEY, "NOBODY"),
        ({"sub": "fry", "docs": {"a.*": "write"}}, KEY, "no right"),
    ],
)
def test_reading_says_what_is_wrong(claims: dict[str, object], key: str, says: str) -> None:
    result = run("--read", jwt.encode(claims, KEY), "--key", key)
    assert result.exit_code == 0
    assert says in result.stdout


def test_a_bad_signature_is_a_failure() -> None:
    result = run("--read", mint_token(KEY, "fry", {}), "--key", "x" * 32)
    assert (result.exit_code, "user       fry" in result.stdout) == (1, True)
    assert "the signature is BAD" in result.stderr


def test_what_is_wrong_with_the_claims_is_no_bad_signature() -> None:
    result = run("--read", jwt.encode({"sub": "fry", "nbf": 9_999_999_999}, KEY), "--key", KEY)
    assert (result.exit_code, "good (key 1 of 1)" in result.stdout) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--sub", "fry", "--key", "short"], "32 bytes"),
        (["--sub", "fry", "--key", KEY, "--allow", "article.*"], "PATTERN=RIGHT"),
        (["--sub", "fry", "--key", KEY, "--allow", "article.*=write"], "no such right"),
        (["--sub", "fry", "--key", KEY, "--ttl", "soon"], "duration"),
        (["--sub", "fry"], "no key"),
        (["--read", "nonsense"], "no token"),
    ],
)
def test_mistakes(
    arguments: list[str], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert result.exit_code == 2
    assert says in result.stderr
