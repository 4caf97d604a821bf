"""``SELECT presently.publish(…)``: events of the application's own."""

import asyncpg
import pytest

from tests.integration.producers.postgres.outbox_rows import Told, told


async def test_an_event_goes_with_the_writers_transaction(db: asyncpg.Connection) -> None:
    await db.execute("""SELECT presently.publish('article.42', 'comment.added', '{"by": "fry"}')""")
    await db.execute("SELECT presently.publish('article.42', 'looked', actor => 'leela')")
    await db.execute("SELECT presently.publish('article.42', 'looked', NULL, NULL)")
    await db.execute("BEGIN; SELECT presently.publish('article.42', 'never'); ROLLBACK")
    assert await told(db) == [
        Told("article.42", "comment.added", None, {"by": "fry"}),
        Told("article.42", "looked", "leela", {}),
        Told("article.42", "looked", None, {}),
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("'article', 'x'", "'article' is no document id"),
        ("'article.4 2', 'x'", "'article.4 2' is no document id"),
        ("E'article.42\\n', 'x'", "is no document id"),
        ("NULL, 'x'", "NULL is no document id"),
        ("'article.' || repeat('x', 81), 'x'", "is no document id"),
        ("'article.42', 'presently.change'", "event type 'presently.change' is reserved"),
        ("'article.42', ''", "'' is no event type"),
        ("'article.42', 'a..b'", "'a..b' is no event type"),
        ("'article.42', NULL", "NULL is no event type"),
        ("'article.42', repeat('x', 121)", "is no event type"),
        ("'article.42', 'x', '[]'", "data is a JSON array, not an object"),
        ("'article.42', 'x', 'null'", "data is a JSON null, not an object"),
        (
            "'article.42', 'x', jsonb_build_object('a', repeat('x', 65536))",
            "data is 65545 bytes of JSON",
        ),
        ("'article.42', 'x', '{}', repeat('x', 129)", "actor is longer than 128 bytes"),
    ],
)
async def test_a_mistake_is_told_to_its_maker(
    db: asyncpg.Connection, arguments: str, words: str
) -> None:
    with pytest.raises(asyncpg.PostgresError) as caught:
        await db.execute(f"SELECT presently.publish({arguments})")
    assert words in str(caught.value)


@pytest.mark.parametrize("words", ["'a'", "'a', ''", "'a', NULL", "'a','b','c','d','e','f'"])
async def test_words_that_make_no_document(db: asyncpg.Connection, words: str) -> None:
    with pytest.raises(asyncpg.InvalidParameterValueError, match="do not make a document id"):
        await db.execute(f"SELECT presently.document_id({words})")
