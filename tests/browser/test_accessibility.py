"""Every page can be read by everybody: axe finds nothing serious, and images have words."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import Server
from tests.browser.visitor import SCHEMES, Visitor
from tests.helpers.small_run import CARTOONS

PAGES = {
    "home": "",
    "explore": f"dataset?data={CARTOONS}",
    "preprocess": f"pixels?data={CARTOONS}",
    "neighbours": f"pixels?data={CARTOONS}&look=Where+did+my+neighbour+go",
    "train": "training?run={run}",
    "results": "results?run={run}",
    "compare": "comparison?runs={run}",
    "predict": "prediction?run={run}",
    "lesson": "lesson?run={run}",
    "experiments": "experiments",
}
N_CHARTS = {
    **{"home": 0, "explore": 1, "preprocess": 0, "neighbours": 1, "train": 2, "results": 2},
    **{"compare": 2, "predict": 1, "lesson": 0, "experiments": 4},
}
# Rules that Streamlit's own elements break, whatever an app does. None at present.
UPSTREAM_RULES: frozenset[str] = frozenset()
LONGEST = 2500  # pixels
# The width of charts follows that of the window in the next frames.
DRAWN_AGAIN = """() => new Promise(resolve =>
    requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => resolve(true), 100))))
"""
WITHOUT_WORDS = """() => [
    ...document.querySelectorAll("[data-testid=stMain] img:not([alt])"),
    ...document.querySelectorAll("[data-testid=stMain] img[alt='']"),
    ...document.querySelectorAll("[data-testid=stVegaLiteChart]:not([aria-label])"),
    ...document.querySelectorAll("[data-testid=stPlotlyChart]:not([aria-label])"),
    ...document.querySelectorAll("[data-testid=stDataFrame]:not(:has([role=region][aria-label]))"),
].map(element => element.outerHTML.slice(0, 200))"""


@pytest.mark.parametrize("name", PAGES)
def test_a_page_can_be_read_by_everybody_on_a_desk_and_on_a_phone(
    visitor: Visitor, server: Server, finished_run: str, name: str
) -> None:
    visitor.open(server.page_url(PAGES[name].format(run=finished_run)))
    visitor.sees_no_error()
    for scheme in SCHEMES:
        visitor.takes_scheme(scheme)
        visitor.sees_charts(N_CHARTS[name])
        violations = Axe().run(visitor.page).response["violations"]
        serious = [
            (scheme, rule["id"], unit["html"])
            for rule in violations
            if rule["impact"] in {"serious", "critical"} and rule["id"] not in UPSTREAM_RULES
            for unit in rule["nodes"]
        ]
        assert serious == []
        assert "heading-order" not in {rule["id"] for rule in violations}
    visitor.page.wait_for_function(f"() => ({WITHOUT_WORDS})().length === 0")  # once all is drawn
    is_no_longer_or_wider_than_people_scroll(visitor)


def is_no_longer_or_wider_than_people_scroll(visitor: Visitor) -> None:
    """Before anything is unfolded; a phone shows the one column that a desk shows in two."""
    main = visitor.page.get_by_test_id("stMain")
    for width, height in ((1440, 900), (390, 844)):
        visitor.page.set_viewport_size({"width": width, "height": height})
        visitor.page.wait_for_function(DRAWN_AGAIN)
        length, too_wide = main.evaluate("e => [e.scrollHeight, e.scrollWidth - e.clientWidth]")
        assert length <= LONGEST, f"{length} pixels long at {width}"
        assert too_wide <= 0, f"too wide at {width}"
