from __future__ import annotations

import pytest

from gateway.auth import TOKEN_BYTES, TokenRefused, Tokens
from schemas import ids
from schemas.errors import ErrorCode
from schemas.rights import Right
from tests.unit.gateway.making import DOC, HOUR, KEY, LIST, NOW, token

TOKENS = Tokens([KEY])


def test_a_good_token_says_who_it_is_and_what_they_may() -> None:
    claims = TOKENS.read(
        token("leela", name="Leela", info={"avatar": "/l.png"}, docs={"article.*": "send"}), NOW
    )
    assert (claims.user, claims.name, claims.info) == ("leela", "Leela", b'{"avatar":"/l.png"}')
    assert claims.expires_at == NOW + HOUR
    assert claims.right_on(DOC) is Right.SEND
    assert claims.right_on(ids.parse_document("page.1")) is Right.NONE


def test_the_name_is_the_user_when_there_is_none() -> None:
    assert TOKENS.read(token("leela"), NOW).name == "leela"
    assert TOKENS.read(token("leela", name=""), NOW).name == "leela"
    assert TOKENS.read(token("leela", docs=None), NOW).rights == {}


def test_everybody_may_read_their_own_document() -> None:
    claims = TOKENS.read(token("a b", docs={}), NOW)
    assert claims.right_on(ids.document_id("user", "a b")) is Right.READ
    assert claims.right_on(ids.document_id("user", "c")) is Right.NONE


def test_a_user_too_long_for_a_document_of_their_own_is_let_in_all_the_same() -> None:
    claims = TOKENS.read(token("ü" * 60, docs={}), NOW)
    assert claims.own is None


def test_a_list_needs_the_right_on_its_whole_collection() -> None:
    assert TOKENS.read(token(docs={"article.*": "read"}), NOW).right_on(LIST) is Right.READ
    assert TOKENS.read(token(docs={"article.~": "edit"}), NOW).right_on(LIST) is Right.NONE


def test_rights_for_everybody_join_those_of_the_token() -> None:
    tokens = Tokens([KEY], rights={"draft.{sub}": "edit", "article.*": "read"})
    claims = tokens.read(token("le.ela", docs={"article.*": "send"}), NOW)
    assert claims.right_on(ids.parse_document("draft.le%2Eela")) is Right.EDIT
    assert claims.right_on(DOC) is Right.SEND


def test_any_of_the_keys_verifies() -> None:
    other = "x" * 32
    assert Tokens([other, KEY]).read(token(), NOW).user == "leela"
    with pytest.raises(TokenRefused, match="key that is not ours"):
        Tokens([other]).read(token(), NOW)
    with pytest.raises(TokenRefused, match="no key"):
        Tokens([]).read(token(), NOW)


def test_time_decides() -> None:
    with pytest.raises(TokenRefused, match="expired") as caught:
        TOKENS.read(token(), NOW + HOUR)
    assert caught.value.code is ErrorCode.EXPIRED
    assert TOKENS.read(token(), NOW + HOUR - 1).user == "leela"
    with pytest.raises(TokenRefused, match="not valid yet") as caught:
        TOKENS.read(token(nbf=NOW // 1000 + 60), NOW)
    assert caught.value.code is ErrorCode.UNAUTHORIZED


@pytest.mark.parametrize(
    "bad",
    [
        token(aud="something-else"),
        token(aud=None),
        token(exp=None),
        token(exp="soon"),
        token(exp=True),
        token(exp=1e300),
        token(nbf="now"),
        token(sub=None),
        token(""),
        token(7),
        token("x" * 129),
        token(name=["Leela"]),
        token(name="x" * 201),
        token(info=[]),
        token(info={"x": "y" * 1100}),
        token(docs=["article.*"]),
        token(docs={"article.*": "own"}),
        token(docs={"article.*": 3}),
        token(docs={f"article.{n}": "read" for n in range(501)}),
        token(docs={"x" * 201: "read"}),
        "",
        "not.a.token",
        "é.é.é",
        "x" * (TOKEN_BYTES + 1),
    ],
    ids=lambda bad: bad[-12:],
)
def test_anything_else_is_refused(bad: str) -> None:
    with pytest.raises(TokenRefused) as caught:
        TOKENS.read(bad, NOW)
    assert caught.value.code is ErrorCode.UNAUTHORIZED


def test_an_unsigned_token_is_refused() -> None:
    import jwt

    unsigned = jwt.encode({"sub": "fry", "aud": "presently", "exp": 9_999_999_999}, "", "none")
    with pytest.raises(TokenRefused):
        TOKENS.read(unsigned, NOW)
