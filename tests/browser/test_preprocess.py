"""The steps that people see are the steps that the core takes, to the pixel."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageOps

from ann_core.datasets.catalog import Catalog
from ann_core.images import open_picture, process_image
from ann_core.preprocessing import PreprocessConfig
from tests.app.small_run import CARTOONS
from tests.browser.conftest import Server
from tests.browser.visitor import Visitor

ORIGINAL, GRAY = "The picture as it came", "The picture in shades of gray"
RESIZED = "The picture at the size that the network takes"
FLATTENED, SCALED = "All intensities of the picture", "The same row, divided by 255"


def pixels(visitor: Visitor, alt: str) -> np.ndarray:
    """Values of a picture on the page, one for each of the squares that it draws."""
    address = visitor.picture(alt).get_attribute("src")
    assert address
    answer = visitor.page.request.get(address)
    assert answer.headers["content-type"] == "image/png"
    return np.asarray(Image.open(io.BytesIO(answer.body())))


def shrunk(drawn: np.ndarray, side: int) -> np.ndarray:
    """Undo the enlargement of a square picture, and prove that it had hard edges."""
    factor = len(drawn) // side
    small = drawn[::factor, ::factor]
    assert np.array_equal(small.repeat(factor, axis=0).repeat(factor, axis=1), drawn)
    return small


@pytest.fixture
def picture(server: Server, finished_run: str) -> Image.Image:
    """The picture that the page shows first."""
    dataset = Catalog(server.data_dir / "datasets").load(CARTOONS)
    return open_picture(dataset.path(0)).image


def test_every_step_says_its_shape_and_number_of_values(
    visitor: Visitor, server: Server, picture: Image.Image
) -> None:
    visitor.open(server.page_url(f"pixels?data={CARTOONS}"))
    visitor.sees("128 × 128 × 3 = 49,152 values")
    visitor.sees("128 × 128 = 16,384 values")
    visitor.sees("96 × 96 = 9,216 values")
    visitor.sees("9,216 values in one row")
    first = np.asarray(ImageOps.grayscale(picture).resize((96, 96))).ravel()[:3]
    visitor.sees(", ".join(str(value) for value in first))
    visitor.sees(", ".join(f"{value / 255:.3g}" for value in first))
    visitor.slide("Picture size", "Home")
    visitor.sees("8 × 8 = 64 values")
    visitor.slide("Picture size", "End")
    visitor.sees("224 × 224 = 50,176 values")
    visitor.pick("Colour")
    visitor.sees("224 × 224 × 3 = 150,528 values")
    assert visitor.picture(GRAY).count() == 0
    visitor.sees_no_error()


def test_the_pictures_are_exact(visitor: Visitor, server: Server, picture: Image.Image) -> None:
    visitor.open(server.page_url(f"pixels?data={CARTOONS}"))
    visitor.sees("96 × 96 = 9,216 values")
    original = np.asarray(picture)
    assert np.array_equal(shrunk(pixels(visitor, ORIGINAL), 128), original)
    gray = ImageOps.grayscale(picture)
    assert np.array_equal(shrunk(pixels(visitor, GRAY), 128), np.asarray(gray))
    resized = shrunk(pixels(visitor, RESIZED), 96)
    assert np.array_equal(resized, np.asarray(gray.resize((96, 96))))
    dataset = Catalog(server.data_dir / "datasets").load(CARTOONS)
    assert np.array_equal(resized.ravel() / 255.0, process_image(dataset.path(0)))


def test_the_pictures_follow_size_and_colour(
    visitor: Visitor, server: Server, picture: Image.Image
) -> None:
    visitor.open(server.page_url(f"pixels?data={CARTOONS}&size=16&mode=Colour"))
    visitor.sees("16 × 16 × 3 = 768 values")
    dataset = Catalog(server.data_dir / "datasets").load(CARTOONS)
    row = process_image(dataset.path(0), PreprocessConfig(image_size=(16, 16), mode="rgb"))
    assert np.array_equal(shrunk(pixels(visitor, RESIZED), 16).ravel() / 255.0, row)


def test_the_row_is_drawn_value_by_value(
    visitor: Visitor, server: Server, picture: Image.Image
) -> None:
    visitor.open(server.page_url(f"pixels?data={CARTOONS}&size=16"))
    visitor.sees("256 values in one row")
    row = np.asarray(ImageOps.grayscale(picture).resize((16, 16))).ravel()
    strip = pixels(visitor, FLATTENED)
    colours = strip[0, :: strip.shape[1] // len(row)]
    seen = {tuple(colour) for colour in colours}
    assert len(colours) == len(row)
    assert len(seen) == len(set(row.tolist()))
    assert all(
        np.array_equal(colours[a], colours[b]) == (row[a] == row[b])
        for a in range(0, 256, 7)
        for b in range(0, 256, 5)
    )
    assert np.array_equal(pixels(visitor, SCALED), strip)


def test_a_picture_of_ones_own_goes_the_same_way(
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
    assert np.array_equal(shrunk(pixels(visitor, RESIZED), 8), np.asarray(expected))


def test_a_text_file_with_the_name_of_a_picture_is_a_sentence(
    visitor: Visitor, server: Server, finished_run: str
) -> None:
    visitor.open(server.page_url("pixels"))
    visitor.pick("Upload")
    visitor.upload("cat.jpg", b"I am a cat")
    assert visitor.sentence().startswith("This picture cannot be used: ")
