"""Comparing as a visitor does: mark rows, see curves and chance, and what two runs disagree on."""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from ann_core.runs.owners import OPERATOR
from ann_core.runs.registry import Registry
from ann_core.settings import Settings
from tests.browser.conftest import Server, StartServer, run_server
from tests.browser.test_accessibility import WITHOUT_WORDS
from tests.browser.visitor import Visitor
from tests.helpers.second_run import N_CHANGED, add_second
from tests.helpers.small_run import small_installation

BOX = 18  # pixels from the left edge of the table to the middle of its boxes
ROW = 35  # height of a row, and of the head


@dataclass(frozen=True)
class Pair:
    """Two finished runs in a folder, the older one first."""

    data_dir: Path
    first: str
    second: str


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    data_dir = tmp_path_factory.mktemp("pair") / "data"
    installation, first = small_installation(tmp_path_factory)
    shutil.copytree(installation, data_dir)
    settings = Settings(data_dir=data_dir, database_url="")
    registry = Registry(settings.registry_url)
    registry.commands.describe(first, by=OPERATOR, name="the first")
    second = add_second(registry, settings, first)
    registry.close()
    return Pair(data_dir, first, second.id)


@pytest.fixture(scope="module")
def server_of_pair(pair: Pair) -> Iterator[Server]:
    """A server for those who change nothing."""
    with run_server(pair.data_dir, log=pair.data_dir.parent / "streamlit.log") as server:
        yield server


@pytest.fixture
def server_to_change(pair: Pair, tmp_path: Path, start_server: StartServer) -> Server:
    """A server in a copy of the folder."""
    return start_server(shutil.copytree(pair.data_dir, tmp_path / "data"))


def mark(visitor: Visitor, row: int) -> None:
    """Mark a row of the table, counted from 0, and wait until the address says so."""
    before = chosen(visitor.page.url)
    canvas = visitor.page.get_by_test_id("data-grid-canvas").first
    # Forced, for what lies over the canvas hands the click on to it.
    canvas.click(position={"x": BOX, "y": ROW * (row + 1.5)}, force=True)
    visitor.page.wait_for_url(lambda url: chosen(url) != before)
    visitor.settled()


def sees_one_row(visitor: Visitor, name: str) -> None:
    """Wait until the table has one row; the address is there before it."""
    rows = visitor.page.get_by_test_id("data-grid-canvas").first.locator("tbody tr")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text(name)
    visitor.settled()


def chosen(url: str) -> list[str]:
    """List the ids of the marked rows that an address names."""
    return ",".join(parse_qs(urlsplit(url).query).get("runs", [])).split(",")


def test_two_runs_are_compared_by_marking_them(
    server_of_pair: Server, visitor: Visitor, pair: Pair
) -> None:
    visitor.open(server_of_pair.page_url("comparison"))
    visitor.sees("Mark rows at the left of the table")
    mark(visitor, 0)
    mark(visitor, 1)
    expect(visitor.page).to_have_url(re.compile(f"runs={pair.second}(,|%2C){pair.first}"))
    visitor.sees_charts(2)
    visitor.page.get_by_role("tab", name="Settings", exact=True).click()
    visitor.sees(re.compile(r"1 of \d+ settings differ: seed\."))
    visitor.page.get_by_role("tab", name="Chance").click()
    visitor.sees("This difference is small enough to be chance.")
    link = visitor.page.url
    visitor.go("Results")
    visitor.go("Compare")
    expect(visitor.page).to_have_url(re.compile(f"runs={pair.second}"))
    visitor.open(link)
    visitor.sees("This difference is small enough to be chance.")
    opens_every_image(visitor, pair)
    visitor.press("Clear selection")
    visitor.sees("Mark rows at the left of the table")
    expect(visitor.page).not_to_have_url(re.compile("runs="))
    visitor.sees_no_error()


