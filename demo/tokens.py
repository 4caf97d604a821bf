"""The one place where the demo meets Presently on the server: a token for the browser."""

from typing import Final

from demo.people import Person
from presently import mint_token

RIGHTS: Final = {"article.*": "edit", "site.*": "read"}
"""Everybody edits every article and is seen on the site. Reading `user.<own id>` is implied."""

LIFETIME: Final = 3600
"""Seconds; the browser asks for a new token before the old one ends."""


def token_for(person: Person, key: str) -> str:
    """Return a signed token that says who somebody is and what they may do."""
    return mint_token(
        key,
        person.id,
        RIGHTS,
        name=person.name,
        info={"role": person.role, "tint": person.tint},
        ttl=LIFETIME,
    )
