"""Somebody with a browser: does what people do, and waits as they wait."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Error, Frame, Locator, Page, TimeoutError, expect

SECONDS = 30.0  # for what takes no second on an idle computer
expect.set_options(timeout=1000 * SECONDS)

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
_IN_SCHEME = """scheme => {
    const app = document.querySelector("[data-testid=stApp]")
    const [red] = getComputedStyle(app).backgroundColor.match(/\\d+/)
    return (red < 128) === (scheme === "dark")
}"""

# What goes on for ever, such as a spinner, is no opening panel.
_AT_REST = """() => document.getAnimations().every(
    animation => animation.effect.getComputedTiming().endTime === Infinity
)"""

# Errors in the browser's console that are Streamlit's own.
UPSTREAM_ERRORS = (
    # On a deep link, it looks for its server beside the page first, and then at the root.
    re.compile(r"404 .*/\w+/_stcore/(health|host-config)\)$"),
)


@dataclass
class Visitor:
    """A page of a browser, and the errors that its console has told so far."""

    page: Page
    errors: list[str] = field(default_factory=list)
    origins: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.page.on("console", self._listen)
        self.page.on("pageerror", self._note)
        self.page.on("framenavigated", self._remember)

    def clear_page(self) -> None:
        """Make the page as a newcomer finds it: empty, without memory, with nobody listening."""
        page = self.page
        page.remove_listener("console", self._listen)
        page.remove_listener("pageerror", self._note)
        page.remove_listener("framenavigated", self._remember)
        if page.url.startswith("http"):
            # The page may want to ask whether to leave it.
            page.evaluate("sessionStorage.clear(); window.onbeforeunload = null")
        page.goto("about:blank")
        storage = page.context.new_cdp_session(page)
        for origin in self.origins:
            kinds = {"origin": origin, "storageTypes": "cookies,local_storage,indexeddb"}
            storage.send("Storage.clearDataForOrigin", kinds)
        storage.detach()

    def open(self, address: str) -> None:
        self.page.goto(address)
        self.settled()

    def settled(self) -> None:
        """Wait until the script of the page has run, and what it sent is drawn."""
        page = self.page
        app = page.locator("[data-testid='stApp'][data-test-script-state='notRunning']")
        expect(app).to_be_visible()
        expect(page.get_by_role("heading", level=1).first).to_be_visible()
        expect(page.get_by_test_id("stSkeleton")).to_have_count(0)

    def at_rest(self) -> None:
        """Wait until nothing moves: who clicks into a panel that is still opening may miss."""
        self.page.wait_for_function(_AT_REST)

    def seen(self) -> str:
        """Return the address and the text of the page as it stands, for the report of a failure."""
        with suppress(Error):
            text = self.page.get_by_test_id("stApp").inner_text(timeout=5000)
            return f"{self.page.url}\n{text}"
        return f"{self.page.url}\nNothing can be read."

    def go(self, name: str) -> None:
        """Follow an entry of the navigation."""
        self.page.get_by_role("navigation").get_by_role("link", name=name, exact=True).click()
        self.sees_page(name)

    def sees_page(self, title: str) -> None:
        heading = self.page.get_by_role("heading", level=1, name=title, exact=True)
        expect(heading).to_be_visible()
        self.settled()

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def pick(self, name: str) -> None:
        """Choose one of several buttons."""
        self.page.get_by_role("radio", name=name, exact=True).click()
        self.settled()

    def choose(self, label: str, option: str) -> None:
        """Choose from a list that opens."""
        choice = self.page.get_by_role("option", name=option)
        for _ in range(5):
            self.page.get_by_role("combobox", name=label).click()
            with suppress(TimeoutError):  # the page was drawn anew, and its list has closed
                choice.wait_for(timeout=5000)
                break
            self.page.keyboard.press("Escape")
        choice.click()
        self.settled()

    def unfold(self, name: str) -> None:
        """Open what is folded away."""
        self.page.locator("summary").filter(has_text=name).click()
        self.settled()
        self.at_rest()

    def slide(self, label: str, *keys: str) -> None:
        """Move a slider by keys, such as "ArrowRight" or "End"."""
        slider = self.page.get_by_role("slider", name=re.compile(rf"^{re.escape(label)}\b"))
        slider.focus()
        for key in keys:
            slider.press(key)
        self.settled()

    def reads(self, metric: str, value: str | re.Pattern[str], seconds: float = SECONDS) -> None:
        """Wait until a figure with a name has this value."""
        box = self.page.get_by_test_id("stMetric").filter(has_text=metric)
        shown = box.get_by_test_id("stMetricValue")
        expect(shown).to_have_text(value, timeout=seconds * 1000)

    def image(self, alt: str) -> Locator:
        """An image, by the beginning of what it says to those who cannot see it."""
        return self.page.get_by_role("img", name=re.compile(rf"^{re.escape(alt)}"))

    def upload(self, name: str, content: bytes, kind: str = "application/octet-stream") -> None:
        self.page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(
            {"name": name, "mimeType": kind, "buffer": content}
        )
        expect(self.page.get_by_text(name)).to_be_visible()
        self.settled()

    def sees(self, text: str | re.Pattern[str], seconds: float = SECONDS) -> None:
        expect(self.page.get_by_text(text).first).to_be_visible(timeout=seconds * 1000)

    def sees_charts(self, number: int) -> None:
        """Wait until so many charts are drawn, with something in each."""
        charts = self.page.locator("[data-testid=stVegaLiteChart], [data-testid=stPlotlyChart]")
        expect(charts).to_have_count(number)
        drawn = charts.filter(has=self.page.locator("svg, canvas"))
        expect(drawn).to_have_count(number)

    def takes_scheme(self, scheme: Literal["light", "dark"]) -> None:
        """Set the computer to light or dark, and wait until the page has followed."""
        self.page.emulate_media(color_scheme=scheme)
        self.page.wait_for_function(_IN_SCHEME, arg=scheme)
        self.settled()

    def sees_no_error(self) -> None:
        """Neither a sentence of ours nor Streamlit's box for what nobody foresaw."""
        expect(self.page.get_by_test_id("stException")).to_have_count(0)
        expect(self.page.get_by_test_id("stAlertContentError")).to_have_count(0)

    def sentence(self, words: str = "") -> str:
        """Read the one error that the page shows, once it has these words.

        It must not be Streamlit's own box.
        """
        expect(self.page.get_by_test_id("stException")).to_have_count(0)
        alert = self.page.get_by_test_id("stAlertContentError")
        # One of the page before may still stand there while its place is filled anew.
        expect(alert.filter(has_text=words)).to_have_count(1)
        expect(alert).to_have_count(1)
        return alert.locator("p").inner_text()  # without the name of its icon

    def _note(self, error: Error) -> None:
        self.errors.append(str(error))

    def _remember(self, frame: Frame) -> None:
        address = urlsplit(frame.url)
        if frame == self.page.main_frame and address.scheme == "http":
            self.origins.add(f"{address.scheme}://{address.netloc}")

    def _listen(self, message: ConsoleMessage) -> None:
        error = f"{message.text} ({message.location.get('url', '')})"
        if message.type == "error" and not any(known.search(error) for known in UPSTREAM_ERRORS):
            self.errors.append(error)
