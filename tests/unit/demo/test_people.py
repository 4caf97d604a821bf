from pathlib import Path

from demo.people import PEOPLE, name_of

STYLE = Path(__file__).parents[3] / "demo" / "static" / "base.css"


def test_a_stranger_goes_by_their_id() -> None:
    assert name_of("fry") == "Fry"
    assert name_of("psql") == "psql"


def test_everybody_has_a_colour_of_their_own() -> None:
    tints = [person.tint for person in PEOPLE.values()]
    assert len(set(tints)) == len(tints)
    style = STYLE.read_text()
    without = [tint for tint in tints if f'[data-tint="{tint}"]' not in style]
    assert without == ["steel"]  # the colour of a face that has none
