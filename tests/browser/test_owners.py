"""A browser keeps the key of its runs to itself: through reloads, tabs and pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Server
from tests.browser.visitor import Visitor

KEPT = "localStorage.getItem('flatland.owner')"
BLOCKED = """Object.defineProperty(window, "localStorage", {
    get() { throw new DOMException("no storage here", "SecurityError") },
})"""
PAGES = ("Explore", "Train")


@pytest.fixture
def newcomer(
    browser: Browser, browser_context_args: dict[str, object]
) -> Iterator[Callable[[], Visitor]]:
    """Make somebody with a browser of their own."""
    contexts = []

    def arrive() -> Visitor:
        contexts.append(browser.new_context(**browser_context_args))  # type: ignore[arg-type]
        return Visitor(contexts[-1].new_page())

    yield arrive
    for context in contexts:
        context.close()


def kept_key(visitor: Visitor) -> str:
    visitor.page.wait_for_function(KEPT)
    return str(visitor.page.evaluate(KEPT))


def shown_key(visitor: Visitor) -> str:
    """Read the key that the page says is this browser's."""
    visitor.press("Your runs on another device")
    code = visitor.page.get_by_test_id("stPopoverBody").get_by_test_id("stCode")
    expect(code).to_be_visible()
    key = code.inner_text().strip()
    visitor.page.keyboard.press("Escape")
    expect(code).to_have_count(0)
    return key


def test_a_browser_keeps_its_key_and_tells_no_address(
    newcomer: Callable[[], Visitor], server: Server
) -> None:
    visitor = newcomer()
    visitor.open(server.page_url("training"))
    key = kept_key(visitor)
    assert len(key) == 32
    visitor.page.reload()
    visitor.settled()
    assert kept_key(visitor) == shown_key(visitor) == key
    for page in PAGES:
        visitor.go(page)
        assert key not in visitor.page.url
    assert shown_key(visitor) == key
    tab = Visitor(visitor.page.context.new_page())
    tab.open(server.url)
    assert shown_key(tab) == key
    other = newcomer()
    other.open(server.url)
    assert kept_key(other) != key
    assert [*visitor.errors, *tab.errors, *other.errors] == []


def test_a_key_can_be_taken_to_another_device(
    newcomer: Callable[[], Visitor], server: Server
) -> None:
    laptop, phone = newcomer(), newcomer()
    laptop.open(server.url)
    phone.open(server.url)
    key = kept_key(laptop)
    assert kept_key(phone) != key
    enter(phone.page, "not a key")
    assert phone.sentence().startswith("Expected a key of 32 letters")
    enter(phone.page, key)
    phone.page.wait_for_function(f"{KEPT} === '{key}'")
    phone.page.reload()
    phone.settled()
    assert shown_key(phone) == key
    assert kept_key(laptop) == key
    assert [*laptop.errors, *phone.errors] == []


def test_where_a_browser_keeps_nothing_the_key_lasts_as_long_as_the_page(
    newcomer: Callable[[], Visitor], server: Server
) -> None:
    visitor = newcomer()
    visitor.page.add_init_script(BLOCKED)
    visitor.open(server.url)
    key = shown_key(visitor)
    assert len(key) == 32
    visitor.go("Train")
    assert shown_key(visitor) == key
    visitor.sees_no_error()


def enter(page: Page, key: str) -> None:
    """Go on with the runs of another browser."""
    page.get_by_role("button", name="Your runs on another device", exact=True).click()
    field = page.get_by_role("textbox", name="Key of the other browser")
    field.fill(key)
    field.press("Enter")
    page.get_by_role("button", name="Use this key").click()
    page.keyboard.press("Escape")
