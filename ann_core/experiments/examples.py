"""What the networks of an experiment are given, for people to look at."""

from __future__ import annotations

import numpy as np

from ann_core.datasets.dataset import Dataset
from ann_core.datasets.integrity import open_unchanged
from ann_core.evaluation.sampling import evenly
from ann_core.experiments.push import directions, pushed
from ann_core.imaging.preprocessing import PreprocessConfig, preprocess, squeeze_gray
from ann_core.prediction.classifier import Classifier, Prediction
from ann_core.runs.experiments import PlannedRun
from ann_core.runs.run import RunConfig

N_IMAGES = 6

_ZOOM = 4  # a pixel of the network becomes a square of so many
_GAP = 4


def image_kinds(plan: tuple[PlannedRun, ...]) -> dict[str, RunConfig]:
    """Name the kinds of images that an experiment uses, if there are more than one."""
    still = plan[0].config.dataset
    moves = any(each.config.dataset != still for each in plan)

    def kind(config: RunConfig) -> str:
        if config.preprocess.scramble_seed:
            return "scrambled"
        if not moves:
            return "as they are"
        return "centred" if config.dataset == still else "moved"

    kinds = {kind(each.config): each.config for each in plan}
    return kinds if len(kinds) > 1 else {}


def example_strip(dataset: Dataset, preprocess_config: PreprocessConfig) -> np.ndarray:
    """Lay some test images beside each other, each pixel as a square.

    Returns
    -------
    uint8 array, shape (height, width) or (height, width, 3)
    """
    chosen = evenly(dataset.indices("test"), N_IMAGES)
    return _strip([_read(dataset, int(row), preprocess_config) for row in chosen])


def one_image(dataset: Dataset, row: int, preprocess_config: PreprocessConfig) -> np.ndarray:
    """Draw one image as `example_strip` does."""
    return _strip([_read(dataset, row, preprocess_config)])


def mirrored_pair(dataset: Dataset, row: int, preprocess_config: PreprocessConfig) -> np.ndarray:
    """Lay an image and its mirror image beside each other, as `example_strip` does."""
    pixels = _read(dataset, row, preprocess_config)
    return _strip([pixels, pixels[:, ::-1]])


def pushed_strip(
    dataset: Dataset, row: int, classifier: Classifier, *, strength: int
) -> tuple[np.ndarray, Prediction]:
    """Push an image, and say what is predicted then.

    Parameters
    ----------
    classifier : Classifier
        The network whose gradient says in which direction each value goes.
    strength : int
        By how many levels each value changes.

    Returns
    -------
    strip : uint8 array, shape (height, width) or (height, width, 3)
        Beside each other: the image, the directions (white is brighter, black is darker), the
        image after the push.
    predicted : Prediction

    Raises
    ------
    RunError
        If the model is missing or damaged.
    """
    pixels = _read(dataset, row, classifier.preprocess)
    before = classifier.class_names.index(classifier.predict_pixels(pixels).class_name)
    signs = directions(classifier.folder, pixels[np.newaxis], np.array([before]))
    after = pushed(pixels[np.newaxis], signs, strength)[0]
    drawn = np.clip(128 + 128 * signs[0], 0, 255).astype(np.uint8)
    return _strip([pixels, drawn, after]), classifier.predict_pixels(after)


def _read(dataset: Dataset, row: int, preprocess_config: PreprocessConfig) -> np.ndarray:
    image = open_unchanged(dataset, row, preprocess_config.bits_used)
    return preprocess(image, preprocess_config)


def _strip(images: list[np.ndarray]) -> np.ndarray:
    parts = []
    for pixels in images:
        large = pixels.repeat(_ZOOM, axis=0).repeat(_ZOOM, axis=1)
        parts.append(np.pad(large, ((0, 0), (0, _GAP), (0, 0)), constant_values=255))
    return squeeze_gray(np.concatenate(parts, axis=1)[:, :-_GAP])
