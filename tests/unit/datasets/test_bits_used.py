"""Files of 16 bits that use 12: known at import, stretched by one rule, the same everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from ann_core.datasets.dataset import Dataset, bits_used_by
from ann_core.datasets.features import feature_key, load_features
from ann_core.datasets.profile.profile import profile_dataset
from ann_core.imaging.images import process_image
from ann_core.imaging.preprocessing import PreprocessConfig
from tests.helpers.runs import PIXELS, make_dataset

if TYPE_CHECKING:
    from ann_core.config import Config

STRETCHED = PIXELS.model_copy(update={"bits_used": 12})


@pytest.fixture(scope="module")
def deep(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Noise in 12 of 16 bits."""
    return make_dataset(tmp_path_factory.mktemp("deep"), bits=12)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """The same noise in 8 bits."""
    return make_dataset(tmp_path_factory.mktemp("plain"))


@pytest.mark.parametrize(
    ("peaks", "bits"),
    [
        ([], 16),
        ([0, 0], 16),
        ([200], 8),
        ([255, 256], 9),
        ([0, 1023, 90], 10),
        ([4095], 12),
        ([16_383], 14),
        ([16_384], 16),
        ([65_535, 10], 16),
    ],
)
def test_the_brightest_image_says_which_bits_are_used(peaks: list[int], bits: int) -> None:
    assert bits_used_by(peaks) == bits


def test_the_import_knows_and_says_it(deep: Dataset, plain: Dataset) -> None:
    assert (deep.info.bits_used, plain.info.bits_used) == (12, 16)
    assert "use 4,096 of 65,536 levels (12 of 16 bits)" in deep.info.about_bits
    assert plain.info.about_bits == ""


def test_stretched_they_are_as_if_they_had_eight_bits(
    deep: Dataset, plain: Dataset, tmp_path: Path
) -> None:
    expected = load_features(plain, PIXELS, tmp_path).features
    stretched = load_features(deep, STRETCHED, tmp_path).features
    assert np.array_equal(stretched, expected)
    assert load_features(deep, PIXELS, tmp_path).features.max() < 16
    row = process_image(deep.path(3), STRETCHED) * 255
    assert np.array_equal(row.round(), expected[3])


def test_nothing_is_found_in_them_that_is_not_there(
    deep: Dataset, plain: Dataset, tmp_path: Path
) -> None:
    found_kinds = [
        {issue.kind for issue in profile_dataset(dataset, tmp_path).issues}
        for dataset in (deep, plain)
    ]
    assert found_kinds[0] == found_kinds[1]
    as_before = Dataset(
        deep.info.model_copy(update={"bits_used": 16}), deep.folder, deep.images, deep.skipped
    )
    before = profile_dataset(as_before, tmp_path / "before")
    assert "dark" in {issue.kind for issue in before.issues}


def test_what_was_stored_before_keeps_its_name() -> None:
    assert "bits_used" not in PIXELS.model_dump()
    assert PreprocessConfig.parse(PIXELS.model_dump()) == PIXELS
    assert STRETCHED.model_dump()["bits_used"] == 12
    assert PreprocessConfig.parse(STRETCHED.model_dump(mode="json")) == STRETCHED
    assert feature_key("a", STRETCHED) != feature_key("a", PIXELS)
    assert key_of_before(PIXELS) == PIXELS.key() != STRETCHED.key()


def key_of_before(config: Config) -> str:
    """The name that a version without this field gave to settings."""
    from ann_core.config import content_key

    names = ("image_size", "mode", "resize", "resample", "scaling")
    return content_key({name: config.model_dump(mode="json")[name] for name in names})
