"""Somebody at the demo, in a browser of their own: what they do, and what they see."""

import re
from dataclasses import dataclass, field

from playwright.async_api import Locator, Page, expect

from tests.support.dev_stack import DevStack

WATCH = """
(selector) => {
  const seen = (window.seen ??= {});
  const look = () => {
    const element = document.querySelector(selector);
    const said = element?.checkVisibility() ? element.textContent : null;
    const list = (seen[selector] ??= []);
    if (said !== null && list.at(-1) !== said) list.push(said);
  };
  look();
  new MutationObserver(look).observe(document.body,
    { subtree: true, childList: true, characterData: true, attributes: true });
}
"""
"""Keeps every text an element has shown, even for a moment between two looks of ours."""

NOTES = """
window.notes = [];
window.Notification = class extends window.Notification {
  constructor(title, options) { super(title, options); window.notes.push(this); }
};
"""
"""Keeps the notifications of a page; they are real ones, if the browser allows them."""


@dataclass
class Visitor:
    """One page of one user. Everything asked of it waits, up to Playwright's time-out."""

    id: str
    page: Page
    stack: DevStack
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    # --- where they go ----------------------------------------------------------------

    async def dashboard(self) -> None:
        """Open the first page."""
        await self.page.goto(f"{self.stack.demo}/?as={self.id}")

    async def go_home(self) -> None:
        """Go back to the dashboard by its link."""
        await self.page.get_by_role("link", name="Presently").click()
        await expect(self.page.get_by_role("heading", name="Documents")).to_be_visible()

    async def open(self, title: str) -> None:
        """Open a document from the dashboard."""
        await self.page.get_by_role("link", name=title, exact=True).click()
        await expect(self.page.get_by_role("heading", name=title, exact=True)).to_be_visible()

    async def edit(self) -> None:
        """Open the form of the document, without touching it."""
        await self.page.get_by_role("link", name="Edit", exact=True).click()
        await expect(self.page.get_by_label("Title")).to_be_visible()

    async def save(self) -> None:
        """Send the form and arrive at the document's page."""
        await self.page.get_by_role("button", name="Save").click()
        await expect(self.page.get_by_role("link", name="Edit", exact=True)).to_be_visible()

    async def leave(self) -> None:
        """Close the page as a person does: with time to say goodbye."""
        await self.page.goto("about:blank")

    # --- what they see ----------------------------------------------------------------

    def row(self, id: int) -> Locator:
        """A document's row on the dashboard."""
        return self.page.locator(f'[data-documents] [data-id="{id}"]')

    async def sees_people(self, count: int) -> None:
        """Wait until the counter says so many people are here."""
        noun = "person" if count == 1 else "people"
        await expect(self.page.locator("[data-count]")).to_have_text(f"{count} {noun} here")

    async def sees(self, id: int, color: str, words: str) -> None:
        """Wait until a row of the dashboard has this colour, and says why."""
        pill = self.row(id).locator("[data-pill]")
        await expect(pill).to_be_visible()
        await expect(pill.locator("[data-words]")).to_have_text(words)
        await expect(pill).to_have_attribute("data-color", color)

    async def sees_here(self, color: str, words: str) -> None:
        """Wait until the page of a document has this colour, and says who else is here."""
        pill = self.page.locator(".presence [data-pill]")
        await expect(pill.locator("[data-words]")).to_have_text(words)
        await expect(pill).to_have_attribute("data-color", color)

    async def is_at(self, path: str) -> None:
        """Wait until the address is this page's."""
        url = re.escape(f"{self.stack.demo}{path}?as={self.id}")
        await expect(self.page).to_have_url(re.compile(f"^{url}$"))

    # --- what they have seen ----------------------------------------------------------

    async def watch(self, selector: str) -> None:
        """Keep from now on every text that an element of this page shows."""
        await self.page.evaluate(WATCH, selector)

    async def seen(self, selector: str) -> list[str]:
        """Return the texts shown since `watch`, oldest first."""
        seen: list[str] = await self.page.evaluate("(selector) => window.seen[selector]", selector)
        return seen

    async def notified(self) -> list[str]:
        """Return the titles of the notifications this page has had."""
        titles: list[str] = await self.page.evaluate("() => window.notes.map((n) => n.title)")
        return titles
