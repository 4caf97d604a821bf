"""The pages for everybody: on a phone, by keyboard, in the dark, and without gateway or network."""

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Visit
from tests.browser.visitor import NOTES, Visitor
from tests.support.dev_stack import DevStack

pytestmark = pytest.mark.browser

MakeDocument = Callable[[str], Awaitable[int]]

CONTRAST = """
() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgb = (color, under) => {
    for (const fill of [under, color]) { canvas.fillStyle = fill; canvas.fillRect(0, 0, 1, 1); }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = (channels) => {
    const [r, g, b] = channels.map((c) => c / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    const under = element.parentElement ? ground(element.parentElement) : "#fff";
    const [r, g, b] = rgb(getComputedStyle(element).backgroundColor, under);
    return `rgb(${r} ${g} ${b})`;
  };
  const poor = [];
  for (const element of document.querySelectorAll("main *, header *")) {
    const text = [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!text || !element.checkVisibility()) continue;
    const behind = ground(element);
    const front = rgb(getComputedStyle(element).color, behind);
    const [a, b] = [light(front), light(rgb(behind, "#fff"))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) poor.push(`${element.className} ${element.textContent.trim()}: ${ratio}`);
  }
  return poor;
}
"""
"""Texts with less contrast than WCAG 2.2, success criterion 1.4.3, asks of normal text: 4.5."""

BADGES = """
() => [...document.querySelectorAll(".status")].map((badge) => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const light = (element) => {
    canvas.fillStyle = getComputedStyle(element).backgroundColor;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((c) => c / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [a, b] = [light(badge), light(badge.closest(".documents"))];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
})
"""
"""How much each status badge stands out from its card, as a contrast ratio."""

SEEN_AS_A_BADGE = 1.2
"""Enough for a shape that only holds a text; the text itself has `CONTRAST`."""

NO_GATEWAY = """
window.WebSocket = class extends window.WebSocket {
  constructor() { super("ws://127.0.0.1:9/"); }
};
"""


async def every_page(visitor: Visitor, id: int) -> list[str]:
    """Return the addresses of the demo's pages."""
    demo, query = visitor.stack.demo, f"?as={visitor.id}"
    paths = ["/", f"/articles/{id}", f"/articles/{id}/edit", "/nowhere"]
    return [f"{demo}/", f"{demo}/?as=nobody", *(f"{demo}{path}{query}" for path in paths)]


@pytest.mark.parametrize("width", [320, 390, 768, 1440])
async def test_no_page_is_wider_than_its_window(
    visit: Visit, document: MakeDocument, width: int
) -> None:
    id = await document("A title that goes on and on, " + "x" * 80)
    leela = await visit("leela", width=width)
    for address in await every_page(leela, id):
        await leela.page.goto(address)
        over = await leela.page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
        assert over <= 0, address


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_text_has_contrast(visit: Visit, document: MakeDocument, scheme: str) -> None:
    id = await document("Contrast")
    leela, fry, amy = await visit("leela"), await visit("fry"), await visit("amy")
    await leela.page.emulate_media(
        color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce"
    )
    for address in await every_page(leela, id):
        await leela.page.goto(address)
        assert await leela.page.evaluate(CONTRAST) == [], address
    await leela.dashboard()
    for visitor in (fry, amy):
        await visitor.dashboard()
    await amy.open("Contrast")
    await leela.sees(id, "yellow", "read by Amy")
    assert await leela.page.evaluate(CONTRAST) == []
    await fry.open("Contrast")
    await fry.edit()
    await fry.page.get_by_label("Title").focus()
    await leela.sees(id, "red", "edited by Fry, read by Amy")
    assert await leela.page.evaluate(CONTRAST) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_badges_stand_out_from_their_cards(visit: Visit, scheme: str) -> None:
    leela = await visit("leela")
    await leela.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    await leela.dashboard()
    ratios = await leela.page.evaluate(BADGES)
    assert len(ratios) >= 6
    assert min(ratios) >= SEEN_AS_A_BADGE


async def test_the_keyboard_is_enough(visit: Visit, document: MakeDocument) -> None:
    id = await document("Keys")
    leela, fry = await visit("leela"), await visit("fry")
    await fry.dashboard()
    await leela.dashboard()
    keyboard = leela.page.keyboard
    await keyboard.press("Tab")
    await expect(leela.page.get_by_role("link", name="Skip to the content")).to_be_focused()
    await keyboard.press("Enter")
    await leela.page.get_by_role("link", name="Keys", exact=True).focus()
    await keyboard.press("Enter")
    await leela.is_at(f"/articles/{id}")
    await leela.page.get_by_role("link", name="Edit", exact=True).focus()
    await keyboard.press("Enter")
    await leela.page.get_by_label("Title").focus()
    await fry.sees(id, "red", "edited by Leela")
    await keyboard.press("End")
    await keyboard.type(" on a chain")
    await keyboard.press("Enter")
    await leela.is_at(f"/articles/{id}")
    await expect(fry.row(id).locator("[data-title]")).to_have_text("Keys on a chain")


async def test_without_a_gateway_the_pages_are_there_and_say_so(
    visit: Visit, document: MakeDocument
) -> None:
    await document("Alone")
    leela = await visit("leela", beforehand=NOTES + NO_GATEWAY)
    await leela.dashboard()
    await expect(leela.page.get_by_text("offline, reconnecting…")).to_be_visible()
    await expect(leela.page.locator("[data-pill]").first).to_be_hidden()
    await leela.open("Alone")
    await leela.edit()
    await leela.page.get_by_label("Title").fill("Alone, and saved")
    await leela.save()
    await expect(leela.page.get_by_role("heading", name="Alone, and saved")).to_be_visible()


async def test_without_a_network_a_page_says_so_until_it_is_back(
    visit: Visit, document: MakeDocument, dev_stack: DevStack
) -> None:
    id = await document("Adrift")
    leela, fry = await visit("leela"), await visit("fry")
    await fry.dashboard()
    await fry.open("Adrift")
    await leela.dashboard()
    await leela.sees(id, "yellow", "read by Fry")
    await fry.page.context.set_offline(True)
    await expect(fry.page.locator("html")).to_have_attribute("data-live", "offline")
    await expect(fry.page.get_by_text("offline, reconnecting…")).to_be_visible()
    await fry.page.context.set_offline(False)
    await expect(fry.page.get_by_text("offline, reconnecting…")).to_be_hidden()
    await dev_stack.psql(f"UPDATE article SET title = 'Ashore' WHERE id = {id}")
    await expect(fry.page.get_by_role("heading", name="Ashore")).to_be_visible()
    await leela.sees(id, "yellow", "read by Fry")
