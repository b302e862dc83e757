"""Whose browser it is: its key, what is its own on a host, and what others see by its links."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from ann_core.runs.dataset_owners import run_key
from tests.browser.conftest import Server, run_server
from tests.browser.visitor import Visitor
from tests.helpers.owned import (
    FIRST,
    LOOKED_AT,
    SECRETS,
    TRAINED,
    info_of,
    make_owned,
    run_of,
)

KEPT = "localStorage.getItem('flatland.owner')"
BLOCKED = """Object.defineProperty(window, "localStorage", {
    get() { throw new DOMException("no storage here", "SecurityError") },
})"""
PAGES = ("Explore", "Train")
PATHS = ("", "dataset", "pixels", "training", "results", "comparison", "prediction")
FORGED = (f"data={LOOKED_AT}&pictures={'x' * 32}", f"data={TRAINED}&open=3&picture=3")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A host on which somebody has a data set and a run."""
    folder = tmp_path_factory.mktemp("host")
    make_owned(folder / "data", tmp_path_factory)
    hosted = {"ANN_PROFILE": "hosted"}
    with run_server(folder / "data", log=folder / "streamlit.log", env=hosted) as running:
        yield running


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
    visitor.press("Your networks on another device")
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


def test_a_second_visitor_finds_nothing_of_the_first_but_by_a_link(
    newcomer: Callable[[], Visitor], server: Server
) -> None:
    first, second = newcomer(), newcomer()
    first.page.add_init_script(f"localStorage.setItem('flatland.owner', '{FIRST}')")
    first.open(server.page_url("dataset"))
    first.sees("60 pictures of 2 classes")
    heard = listen(second.page)
    for path in PATHS:
        second.open(server.page_url(path))
        assert betrayed(second, heard) == [], path
    for query in FORGED:
        second.open(server.page_url(f"dataset?{query}"))
        second.sees("link")
        assert betrayed(second, []) in ([], [b"secretpets"])  # as they called it themselves

    run_id, key = run_of(server.data_dir), run_key(info_of(server.data_dir), "")
    second.open(server.page_url(f"results?run={run_id}&part=Pictures"))
    second.sees("The owner of this network has shared its figures only")
    second.open(server.page_url(f"results?run={run_id}&part=Pictures&pictures={key}"))
    second.sees("This link does not open any pictures of this network")
    assert not any(b"secretfile" in message for message in heard)
    first.open(server.page_url(f"results?run={run_id}"))
    first.press("Share")
    first.pick("With pictures")
    code = first.page.get_by_test_id("stCode")
    expect(code).to_contain_text("pictures=")
    link = code.inner_text().strip()
    second.open(f"{link}&part=Pictures")
    second.sees("pictures: most confident mistakes")
    second.go("Predict")
    second.sees("Its answer: ")
    assert link.partition("pictures=")[2] in second.page.url
    assert [*first.errors, *second.errors] == []


def listen(page: Page) -> list[bytes]:
    """Take down every message that a page is sent."""
    heard: list[bytes] = []

    def take_down(payload: str | bytes) -> None:
        heard.append(payload.encode() if isinstance(payload, str) else payload)

    page.on("websocket", lambda socket: socket.on("framereceived", take_down))
    return heard


def betrayed(visitor: Visitor, heard: list[bytes]) -> list[bytes]:
    """What a page says, or was sent, of what is somebody else's."""
    texts = [visitor.page.content().encode(), *heard]
    return [secret for secret in SECRETS if any(secret in text for text in texts)]


def enter(page: Page, key: str) -> None:
    """Go on with the runs of another browser."""
    page.get_by_role("button", name="Your networks on another device", exact=True).click()
    field = page.get_by_role("textbox", name="Key of the other browser")
    field.fill(key)
    field.press("Enter")
    page.get_by_role("button", name="Use this key").click()
    page.keyboard.press("Escape")
