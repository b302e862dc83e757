"""The images of a sample on one sheet, in their order."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ann_core.datasets.dataset import Dataset
from ann_core.datasets.profile.profile import load_profile, profile_dataset
from ann_core.datasets.profile.sprite import TILE, sprite_columns, sprite_sheet
from ann_core.imaging.preprocessing import PreprocessConfig, preprocess


def decoded(image: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(image)))


@pytest.mark.parametrize("n_images", [1, 5, 7, 600])
def test_the_sheet_has_a_tile_for_each_image_in_order(n_images: int) -> None:
    rng = np.random.default_rng(n_images)
    coarse = rng.integers(0, 256, (n_images + 4, 3, 3), dtype=np.uint8)
    pixels = coarse.repeat(32, axis=1).repeat(32, axis=2).reshape(len(coarse), -1)
    rows = rng.permutation(len(coarse))[:n_images]
    sheet, columns = decoded(sprite_sheet(pixels, rows)), sprite_columns(n_images)
    assert sheet.shape == (-(-n_images // columns) * TILE, columns * TILE)
    for index, row in enumerate(rows):
        top, left = index // columns * TILE, index % columns * TILE
        tile = sheet[top : top + TILE, left : left + TILE].astype(float)
        # One square of 32 pixels is one block of JPEG, whose mean it keeps.
        blocks = tile.reshape(3, 8, 3, 8).mean(axis=(1, 3))
        assert np.abs(blocks - coarse[row]).max() < 5


def test_a_survey_keeps_the_sheet_of_its_sample(dataset: Dataset, tmp_path: Path) -> None:
    made = profile_dataset(dataset, tmp_path / "surveys")
    sheet = decoded(made.sprite).astype(float)
    columns, rows = sprite_columns(len(dataset)), made.pixel_space.rows
    for index, row in enumerate(rows):
        top, left = index // columns * TILE, index % columns * TILE
        small = preprocess(Image.open(dataset.path(int(row))), PreprocessConfig()).squeeze()
        expected = small.reshape(TILE, 4, TILE, 4).mean(axis=(1, 3))
        assert abs(sheet[top : top + TILE, left : left + TILE].mean() - expected.mean()) < 2
    opened = load_profile(dataset, tmp_path / "surveys")
    assert opened is not None
    assert opened.sprite == made.sprite
