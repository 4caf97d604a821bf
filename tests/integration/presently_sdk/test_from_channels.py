"""``docs/from-channels.md`` quotes the example, and its commands are there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "from-channels.md").read_text("utf-8")
EXAMPLE = ROOT / "examples" / "django" / "talk"


def test_every_snippet_is_a_part_of_the_example() -> None:
    sources = [path.read_text("utf-8") for path in EXAMPLE.rglob("*.*") if path.suffix != ".pyc"]
    snippets = re.findall(r"```(?:python|js)\n(.*?)```", PAGE, re.DOTALL)
    assert len(snippets) == 5
    assert [text for text in snippets if not any(text in source for source in sources)] == []


def test_what_it_links_to_is_there() -> None:
    links = re.findall(r"\]\(([^)#]+)", PAGE)
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []


def test_the_example_is_about_a_hundred_lines() -> None:
    """Its models, views, URLs and templates; settings are mostly Django's own."""
    files = [EXAMPLE / "models.py", EXAMPLE / "urls.py", *EXAMPLE.rglob("*.html")]
    lines = sum(len(path.read_text("utf-8").splitlines()) for path in files)
    assert lines <= 125
