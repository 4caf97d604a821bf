"""Who can walk in. A real application asks its session; the demo asks `?as=`."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Person:
    """Somebody with a name. `tint` is a colour of `static/base.css`, the same in every window."""

    id: str
    name: str
    role: str
    tint: str


PEOPLE: Final = {
    person.id: person
    for person in (
        Person("leela", "Leela", "Captain", "violet"),
        Person("fry", "Fry", "Delivery boy", "orange"),
        Person("zoidberg", "Zoidberg", "Doctor", "rose"),
        Person("amy", "Amy", "Engineer", "pink"),
        Person("hermes", "Hermes", "Bureaucrat", "moss"),
        Person("bender", "Bender", "Bending unit", "steel"),
        Person("farnsworth", "Farnsworth", "Professor", "teal"),
    )
}


def name_of(id: str) -> str:
    """Return how a page calls a writer; one we do not know (a script, `psql`) by its own id."""
    person = PEOPLE.get(id)
    return person.name if person else id
