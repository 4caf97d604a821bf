"""Tokens the gateway can read."""

from __future__ import annotations

import time

import jwt
import pytest

from presently import mint_token
from schemas import limits

KEY = "k" * 32


def test_a_token_says_who_and_what() -> None:
    token = mint_token(KEY, "fry", {"article.*": "edit"}, name="Frÿ", info={"hat": 1}, ttl=60)
    claims = jwt.decode(token, KEY, algorithms=["HS256"], audience="presently")
    assert claims["sub"] == "fry"
    assert claims["name"] == "Frÿ"
    assert claims["info"] == {"hat": 1}
    assert claims["docs"] == {"article.*": "edit"}
    assert 55 <= claims["exp"] - time.time() <= 60


def test_somebody_without_a_name_is_called_by_their_id() -> None:
    claims = jwt.decode(mint_token(KEY, "fry", {}), KEY, algorithms=["HS256"], audience="presently")
    assert claims["name"] == "fry"
    assert "info" not in claims


def test_a_name_is_cut_to_what_the_gateway_takes() -> None:
    token = mint_token(KEY, "fry", {}, name="x" + "é" * limits.NAME_BYTES)
    claims = jwt.decode(token, KEY, algorithms=["HS256"], audience="presently")
    assert claims["name"] == "x" + "é" * ((limits.NAME_BYTES - 1) // 2)
    mint_token(KEY, "é" * (limits.USER_BYTES // 2), {})


def test_another_key_does_not_open_it() -> None:
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(mint_token(KEY, "fry", {}), "x" * 32, algorithms=["HS256"], audience="presently")


@pytest.mark.parametrize(
    ("key", "user", "rights", "info"),
    [
        ("short", "fry", {}, {}),
        (KEY, "", {}, {}),
        (KEY, "é" * 65, {}, {}),
        (KEY, "fry", {"article.*": "write"}, {}),
        (KEY, "fry", {}, {"x": "y" * 1024}),
    ],
)
def test_what_the_gateway_would_refuse_is_refused_here(
    key: str, user: str, rights: dict[str, str], info: dict[str, object]
) -> None:
    with pytest.raises(ValueError, match=r"key|user|right|info"):
        mint_token(key, user, rights, info=info)
