"""The steps that people see are the steps that the core takes, to the pixel."""

from __future__ import annotations

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image, ImageColor, ImageOps
from playwright.sync_api import Browser, expect

from ann_core.datasets.catalog import Catalog
from ann_core.imaging.adjacency import neighbours
from ann_core.imaging.fingerprint import vector_fingerprint
from ann_core.imaging.images import open_image, process_image
from ann_core.imaging.preprocessing import PreprocessConfig, preprocess
from ann_core.plots.pixel_neighbours import COLOURS
from ann_core.plots.strips import GRAYS
from tests.browser.conftest import Server
from tests.browser.visitor import Visitor
from tests.helpers.small_run import CARTOONS

ORIGINAL, GRAY = "The picture as it came", "The picture in shades of gray"
RESIZED = "The picture at the size that the network takes"
STRIP, LIT = "The whole row", "The picture with the pixel and its"


def drawn(visitor: Visitor, alt: str) -> str:
    """An image of the page as its address, which holds all of it."""
    address = visitor.image(alt).get_attribute("src")
    assert address
    return address


def pixels(visitor: Visitor, alt: str) -> np.ndarray:
    """Values of an image on the page, one for each of the squares that it draws."""
    kind, data = drawn(visitor, alt).split(",")
    assert kind == "data:image/png;base64"
    image = Image.open(io.BytesIO(base64.b64decode(data)))
    return np.asarray(image.convert("RGB") if image.mode == "P" else image)


def shrunk(drawn: np.ndarray, height: int, width: int) -> np.ndarray:
    """Undo the enlargement of an image, and prove that it had hard edges."""
    factor = len(drawn) // height
    assert drawn.shape[:2] == (height * factor, width * factor)
    small = drawn[::factor, ::factor]
    assert np.array_equal(small.repeat(factor, axis=0).repeat(factor, axis=1), drawn)
    return small


def values_of(colours: np.ndarray) -> np.ndarray:
    """Read the values of a strip from its grays; -1 is none."""
    known = {tuple(colour): level for level, colour in enumerate(GRAYS.tolist())}
    flat = [known.get(tuple(colour), -1) for colour in colours.reshape(-1, 3).tolist()]
    return np.array(flat).reshape(colours.shape[:-1])


@pytest.fixture
def image(server: Server, finished_run: str) -> Image.Image:
    """The image that the page shows first."""
    dataset = Catalog(server.data_dir / "datasets").load(CARTOONS)
    return open_image(dataset.path(0)).image


def test_every_step_says_its_shape_and_number_of_values(
    visitor: Visitor, server: Server, image: Image.Image
) -> None:
    visitor.open(server.page_url(f"pixels?data={CARTOONS}"))
    visitor.sees("128 × 128 × 3 = 49,152 values")
    visitor.sees("128 × 128 = 16,384 values")
    visitor.sees("96 × 96 = 9,216 values")
    visitor.sees("9,216 values in one row")
    first = np.asarray(ImageOps.grayscale(image).resize((96, 96))).ravel()[:3]
    visitor.sees(", ".join(str(value) for value in first))
    visitor.sees(", ".join(f"{value / 255:.3g}" for value in first))
    visitor.slide("Picture size", "Home")
    visitor.sees("8 × 8 = 64 values")
    visitor.slide("Picture size", "End")
    visitor.sees("224 × 224 = 50,176 values")
    visitor.pick("Colour")
    visitor.sees("224 × 224 × 3 = 150,528 values")
    expect(visitor.image(GRAY)).to_have_count(0)
    visitor.sees_no_error()


def test_the_images_are_exact(visitor: Visitor, server: Server, image: Image.Image) -> None:
    visitor.open(server.page_url(f"pixels?data={CARTOONS}"))
    visitor.sees("96 × 96 = 9,216 values")
    original = np.asarray(image)
    assert np.array_equal(shrunk(pixels(visitor, ORIGINAL), 128, 128), original)
    gray = ImageOps.grayscale(image)
    assert np.array_equal(shrunk(pixels(visitor, GRAY), 128, 128), np.asarray(gray))
    resized = shrunk(pixels(visitor, RESIZED), 96, 96)
    assert np.array_equal(resized, np.asarray(gray.resize((96, 96))))
    dataset = Catalog(server.data_dir / "datasets").load(CARTOONS)
    assert np.array_equal(resized.ravel() / 255.0, process_image(dataset.path(0)))


def test_the_images_follow_size_and_colour(
    visitor: Visitor, server: Server, image: Image.Image
) -> None:
    visitor.open(server.page_url(f"pixels?data={CARTOONS}&size=16&mode=Colour"))
    visitor.sees("16 × 16 × 3 = 768 values")
    dataset = Catalog(server.data_dir / "datasets").load(CARTOONS)
    row = process_image(dataset.path(0), PreprocessConfig(image_size=(16, 16), mode="rgb"))
    assert np.array_equal(shrunk(pixels(visitor, RESIZED), 16, 16).ravel() / 255.0, row)