def opens_every_image(visitor: Visitor, pair: Pair) -> None:
    """Each changed answer is an image that one of the two has right."""
    n_seen = 0
    for side in ("first", "second"):
        choice = visitor.page.get_by_role("radio", name=re.compile(f"^Only the {side} is right"))
        count = int((choice.inner_text().split("(")[1]).rstrip(")"))
        choice.click()
        visitor.settled()
        n_seen += count
        tiles = visitor.page.get_by_role("button", name=re.compile("^Open picture"))
        expect(tiles).to_have_count(count)
        for index in range(count):
            tiles.nth(index).click()
            view = visitor.page.locator(".st-key-side_view")
            expect(view.get_by_text(re.compile("predicts .* right"))).to_have_count(1)
            expect(view.get_by_text(re.compile("predicts .* wrong"))).to_have_count(1)
            expect(view.get_by_role("img", name=re.compile("^A picture of"))).to_be_visible()
            view.get_by_role("button", name="Close").click()
            expect(view.get_by_role("img")).to_have_count(0)
    assert n_seen == N_CHANGED


def test_the_table_is_taken_along_as_it_is_shown(
    server_of_pair: Server, visitor: Visitor, tmp_path: Path
) -> None:
    visitor.open(server_of_pair.page_url("comparison?find=first&columns=name&columns=validation"))
    sees_one_row(visitor, "the first")
    with visitor.page.expect_download() as download:
        visitor.press("Download as CSV")
    target = tmp_path / "runs.csv"
    download.value.save_as(target)
    rows = list(csv.reader(target.read_text(encoding="utf-8-sig").splitlines()))
    assert rows[0] == ["name", "validation"]
    [[name, share]] = rows[1:]
    assert name == "the first"
    assert 0 <= float(share) <= 1


def test_baselines_come_into_the_table(server_to_change: Server, visitor: Visitor) -> None:
    visitor.open(server_to_change.page_url("comparison"))
    visitor.press("Train the baselines")
    visitor.sees("The baselines for cartoons are in the table.", seconds=120)
    expect(visitor.page.get_by_role("button", name="Train the baselines")).to_have_count(0)
    for name in ("most frequent", "another"):
        find = visitor.page.get_by_label("Find")
        find.fill(name)
        find.press("Enter")
        expect(visitor.page).to_have_url(re.compile(f"find={name.split()[0]}"))
        sees_one_row(visitor, name)
        mark(visitor, 0)
    expect(visitor.page).to_have_url(re.compile("runs=majority[^,]*(,|%2C)"))
    visitor.page.get_by_role("tab", name="Chance").click()
    titles = visitor.page.get_by_role("tabpanel", name="Chance").locator("strong")
    expect(titles.filter(has_text="Always the most frequent class")).to_be_visible()
    visitor.sees(re.compile("This difference is (small enough|larger than)"))
    visitor.sees_no_error()


def test_axe_finds_nothing_on_any_part(
    server_of_pair: Server, visitor: Visitor, pair: Pair
) -> None:
    chosen = f"runs={pair.second},{pair.first}"
    visitor.open(server_of_pair.page_url(f"comparison?{chosen}"))
    parts = ("Curves", "Settings", "Chance", "Settings and result", "Seeds", "Name and notes")
    for number, part in enumerate(parts):
        visitor.page.emulate_media(color_scheme="dark" if number % 2 else "light")
        visitor.page.get_by_role("tab", name=part, exact=True).click()
        expect(visitor.page.get_by_role("tabpanel", name=part, exact=True)).not_to_be_empty()
        visitor.settled()
        visitor.sees_no_error()
        violations = Axe().run(visitor.page).response["violations"]
        serious = [rule for rule in violations if rule["impact"] in {"serious", "critical"}]
        units = [(rule["id"], unit["html"]) for rule in serious for unit in rule["nodes"]]
        assert units == [], part
        assert visitor.page.evaluate(WITHOUT_WORDS) == [], part
