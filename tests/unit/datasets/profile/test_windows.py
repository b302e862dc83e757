"""Parts of pictures are found by the hashes of windows, and laid where they came from."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from ann_core.datasets.profile.aligning import align
from ann_core.datasets.profile.hashing import gists
from ann_core.datasets.profile.windows import MARGINS, Candidates, find_candidates
from ann_core.imaging.preprocessing import PreprocessConfig, preprocess
from tests.helpers.profile_images import photograph

CUT = (0.11, 0.02, 0.0, 0.14)  # left, right, top, bottom


def cut(image: Image.Image, left: float, right: float, top: float, bottom: float) -> Image.Image:
    width, height = image.size
    box = (left * width, top * height, (1 - right) * width, (1 - bottom) * height)
    return image.crop(tuple(round(side) for side in box))


def pixels_of(images: list[Image.Image]) -> np.ndarray:
    return np.stack([preprocess(image, PreprocessConfig()).ravel() for image in images])


def large(seed: int) -> Image.Image:
    return photograph(seed).resize((640, 480))


def pairs(candidates: Candidates) -> list[tuple[int, int, int, bool]]:
    columns = (candidates.whole, candidates.part, candidates.turned, candidates.mirrored)
    return [tuple(values) for values in zip(*(c.tolist() for c in columns), strict=True)]


def test_a_part_is_laid_where_it_came_from() -> None:
    images = [*(large(seed) for seed in range(20)), cut(large(7), *CUT)]
    pixels = pixels_of(images)
    candidates = find_candidates(gists(pixels))
    assert pairs(candidates)[0] == (7, 20, 0, False)
    assert np.abs(candidates.margins[0] - CUT).max() <= max(np.diff(MARGINS))
    likeness, margins = align(pixels, np.arange(21), candidates)
    assert likeness[0] > 0.995
    np.testing.assert_allclose(margins[0], CUT, atol=0.01)
    assert (likeness[1:] < 0.9).all()


@pytest.mark.parametrize("orientation", range(1, 8))
def test_every_way_to_turn_a_picture_is_known(orientation: int) -> None:
    values = np.asarray(large(3))
    turned = np.rot90(values[:, ::-1] if orientation % 2 else values, orientation // 2)
    pixels = pixels_of([*(large(seed) for seed in range(12)), Image.fromarray(turned.copy())])
    candidates = find_candidates(gists(pixels))
    back = {(whole, part) for whole, part, *_ in pairs(candidates)}
    assert back == {(3, 12), (12, 3)}
    likeness, margins = align(pixels, np.arange(13), candidates)
    assert likeness.min() > 0.995
    assert np.abs(margins).max() < 0.01


def test_no_pictures_are_no_candidates() -> None:
    none = find_candidates(np.empty((0, 32, 32), dtype=np.float32))
    assert len(none) == 0
    likeness, margins = align(np.empty((0, 9216), dtype=np.uint8), np.arange(0), none)
    assert likeness.shape == (0,)
    assert margins.shape == (0, 4)
