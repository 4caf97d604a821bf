"""Tokens: who is it, and what may they do. HS256 JWTs; the one place to plug another scheme in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import jwt
import msgspec

from schemas import ids, limits
from schemas.errors import ErrorCode, InvalidDocument
from schemas.ids import DocumentId, UserId
from schemas.rights import NAMES, Right, right_on, right_on_collection

TOKEN_BYTES: Final = 16 * 1024
PATTERNS: Final = 500
"""Entries of a token's ``docs``."""
LEEWAY_MS: Final = 5_000
"""How far the clock of whoever signs may be ahead of ours (``nbf``)."""
SUB: Final = "{sub}"


class TokenRefused(Exception):
    """This token opens nothing.

    Attributes:
        code: ``expired`` when only its time is over, else ``unauthorized``.
    """

    def __init__(self, why: str, code: ErrorCode = ErrorCode.UNAUTHORIZED) -> None:
        super().__init__(why)
        self.code = code


@dataclass(frozen=True, slots=True)
class Claims:
    """What a good token says.

    Attributes:
        info: JSON object, shown to others beside the name.
        expires_at: Unix milliseconds.
        own: The user's own document, which they may always read.
    """

    user: UserId
    name: str
    info: bytes
    rights: Mapping[str, Right]
    expires_at: int
    own: DocumentId | None

    def right_on(self, document: DocumentId) -> Right:
        """A list needs the right on the whole collection."""
        if ids.is_list(document):
            return right_on_collection(ids.collection_of(document), self.rights)
        right = right_on(document, self.rights)
        return max(right, Right.READ) if document == self.own else right


class Tokens:
    """Checks tokens against several keys, so that a key can be changed without a gap."""

    def __init__(
        self,
        keys: Sequence[str],
        *,
        audience: str = "presently",
        rights: Mapping[str, str] | None = None,
    ) -> None:
        self._keys = tuple(keys)
        self._audience = audience
        self._everybody = {pattern: NAMES[name] for pattern, name in (rights or {}).items()}

    def read(self, token: str, now: int) -> Claims:
        """Check ``token`` at ``now`` (Unix milliseconds).

        Raises:
            TokenRefused: With a reason fit for whoever sent it.
        """
        if len(token) > TOKEN_BYTES:
            raise TokenRefused(f"the token is larger than {TOKEN_BYTES} bytes")
        said = self._verified(token)
        _check_time(said, now)
        user = _text(said, "sub", limits.USER_BYTES)
        if not user:
            raise TokenRefused("the token's sub is empty")
        name = _text(said, "name", limits.NAME_BYTES) if "name" in said else user
        return Claims(
            user=UserId(user),
            name=name or user,
            info=_info(said.get("info")),
            rights=self._rights(said.get("docs"), user),
            expires_at=int(said["exp"] * 1000),
            own=_own_document(UserId(user)),
        )

    def _verified(self, token: str) -> dict[str, Any]:
        why = "no key is configured"
        for key in self._keys:
            try:
                return jwt.decode(
                    token,
                    key,
                    algorithms=["HS256"],
                    audience=self._audience,
                    options={
                        "require": ["sub", "exp", "aud"],
                        "verify_exp": False,
                        "verify_nbf": False,
                        "verify_iat": False,
                    },
                )
            except jwt.InvalidSignatureError:
                why = "signed with a key that is not ours"
            except (jwt.InvalidTokenError, ValueError, RecursionError) as error:
                raise TokenRefused(f"no good token: {error}") from None
        raise TokenRefused(why)

    def _rights(self, docs: object, user: str) -> Mapping[str, Right]:
        rights = {
            pattern.replace(SUB, ids.encode_word(user)): right
            for pattern, right in self._everybody.items()
        }
        if docs is None:
            return rights
        if not isinstance(docs, dict) or len(docs) > PATTERNS:
            raise TokenRefused(f"the token's docs is no object of at most {PATTERNS} patterns")
        for pattern, name in docs.items():
            right = NAMES.get(name) if isinstance(name, str) else None
            if right is None or len(pattern) > limits.DOCUMENT_BYTES:
                raise TokenRefused(f"the token's docs: {pattern[:80]!r} is not read, send or edit")
            rights[pattern] = max(right, rights.get(pattern, Right.NONE))
        return rights


def _check_time(said: dict[str, Any], now: int) -> None:
    expires, begins = said["exp"], said.get("nbf", 0)
    for name, value in (("exp", expires), ("nbf", begins)):
        if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e11:
            raise TokenRefused(f"the token's {name} is no time in seconds")
    if expires * 1000 <= now:
        raise TokenRefused("the token has expired", ErrorCode.EXPIRED)
    if begins * 1000 > now + LEEWAY_MS:
        raise TokenRefused("the token is not valid yet")


def _text(said: dict[str, Any], name: str, most: int) -> str:
    value = said[name]
    if not isinstance(value, str) or len(value.encode("utf-8", "replace")) > most:
        raise TokenRefused(f"the token's {name} is no text of at most {most} bytes")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise TokenRefused(f"the token's {name} is no Unicode text") from None
    return value


def _info(value: object) -> bytes:
    if value is None:
        return b"{}"
    try:
        info = msgspec.json.encode(value)
    except (UnicodeEncodeError, ValueError):
        raise TokenRefused("the token's info is no Unicode text") from None
    if not isinstance(value, dict) or len(info) > limits.INFO_BYTES:
        raise TokenRefused(f"the token's info is no object of at most {limits.INFO_BYTES} bytes")
    return info


def _own_document(user: UserId) -> DocumentId | None:
    try:
        return ids.user_document(user)
    except InvalidDocument:
        return None
