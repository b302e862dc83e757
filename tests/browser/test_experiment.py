"""One experiment from the bet to the link, which somebody else opens in a browser of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, expect

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.sources.builtin import import_builtin
from ann_core.datasets.sources.cartoons import CartoonConfig
from tests.browser.conftest import StartServer
from tests.browser.visitor import Visitor

BET = "Class after class is worse"


def test_from_the_bet_to_the_link(
    start_server: StartServer,
    visitor: Visitor,
    browser: Browser,
    browser_context_args: dict[str, Any],
    tmp_path: Path,
) -> None:
    few = CartoonConfig(n_images=120)
    import_builtin("cartoons", "cartoons", Catalog(tmp_path / "data/datasets"), cartoons=few)
    server = start_server(tmp_path / "data")
    page = visitor.page
    visitor.open(server.page_url("experiments?claim=Order+matters&data=cartoons"))
    assert "claim=Order" in page.url, "it stands in the address, and stays there"
    begin = page.get_by_role("button", name="Start the experiment")
    expect(begin).to_be_disabled()
    page.get_by_role("radio", name=BET).check(force=True)
    begin.click()
    visitor.sees(f"Your bet: {BET}.")
    verdict = page.get_by_test_id("stAlert").filter(has_text="The claim")
    expect(verdict).to_be_visible(timeout=120_000)
    visitor.settled()
    visitor.sees("You bet on:")
    link = page.get_by_test_id("stCode").inner_text().strip()
    assert link.startswith(server.page_url("experiments?experiment="))

    context = browser.new_context(**browser_context_args)
    friend = Visitor(context.new_page())
    friend.open(link)
    there = friend.page.get_by_test_id("stAlert").filter(has_text="The claim")
    expect(there).to_have_text(verdict.inner_text(), use_inner_text=True)
    friend.sees_charts(2)
    expect(friend.page.get_by_text("You bet on:")).to_have_count(0)
    expect(friend.page.get_by_role("button", name="Delete")).to_have_count(0)
    assert friend.errors == []
    context.close()
