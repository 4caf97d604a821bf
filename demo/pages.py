"""
The pages: what is shown, and what is saved.

An ordinary server-rendered application. It imports nothing of Presently: a save is an `UPDATE`,
and that the change reaches every screen is the database's doing (`capture.sql`), not this file's.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.templating import Jinja2Templates

from demo.articles import LONGEST_BODY, LONGEST_TITLE, STATUSES, Article, Articles, Draft
from demo.forms import LONGEST_FORM, BadForm, read_form
from demo.people import PEOPLE, Person, name_of
from demo.settings import Settings

TEMPLATES: Final = Jinja2Templates(Path(__file__).parent / "templates")
TEMPLATES.env.filters["name"] = name_of
TEMPLATES.env.trim_blocks = True
TEMPLATES.env.lstrip_blocks = True

EXAMPLE: Final = "UPDATE article SET title = 'Moon base' WHERE id = {id}"
DEFAULT_PORTS: Final = {"http": 80, "https": 443}


class Pages:
    """One method a page. Every page knows who is looking, by `?as=`."""

    def __init__(self, settings: Settings, articles: Articles) -> None:
        self._settings = settings
        self._articles = articles

    async def dashboard(self, request: Request) -> Response:
        """Show all documents, or ask who is there."""
        person = who(request)
        if person is None:
            return self.picker(request)
        articles = await self._articles.all()
        example = EXAMPLE.format(id=articles[0].id if articles else 1)
        return self._show(
            request,
            "dashboard.html",
            person,
            articles=articles,
            statement=example,
            psql_line=self._settings.psql_line(example),
            others=[other for other in PEOPLE.values() if other is not person][:3],
        )

    async def document(self, request: Request) -> Response:
        """Show one document."""
        person = who(request)
        if person is None:
            return self.picker(request)
        article = await self._articles.find(request.path_params["id"])
        if article is None:
            return self.missing(request)
        return self._show(request, "document.html", person, article=article)

    async def form(self, request: Request) -> Response:
        """Show the form of one document, filled from the row as it is now."""
        person = who(request)
        if person is None:
            return self.picker(request)
        article = await self._articles.find(request.path_params["id"])
        if article is None:
            return self.missing(request)
        draft = Draft(article.title, article.body, article.status, article.version)
        return self._form(request, person, article, draft)

    async def save(self, request: Request) -> Response:
        """Write the row and go to its page, or show the form again and say why not."""
        person = who(request)
        if person is None:
            return self.picker(request)
        try:
            posted = read_form(await _body(request))
        except BadForm as error:
            return self.missing(request, status=400, title="That did not work", why=str(error))
        id = request.path_params["id"]
        if not posted.problems and await self._articles.save(id, posted.draft, person.id):
            return RedirectResponse(link(person, f"/articles/{id}"), status_code=303)
        article = await self._articles.find(id)
        if article is None:
            return self.missing(request)
        late = posted.draft.fence is not None and posted.draft.fence < article.fence
        stale = late or posted.draft.version != article.version
        status = 422 if posted.problems else 409
        return self._form(
            request,
            person,
            article,
            posted.draft,
            status=status,
            problems=posted.problems,
            newer=article if stale else None,
            late=late,
        )

    async def rows(self, request: Request) -> Response:
        """Return every row as JSON, for a page that has been away."""
        articles = await self._articles.all()
        return _json([as_json(article) for article in articles])

    async def row(self, request: Request) -> Response:
        """Return one row as JSON, for a page that was told it has changed."""
        article = await self._articles.find(request.path_params["id"])
        if article is None:
            return _json({"error": "no such article"}, status=404)
        return _json(as_json(article))

    def picker(self, request: Request) -> Response:
        """Ask who is there; with 404 if it is somebody we do not know."""
        stranger = request.query_params.get("as", "")
        return self._show(
            request, "picker.html", None, status=404 if stranger else 200, stranger=stranger
        )

    def missing(
        self,
        request: Request,
        *,
        status: int = 404,
        title: str = "There is no such page",
        why: str = "It may have been deleted, or the link is wrong.",
    ) -> Response:
        """Show a page that says what went wrong and where to go from here."""
        return self._show(
            request, "missing.html", who(request), status=status, title=title, why=why
        )

    def _form(
        self,
        request: Request,
        person: Person,
        article: Article,
        draft: Draft,
        *,
        status: int = 200,
        problems: Mapping[str, str] | None = None,
        newer: Article | None = None,
        late: bool = False,
    ) -> Response:
        return self._show(
            request,
            "form.html",
            person,
            status=status,
            article=article,
            draft=draft,
            problems=problems or {},
            newer=newer,
            late=late,
            statuses=STATUSES,
            longest_title=LONGEST_TITLE,
            longest_body=LONGEST_BODY,
        )

    def _show(
        self,
        request: Request,
        template: str,
        person: Person | None,
        *,
        status: int = 200,
        **more: object,
    ) -> Response:
        url = request.url
        port = url.port or DEFAULT_PORTS.get(url.scheme, 80)
        context = {
            "me": person,
            "people": PEOPLE,
            "names": {other.id: other.name for other in PEOPLE.values()},
            "gateway": self._settings.gateway_url(url.scheme, url.hostname or "localhost", port),
            "link": lambda path: link(person, path),
            **more,
        }
        # A page that comes back from a cache would show yesterday's titles.
        return TEMPLATES.TemplateResponse(
            request, template, context, status_code=status, headers={"Cache-Control": "no-cache"}
        )


def who(request: Request) -> Person | None:
    """Return who is looking. A real application asks its session."""
    return PEOPLE.get(request.query_params.get("as", ""))


def link(person: Person | None, path: str) -> str:
    """Return a path that keeps the visitor, so that two can work in one browser."""
    return f"{path}?{urlencode({'as': person.id})}" if person else path


def as_json(article: Article) -> dict[str, object]:
    """Return a row as the pages' own scripts read it; the time in ISO 8601."""
    return {
        "id": article.id,
        "title": article.title,
        "body": article.body,
        "status": article.status,
        "version": article.version,
        "updated_by": article.updated_by,
        "updated_by_name": name_of(article.updated_by),
        "updated_at": article.updated_at.isoformat(),
    }


def _json(value: object, *, status: int = 200) -> Response:
    return JSONResponse(value, status_code=status, headers={"Cache-Control": "no-store"})


async def _body(request: Request) -> bytes:
    """Return the request's body, which may not grow past `LONGEST_FORM`."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_FORM:
            raise BadForm("The form is too long.")
    return bytes(body)
