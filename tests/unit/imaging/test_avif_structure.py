"""What an AVIF says of itself is looked at before it is decoded, in its boxes and its stream."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from PIL import Image

from ann_core.errors import ImageError
from ann_core.imaging.avif_structure import check_avif
from ann_core.imaging.images import MAX_PIXELS, open_image


def avif(mode: str = "RGB", size: tuple[int, int] = (48, 32), **options: object) -> bytes:
    file = io.BytesIO()
    Image.new(mode, size, 200).save(file, "AVIF", speed=10, **options)
    return file.getvalue()


def with_size(content: bytes, width: int, height: int) -> bytes:
    """The same picture in boxes that say another size."""
    parts = content.split(b"ispe")
    return b"ispe".join(
        [parts[0], *(p[:4] + struct.pack(">II", width, height) + p[12:] for p in parts[1:])]
    )


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_an_avif_is_read(mode: str) -> None:
    opened = open_image(avif(mode))
    assert (opened.format, opened.image.size) == ("AVIF", (48, 32))
    if mode == "L":
        assert abs(int(np.asarray(opened.image.convert("L")).mean()) - 200) < 3


def test_the_boxes_may_not_say_more_pixels_than_are_taken() -> None:
    with pytest.raises(ImageError, match="60,000 x 60,000 pixels are more than 50 megapixels"):
        open_image(with_size(avif(), 60_000, 60_000))


@pytest.mark.parametrize("mode", ["L", "RGBA"])
def test_nor_may_the_stream_behind_small_boxes(mode: str) -> None:
    hidden = with_size(avif(mode), 4, 4)
    check_avif(hidden, 48 * 32)
    with pytest.raises(ImageError, match="48 x 32 pixels are more than"):
        check_avif(hidden, 48 * 32 - 1)


def test_a_film_is_refused() -> None:
    film = avif(save_all=True, append_images=[Image.new("RGB", (48, 32), "red")])
    with pytest.raises(ImageError, match="it is an AVIF film; save one picture of it"):
        open_image(film)


def test_thousands_of_parts_are_refused() -> None:
    content = avif()
    start = content.index(b"iloc")
    n_extents = start + 4 + 4 + 2 + 2 + 2 + 2  # version, widths, items; id and reference of one
    many = bytearray(content)
    many[n_extents : n_extents + 2] = b"\xff\xff"
    for box in (b"meta", b"iloc"):
        head = content.index(box)
        many[head - 4 : head] = struct.pack(">I", len(content) - head + 600_000)
    with pytest.raises(ImageError, match="in more than 1,024 parts"):
        check_avif(bytes(many) + bytes(600_000), MAX_PIXELS)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_one_that_is_cut_off_is_damaged(share: float) -> None:
    content = avif()
    with pytest.raises(ImageError, match="damaged or cut off"):
        open_image(content[: int(share * len(content))])


def test_any_bytes_pass_or_are_refused_in_a_sentence() -> None:
    dice = np.random.default_rng(0)
    whole = avif("RGBA")
    for _ in range(300):
        content = bytearray(whole)
        for position in dice.integers(0, min(len(whole), 700), dice.integers(1, 6)):
            content[position] = dice.integers(256)
        try:
            check_avif(bytes(content), MAX_PIXELS)
        except ImageError as error:
            assert "AVIF" in error.reason or "megapixels" in error.reason
