"""What becomes of a network's accuracy when all images move by a few pixels.

A dense network has a weight of its own for each pixel, so an image that has moved is another
row of numbers to it. The shift test moves every image of a split alike, to each side, up and
down, and counts right answers again: on the validation images, to look at and to choose by,
and on the test images, for the test result. `count_changed` does the same for any other
change of images: rotation, zoom, brightness.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from ann_core.datasets.features import FeatureSet
from ann_core.errors import ShapeError
from ann_core.evaluation.run_inputs import RunInputs
from ann_core.evaluation.shift_result import Moved, Reaction, ShiftTest, ShiftTests, SplitName
from ann_core.evaluation.stored_predictions import Predictions
from ann_core.imaging.perturbation import Predict, shift_all
from ann_core.imaging.preprocessing import flatten

SHARES_OF_SIDE = (0.05, 0.10, 0.15, 0.20)
"""How far images move, as shares of their width or height; in whole pixels."""

MAX_IMAGES: dict[SplitName, int] = {"test": 1_000, "validation": 500}
"""Of a larger split, so many are drawn; the same ones for every network."""

N_PATCHES = 8
"""Patches along each side of an image of which only broad light and dark is left."""

_BATCH = 1024  # images that are answered in one call
_MAX_BYTES = 48_000_000  # of all images that are moved
_FEWEST = 100  # are moved however large they are
_SEED = 0  # of the draw

ChangeAll = Callable[[np.ndarray], np.ndarray]
"""Changes uint8 images, shape (n_images, height, width, n_channels), into as many alike."""


def move_sizes(side: int) -> list[int]:
    """By how many pixels images of this width or height move: 5, 10, 14 and 19 of 96."""
    sizes = {max(1, round(share * side)) for share in SHARES_OF_SIDE}
    return sorted(size for size in sizes if size < side)


def drawn(n_images: int, n_features: int, split: SplitName = "test") -> np.ndarray:
    """int64 array: which of `n_images` images are moved, ascending; all, if they are few."""
    n = min(MAX_IMAGES[split], max(_FEWEST, _MAX_BYTES // n_features))
    if n_images <= n:
        return np.arange(n_images)
    return np.sort(np.random.default_rng(_SEED).permutation(n_images)[:n])


def accuracy_by_shift(predict: Predict, data: FeatureSet, split: SplitName = "test") -> ShiftTest:
    """Move all images of a split, and count right answers after each move.

    What leaves an image is gone; what comes in has the mean colour of its own edge, as on the
    Predict page.

    Parameters
    ----------
    predict : callable
        uint8 rows in, shape (n, n_features), probabilities out, shape (n, n_classes). It is
        asked about up to 1,024 rows at once.

    Raises
    ------
    ShapeError
        If there is no image in this split.
    """
    of_split = data.indices(split)
    if not len(of_split):
        raise ShapeError(f"Expected {split} pictures to move, and there are none.")
    rows = of_split[drawn(len(of_split), data.n_features, split)]
    images = data.features[rows].reshape(len(rows), *data.preprocess.image_shape)
    truth = data.labels[rows]
    height, width = data.preprocess.image_size
    across, along = _both_ways(width), _both_ways(height)
    changes: list[ChangeAll] = [
        *(partial(shift_all, right=pixels, down=0) for pixels in across),
        *(partial(shift_all, right=0, down=pixels) for pixels in along),
        keep_patches,
    ]
    before, reactions = count_changed(predict, images, truth, changes=changes)
    moved = [
        Moved(pixels=pixels, **reaction.model_dump())
        for pixels, reaction in zip([*across, *along], reactions, strict=False)
    ]
    return ShiftTest(
        split=split,
        image_size=(height, width),
        n_images=len(rows),
        n_split_images=len(of_split),
        n_correct=int((before == truth).sum()),
        n_guessed=int(np.bincount(truth).max()),
        n_classes=len(data.class_names),
        right=tuple(moved[: len(across)]),
        down=tuple(moved[len(across) :]),
        patches=reactions[-1],
    )


def make_shift_tests(predict: Predict, data: FeatureSet) -> ShiftTests:
    """Make the shift tests of a network, on the splits that are there.

    Parameters
    ----------
    predict : callable
        As `accuracy_by_shift` takes it.
    """
    has_validation = bool(len(data.indices("validation")))
    return ShiftTests(
        test=accuracy_by_shift(predict, data, "test"),
        validation=accuracy_by_shift(predict, data, "validation") if has_validation else None,
    )


def repeat_shift_tests(
    predict: Predict, inputs: RunInputs, predictions: Predictions, *, class_names: Sequence[str]
) -> ShiftTests:
    """Make the shift tests of a run that has ended, on what its network was given.

    Parameters
    ----------
    predict : callable
        As `accuracy_by_shift` takes it.
    predictions : Predictions
        Of this run; they name its images, their classes and splits.

    Raises
    ------
    RunError
        If its test images are not all here.
    """
    labels = np.zeros(len(inputs.table), dtype=np.int64)
    splits = np.full(len(inputs.table), "", dtype="<U10")
    for split in ("test", "validation"):
        part = predictions.of(split)
        if split == "test" or inputs.has(part.rows):
            indices = inputs.indices_of(part.rows)
            labels[indices], splits[indices] = part.labels, split
    data = FeatureSet(inputs.table, labels, splits, tuple(class_names), inputs.preprocess)
    return make_shift_tests(predict, data)


def count_changed(
    predict: Predict, images: np.ndarray, labels: np.ndarray, *, changes: Sequence[ChangeAll]
) -> tuple[np.ndarray, list[Reaction]]:
    """Ask about images as they are, and once more after each change of all of them.

    Parameters
    ----------
    predict : callable
        As `accuracy_by_shift` takes it.
    images : uint8 array, shape (n_images, height, width, n_channels)
    labels : int array, shape (n_images,)

    Returns
    -------
    before : int64 array, shape (n_images,)
        Index of the class that is predicted for each image as it is.
    reactions : list of Reaction
        One a change.
    """
    before, *after = predicted_classes(predict, images, [np.asarray, *changes])
    correct = before == labels
    return before, [
        Reaction(
            n_correct=int((classes == labels).sum()),
            n_lost=int((correct & (classes != labels)).sum()),
            n_changed=int((classes != before).sum()),
        )
        for classes in after
    ]


def predicted_classes(
    predict: Predict, images: np.ndarray, changes: Sequence[ChangeAll]
) -> np.ndarray:
    """int64 array, shape (n_changes, n_images): the class predicted after each change.

    Several changes of few images are asked about in one call, so that a small network is called
    seldom; of many images, one block after the other, so that a large one needs little memory.
    """
    classes = np.empty((len(changes), len(images)), dtype=np.int64)
    for start in range(0, len(images), _BATCH):
        block = images[start : start + _BATCH]
        at_once = max(1, _BATCH // len(block))
        for first in range(0, len(changes), at_once):
            some = changes[first : first + at_once]
            rows = np.concatenate([flatten(change(block)) for change in some])
            predicted = predict(rows).argmax(axis=1).reshape(len(some), len(block))
            classes[first : first + at_once, start : start + _BATCH] = predicted
    return classes


def keep_patches(images: np.ndarray) -> np.ndarray:
    """Leave of each image only the mean of 8 x 8 patches: where it is light, and where dark.

    Parameters
    ----------
    images : uint8 array, shape (n_images, height, width, n_channels)
    """
    means = images
    for axis in (1, 2):
        side = images.shape[axis]
        starts = np.unique(np.linspace(0, side, N_PATCHES + 1).round().astype(np.int64)[:-1])
        sizes = np.diff([*starts, side])
        shape = [-1 if each == axis else 1 for each in range(4)]
        total = np.add.reduceat(means, starts, axis=axis, dtype=np.float32)
        means = np.repeat(total / sizes.reshape(shape), sizes, axis=axis)
    return np.asarray(np.rint(means), dtype=np.uint8)


def _both_ways(side: int) -> list[int]:
    sizes = move_sizes(side)
    return [*(-size for size in reversed(sizes)), *sizes]
