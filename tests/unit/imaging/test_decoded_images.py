"""Decoded images are shared within a bound, and come back when they were let go."""

from __future__ import annotations

from PIL import Image

from ann_core.imaging.decoded_images import DecodedImages


class _File:
    """An image that counts how often it is decoded."""

    def __init__(self, side: int) -> None:
        self.side, self.n_decoded = side, 0

    def __call__(self) -> Image.Image:
        self.n_decoded += 1
        return Image.new("RGB", (self.side, self.side))


def test_an_image_is_decoded_once_while_there_is_room() -> None:
    images, file = DecodedImages(1_000), _File(10)
    assert images.get("a", file) is images.get("a", file)
    assert (file.n_decoded, images.n_bytes) == (1, 400)


def test_the_oldest_goes_first_and_comes_back() -> None:
    images, files = DecodedImages(1_000), {name: _File(10) for name in "abc"}
    for name in "abaca":
        images.get(name, files[name])
        assert images.n_bytes <= 1_000
    assert {name: file.n_decoded for name, file in files.items()} == {"a": 1, "b": 1, "c": 1}
    images.get("b", files["b"])
    assert files["b"].n_decoded == 2


def test_what_is_larger_than_the_room_is_given_and_not_kept() -> None:
    images = DecodedImages(1_000)
    assert images.get("large", _File(100)).size == (100, 100)
    assert images.n_bytes == 0


def test_what_is_forgotten_is_gone_in_every_reading() -> None:
    images, file = DecodedImages(10_000), _File(10)
    for key in ("a", "a 12 bits", "ab"):
        images.get(key, file)
    images.forget("a")
    assert images.n_bytes == 400
    images.forget("not there")
    images.clear()
    assert images.n_bytes == 0
