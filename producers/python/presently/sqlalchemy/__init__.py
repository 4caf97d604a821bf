"""SQLAlchemy 2, with and without asyncio: what is flushed is told, if and only if it commits.

    Session = announcing(sessionmaker(engine), languages=("en", "de"))

    class Article(Announced, Base):
        def announcement(self, op: str, lang: str) -> Mapping[str, object]:
            return {"title": f"{self.title} saved", "url": f"/articles/{self.id}"}

Reading order: ``announced`` what a class says of itself, ``told`` one event, ``actor`` who does
it, ``outbox`` and ``after_commit`` the two ways out, ``sessions`` when, ``announce`` events of
your own, ``schema`` for Alembic.
"""

from presently.sqlalchemy.actor import acting
from presently.sqlalchemy.announce import announce, invalidate
from presently.sqlalchemy.announced import Announced, pause
from presently.sqlalchemy.schema import capture, install, release
from presently.sqlalchemy.sessions import announcing

__all__ = [
    "Announced",
    "acting",
    "announce",
    "announcing",
    "capture",
    "install",
    "invalidate",
    "pause",
    "release",
]
