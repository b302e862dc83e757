"""The shift test counts what one would count by hand, and its file is read back or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ann_core.datasets.features import FeatureSet
from ann_core.errors import ConfigError, ShapeError
from ann_core.evaluation import shift_test
from ann_core.evaluation.shift_result import (
    ShiftTests,
    load_shift_tests,
    save_shift_tests,
    tenth,
)
from ann_core.evaluation.shift_test import (
    accuracy_by_shift,
    count_changed,
    drawn,
    keep_patches,
    make_shift_tests,
    move_sizes,
)
from ann_core.imaging.perturbation import Perturbation, shift, shift_all
from ann_core.imaging.preprocessing import PreprocessConfig

SHAPE = (10, 20, 1)
SPLITS = np.array(["test"] * 24 + ["validation"] * 6)


def as_data(images: np.ndarray, labels: np.ndarray) -> FeatureSet:
    config = PreprocessConfig(image_size=SHAPE[:2])
    rows = images.reshape(len(images), -1)
    return FeatureSet(rows, labels, SPLITS[: len(labels)], ("dark", "bright"), config)


@pytest.fixture
def images() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (30, *SHAPE), dtype=np.uint8)


def bright_left(rows: np.ndarray) -> np.ndarray:
    """A classifier by hand: class 1 if the left half is brighter than the right one."""
    shown = rows.reshape(len(rows), *SHAPE).astype(np.float32)
    left = shown[:, :, :10].mean(axis=(1, 2, 3)) > shown[:, :, 10:].mean(axis=(1, 2, 3))
    return np.stack([~left, left], axis=1).astype(np.float32)


def test_it_counts_as_one_would_by_hand(
    images: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shift_test, "_BATCH", 8)  # blocks, the last one with several moves
    labels = np.random.default_rng(1).integers(0, 2, len(images))
    data = as_data(images, labels)
    test = accuracy_by_shift(bright_left, data)
    images, labels = images[:24], labels[:24]
    rows = images.reshape(len(images), -1)

    before = bright_left(rows).argmax(axis=1)
    assert test.n_correct == (before == labels).sum()
    assert test.n_guessed == np.bincount(labels).max()
    assert [each.pixels for each in test.right] == [-4, -3, -2, -1, 1, 2, 3, 4]
    assert [each.pixels for each in test.down] == [-2, -1, 1, 2]
    moves = [(each, each.pixels, 0) for each in test.right]
    moves += [(each, 0, each.pixels) for each in test.down]
    for moved, right, down in moves:
        one_by_one = np.stack([shift(image, right, down) for image in images])
        after = bright_left(one_by_one.reshape(len(images), -1)).argmax(axis=1)
        assert moved.n_correct == (after == labels).sum()
        assert moved.n_lost == ((before == labels) & (after != labels)).sum()
        assert moved.n_changed == (after != before).sum()
    assert any(moved.n_changed > moved.n_lost > 0 for moved, _, _ in moves)


def test_any_change_of_images_can_be_counted(images: np.ndarray) -> None:
    mirrored = Perturbation(mirrored=True)
    labels = np.ones(len(images), dtype=np.int64)
    before, [reaction] = count_changed(
        bright_left, images, labels, changes=[lambda some: np.stack([*map(mirrored.apply, some)])]
    )
    assert reaction.n_changed == len(images)  # a mirrored picture is bright on the other side
    assert reaction.n_correct == (before == 0).sum()


def test_images_move_over_their_own_edge_alike_alone_and_together(images: np.ndarray) -> None:
    coloured = np.random.default_rng(2).integers(0, 256, (4, 6, 5, 3), dtype=np.uint8)
    for some in (images[:3], coloured):
        for right, down in ((2, 0), (-1, 3), (99, 0), (0, -4)):
            together = shift_all(some, right, down)
            assert np.array_equal(together, [shift(image, right, down) for image in some])


@pytest.mark.parametrize(
    ("side", "sizes", "headline"),
    [
        (96, [5, 10, 14, 19], 10),
        (16, [1, 2, 3], 2),
        (8, [1, 2], 1),
        (224, [11, 22, 34, 45], 22),
    ],
)
def test_images_move_by_shares_of_their_side(side: int, sizes: list[int], headline: int) -> None:
    assert move_sizes(side) == sizes
    assert tenth(side) == headline
    assert headline in sizes


def test_patches_keep_what_is_broad_only() -> None:
    noise = np.random.default_rng(3).integers(0, 256, (2, 96, 96, 1), dtype=np.uint8)
    patches = keep_patches(noise)
    assert np.array_equal(patches[:, ::12, ::12], patches[:, 11::12, 11::12])
    assert patches[0, 0, 0, 0] == round(float(noise[0, :12, :12].mean()))
    odd = np.full((1, 9, 13, 3), 77, dtype=np.uint8)
    assert np.array_equal(keep_patches(odd), odd)


def test_a_large_test_split_is_drawn_from_and_very_large_images_are_fewer() -> None:
    assert np.array_equal(drawn(200, 9_216), np.arange(200))
    rows = drawn(10_000, 9_216)
    assert len(rows) == len(set(rows)) == 1_000
    assert np.array_equal(rows, np.sort(rows))
    assert np.array_equal(rows, drawn(10_000, 9_216))
    assert len(drawn(10_000, 224 * 224 * 3)) == 318
    assert len(drawn(10_000, 9_216, "validation")) == 500


def test_it_is_read_back_and_what_cannot_be_is_not_there(
    images: np.ndarray, tmp_path: Path
) -> None:
    tests = make_shift_tests(bright_left, as_data(images, np.arange(len(images)) % 2))
    assert tests.validation is not None
    assert (tests.test.n_images, tests.validation.n_images) == (24, 6)
    assert (tests.test.split, tests.validation.split) == ("test", "validation")
    path = tmp_path / "shift_test.json"
    assert load_shift_tests(path) is None
    save_shift_tests(tests, path)
    assert load_shift_tests(path) == tests

    stored = json.loads(path.read_text())["test"]
    for damage in (
        {"n_images": 0},
        {"n_correct": 25},
        {"right": stored["right"][::-1]},
        {"right": [each for each in stored["right"] if each["pixels"] != 2]},
        {"down": [stored["down"][0] | {"n_lost": 25}, *stored["down"][1:]]},
        {"word": 1},
    ):
        with pytest.raises(ConfigError):
            ShiftTests.parse({"test": stored | damage})
        path.write_text(json.dumps({"test": stored | damage}))
        assert load_shift_tests(path) is None
    path.write_text("no JSON")
    assert load_shift_tests(path) is None
    alone = FeatureSet(
        images.reshape(len(images), -1),
        np.zeros(len(images), dtype=np.int64),
        np.array(["test"] * len(images)),
        ("dark", "bright"),
        PreprocessConfig(image_size=SHAPE[:2]),
    )
    assert make_shift_tests(bright_left, alone).validation is None
    with pytest.raises(ShapeError, match="no"):
        accuracy_by_shift(bright_left, alone, "validation")
