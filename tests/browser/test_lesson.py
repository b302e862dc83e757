"""The lesson, walked by its links: each opens the page of its step, in the right state."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from ann_core.runs.registry import Registry
from tests.browser.conftest import Server
from tests.browser.visitor import Visitor

STEPS = (
    ("Preprocess", "Values in a line"),
    ("Train", "done: epoch 3 of 3"),
    ("Results", "A closer look"),
    ("Results", re.compile("mistake")),
    ("Experiments", "A convolution is better than a dense network"),
)


def test_the_lesson_is_walked_by_its_links(
    visitor: Visitor, server: Server, finished_run: str
) -> None:
    lesson = server.page_url(f"lesson?run={finished_run}")
    registry = Registry(f"sqlite:///{server.data_dir}/registry.db")
    validation = registry.get(finished_run).learned.validation
    registry.close()
    visitor.open(lesson)
    visitor.sees(f"The network: {validation:.0%} of the validation pictures are right")
    links = visitor.page.get_by_test_id("stMain").get_by_role("link", name=re.compile("Open "))
    expect(links).to_have_count(1 + len(STEPS))
    for number, (title, words) in enumerate(STEPS, 1):
        if number > 1:
            visitor.open(lesson)
        link = visitor.page.get_by_role("link", name=re.compile(f"Open step {number}: "))
        link.click()
        expect(visitor.page.get_by_role("heading", level=1, name=title)).to_be_visible()
        visitor.settled()
        visitor.sees_no_error()
        visitor.sees(words)