def test_a_shared_link_restores_image_and_controls(
    visitor: Visitor, server: Server, finished_run: str, browser: Browser
) -> None:
    visitor.open(server.page_url("pixels"))
    visitor.sees("96 × 96 = 9,216 values")
    visitor.page.get_by_label(re.compile("^Picture, 1 to")).fill("7")
    visitor.page.keyboard.press("Enter")
    visitor.slide("Picture size", "Home", "ArrowRight")
    visitor.sees("16 × 16 = 256 values")
    visitor.pick("Colour")
    visitor.unfold("More settings")
    visitor.pick("Pad")
    visitor.choose("Filter", "box")
    visitor.page.get_by_role("tab", name="Where did the neighbours go?").click()
    visitor.slide("Row", "ArrowLeft", "ArrowLeft")
    visitor.sees("left and right are 3 away, above and below 48")
    expected = PreprocessConfig(image_size=(16, 16), mode="rgb", resize="pad", resample="box")
    dataset = Catalog(server.data_dir / "datasets").load(CARTOONS)
    row = preprocess(open_image(dataset.path(6)).image, expected).ravel()
    visitor.unfold("Details")
    visitor.sees(vector_fingerprint(row))

    context = browser.new_context(viewport={"width": 1280, "height": 900})
    friend = Visitor(context.new_page())
    friend.open(visitor.page.url)
    friend.unfold("Details")
    friend.sees(vector_fingerprint(row))
    friend.sees("left and right are 3 away, above and below 48")
    assert np.array_equal(shrunk(pixels(friend, RESIZED), 16, 16).ravel(), row)
    expect(visitor.image(LIT)).to_have_attribute("src", drawn(friend, LIT))
    assert friend.page.get_by_role("slider", name="Row").input_value() == "6"
    assert friend.errors == []
    context.close()


def test_the_neighbours_light_up(visitor: Visitor, server: Server, finished_run: str) -> None:
    visitor.open(server.page_url("pixels?look=Where+did+my+neighbour+go&row=0&column=5"))
    visitor.sees("left and right are 1 away, above and below 96")
    before = visitor.image(LIT).get_attribute("src")
    visitor.slide("Row", "ArrowRight")
    expect(visitor.image(LIT)).not_to_have_attribute("src", before or "")
    visitor.settled()
    small = shrunk(pixels(visitor, LIT), 96, 96)
    colours = {name: ImageColor.getrgb(colour) for name, colour in COLOURS.items()}
    for one in neighbours(PreprocessConfig(), 1, 5):
        assert tuple(small[one.row, one.column]) == colours[one.direction]
    chart = visitor.page.get_by_test_id("stVegaLiteChart")
    expect(chart).to_have_attribute("aria-label", re.compile("above 96, left 1, right 1, below 96"))
    visitor.sees_no_error()


def test_at_the_width_of_the_image_the_strip_is_the_image(
    visitor: Visitor, server: Server, image: Image.Image
) -> None:
    visitor.open(server.page_url("pixels?size=16"))
    visitor.sees("pixels that were above each other no longer are")
    values = np.asarray(ImageOps.grayscale(image).resize((16, 16)))
    slider = visitor.page.get_by_role("slider", name="Values in a line")
    width = int(slider.input_value())
    lines = values_of(shrunk(pixels(visitor, STRIP), -(-256 // width), width))
    assert np.array_equal(lines.ravel()[:256], values.ravel())
    visitor.press("Show me the width")
    visitor.sees("the picture is back")
    assert np.array_equal(values_of(shrunk(pixels(visitor, STRIP), 16, 16)), values)
    visitor.slide("Values in a line", "ArrowRight")
    visitor.sees("With 17 values in a line")
    visitor.sees_no_error()


def test_an_image_of_ones_own_goes_the_same_way(
    visitor: Visitor, server: Server, finished_run: str
) -> None:
    drawn = np.random.default_rng(0).integers(0, 256, (30, 40, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(drawn).save(buffer, format="PNG")
    visitor.open(server.page_url("pixels?size=8"))
    visitor.pick("Upload")
    visitor.upload("mine.png", buffer.getvalue())
    visitor.sees("30 × 40 × 3 = 3,600 values")
    expected = ImageOps.grayscale(Image.fromarray(drawn)).resize((8, 8))
    assert np.array_equal(shrunk(pixels(visitor, RESIZED), 8, 8), np.asarray(expected))


def test_a_text_file_with_the_name_of_an_image_is_a_sentence(
    visitor: Visitor, server: Server, finished_run: str
) -> None:
    visitor.open(server.page_url("pixels"))
    visitor.pick("Upload")
    visitor.upload("cat.jpg", b"I am a cat")
    assert visitor.sentence().startswith("This picture cannot be used: ")
