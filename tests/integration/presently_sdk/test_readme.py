"""The snippets of ``producers/python/README.md`` run as they stand, against a running Presently."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import jwt
import pytest

from presently import PresentlyError, Publisher
from tests.support.dev_stack import DevStack

README = Path(__file__).parents[3] / "producers" / "python" / "README.md"
TEXT = README.read_text("utf-8")
DJANGO = re.compile(r"^## Django\n.*?(?=^## )", re.DOTALL | re.MULTILINE)
"""Its section; ``test_readme_django.py`` makes a project of it."""
SNIPPETS = re.findall(r"```python\n(.*?)```", DJANGO.sub("", TEXT), re.DOTALL)
KEY = "k" * 32


@pytest.mark.postgres
async def test_every_snippet_runs(
    dev_stack: DevStack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PRESENTLY_URL", dev_stack.api)
    monkeypatch.setenv("PRESENTLY_API_KEY", dev_stack.api_key)
    names: dict[str, Any] = {"KEY": dev_stack.api_key, "JWT_KEY": KEY}
    for snippet in SNIPPETS:
        if "sqlalchemy" in snippet or "Session" in snippet or "celery" in snippet:
            continue  # test_readme_sqlalchemy.py runs those
        text = snippet.replace("http://127.0.0.1:8002", dev_stack.api)
        await asyncio.to_thread(exec, text, names)
    await names["comment"]("1 a", "nice")
    names["test_a_comment_is_told"]()
    names["publisher"].close()
    claims = jwt.decode(names["token"], KEY, algorithms=["HS256"], audience="presently")
    assert (claims["sub"], claims["name"]) == ("fry", "Philip J. Fry")
    assert capsys.readouterr().out == "()\n"  # nobody is there, and no snippet met an error


@pytest.mark.postgres
async def test_a_key_in_the_url_and_a_missing_one(
    dev_stack: DevStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PRESENTLY_API_KEY", raising=False)
    with_key = dev_stack.api.replace("://", f"://{dev_stack.api_key}@")
    async with Publisher(with_key, source="/shop") as publisher:
        assert await publisher.publish("article.1", "a.b")
    async with Publisher(dev_stack.api, source="/shop") as publisher:
        with pytest.raises(PresentlyError, match="no API key: api_key=, PRESENTLY_API_KEY"):
            await publisher.publish("article.1", "a.b")
