"""Home without any training: a picture that moves, and what a network predicts of it."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from ann_core.imaging.perturbation import shift
from ann_core.imaging.preprocessing import flatten, preprocess
from ann_core.prediction.example_network import PREPROCESS, example_image, load_example_network
from tests.browser.conftest import Server
from tests.browser.visitor import Visitor


def probabilities(right: int, down: int) -> tuple[list[float], int]:
    """What the network predicts of the moved picture, and how many numbers are others then."""
    image = preprocess(example_image(), PREPROCESS)
    moved = shift(image, right, down)
    predicted = load_example_network().predict(flatten(moved[np.newaxis]))[0]
    return predicted.tolist(), int((moved != image).sum())


def expect_moved(visitor: Visitor, words: str, right: int, down: int) -> None:
    """Wait until the page says so, and compare what it works out with NumPy."""
    expected, n_changed = probabilities(right, down)
    visitor.sees(f"{words}: {n_changed:,} of 9,216 numbers have changed.")
    meters = visitor.page.get_by_role("meter").all()
    shown = [float(meter.get_attribute("aria-valuenow") or "nan") for meter in meters]
    assert shown == pytest.approx(expected, abs=1e-9)
    name = ("cat", "dog")[int(np.argmax(expected))]
    expect(visitor.page.locator(".predicted")).to_have_text(f"Predicted: {name}")
    expect(visitor.page.locator(".status")).to_contain_text(f"{words}. Predicted: {name}")


def drag(frame: Locator, right: int, down: int) -> None:
    """Drag by so many pixels of the network's picture."""
    box = frame.bounding_box()
    assert box is not None
    step = float(frame.evaluate("e => e.clientWidth")) / 96
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    mouse = frame.page.mouse
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + right * step / 2, y + down * step / 2)
    mouse.move(x + right * step, y + down * step)
    mouse.up()
    mouse.move(x, y)  # what moves without a button does not drag


def test_the_answer_changes_as_the_picture_moves(visitor: Visitor, server: Server) -> None:
    visitor.open(server.url)
    frame = visitor.page.get_by_role("application", name="Cartoon of a cat")
    expect_moved(visitor, "Not moved", 0, 0)
    drag(frame, 12, -4)
    expect_moved(visitor, "Moved 12 pixels to the right and 4 pixels up", 12, -4)
    frame.press("Shift+ArrowLeft")
    frame.press("ArrowLeft")
    frame.press("ArrowDown")
    expect_moved(visitor, "Moved 1 pixel to the right and 3 pixels up", 1, -3)
    visitor.press("Put it back")
    expect_moved(visitor, "Not moved", 0, 0)
    visitor.press("Move 5 pixels down")
    visitor.press("Move 5 pixels down")
    expect_moved(visitor, "Moved 10 pixels down", 0, 10)
    labels = [int(np.argmax(probabilities(*to)[0])) for to in ((0, 0), (12, -4), (0, 10))]
    assert labels == [0, 1, 1]
    visitor.sees_no_error()
