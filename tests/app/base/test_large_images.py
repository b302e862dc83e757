"""A large image is decoded, shown and let go: a session keeps no pixels of it."""

from __future__ import annotations

import gc
import io
import tracemalloc

import pytest
from PIL import Image

from tests.app.conftest import OpenPage
from tests.helpers.app_text import captions, page_text
from ui.base import services
from ui.base.image_source import MAX_PIXELS

SIZE = (2_400, 1_600)
N_PIXELS = SIZE[0] * SIZE[1]


def png(size: tuple[int, int], mode: str = "RGBA") -> bytes:
    file = io.BytesIO()
    Image.new(mode, size).save(file, "PNG")
    return file.getvalue()


def large_images() -> int:
    gc.collect()
    images = (each for each in gc.get_objects() if isinstance(each, Image.Image))
    return sum(image.size == SIZE for image in images)


@pytest.mark.parametrize(
    ("name", "key", "words"),
    [
        ("preprocess", "pixels", "1,600 × 2,400 × 3 = **11,520,000 values**"),
        ("predict", "predict", "**256 values** in one row"),
    ],
)
def test_no_session_keeps_the_pixels_of_its_image(
    open_page: OpenPage, small_run: str, name: str, key: str, words: str
) -> None:
    page = open_page(name, run=small_run) if name == "predict" else open_page(name)
    page.get_by_key(f"{key}_from").set_value("Upload").run()
    content = png(SIZE)
    services.decoded_images.cache_clear()
    tracemalloc.start()
    try:
        page.get_by_key(f"{key}_upload").upload("large.png", content).run()
        gc.collect()
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert page_text(page) == []
    assert words in captions(page)
    assert kept < N_PIXELS, "an array of it is left"
    assert services.decoded_images().n_bytes == 4 * N_PIXELS
    services.decoded_images.cache_clear()
    assert large_images() == 0, "an image is left beside those that all sessions share"


@pytest.mark.parametrize(("name", "key"), [("preprocess", "pixels"), ("predict", "predict")])
def test_a_page_takes_fewer_pixels_than_an_import(
    open_page: OpenPage, small_run: str, name: str, key: str
) -> None:
    page = open_page(name, run=small_run) if name == "predict" else open_page(name)
    page.get_by_key(f"{key}_from").set_value("Upload").run()
    page.get_by_key(f"{key}_upload").upload("large.png", png((4_001, 4_000), "L")).run()
    [sentence] = page_text(page)
    assert f"more than {MAX_PIXELS // 1_000_000} megapixels; make it smaller first" in sentence
