"""Where it looks: which places decide, and whether they follow the animal into another corner."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ann_core.evaluation.input_gradients import input_gradients
from ann_core.evaluation.sampling import evenly
from ann_core.experiments.altered import ROLES, mean_interval, plan_both
from ann_core.experiments.conclusion import Conclusion, Figure, Map, Number, bar
from ann_core.experiments.definition import Bet, Evidence, Experiment, FinishedRun
from ann_core.imaging.perturbation import occlusion_map
from ann_core.imaging.preprocessing import edge_colour, flatten
from ann_core.prediction.classifier import Classifier

CORNERS = {"top left": (0, 0), "top right": (0, 1), "bottom left": (1, 0), "bottom right": (1, 1)}
QUARTER = 0.25
"""Share of a map in one quarter of the picture if all places matter alike."""

_SHOWN = ("top left", "bottom right")
_PATCH = 8
_MOST, _MOST_COVERED = 400, 40
"""Of more test pictures, an even sample; covering asks 49 times for each corner."""

MapMaker = Callable[[np.ndarray], np.ndarray]
"""Turns images into maps, float64 array, shape (n_images, height, width), none below 0."""


def pasted(images: np.ndarray, corner: tuple[int, int]) -> np.ndarray:
    """Shrink images to half their size, and paste each into a corner of an empty picture.

    Parameters
    ----------
    images : uint8 array, shape (n_images, height, width, n_channels)
    corner : (int, int)
        0 or 1 for top or bottom, and for left or right.

    Returns
    -------
    uint8 array of the same shape; what is empty has the mean colour of the image's edge.
    """
    n_images, height, width, n_channels = images.shape
    rows, columns = height // 2, width // 2
    fours = images[:, : 2 * rows, : 2 * columns].reshape(n_images, rows, 2, columns, 2, n_channels)
    canvas = np.empty_like(images)
    canvas[:] = np.stack([edge_colour(image) for image in images])[:, np.newaxis, np.newaxis]
    canvas[_quarter(images.shape, corner)] = np.rint(fours.mean(axis=(2, 4)))
    return canvas


def share_in_quarter(maps: np.ndarray, corner: tuple[int, int]) -> np.ndarray:
    """Say which share of each map lies in a quarter of the picture: float64, shape (n_images,)."""
    total = maps.sum(axis=(1, 2))
    inside = maps[_quarter(maps.shape, corner)].sum(axis=(1, 2))
    shares = np.full(len(maps), QUARTER)
    return np.asarray(np.divide(inside, total, out=shares, where=total > 0))


def _quarter(shape: Sequence[int], corner: tuple[int, int]) -> tuple[slice, slice, slice]:
    rows, columns = shape[1] // 2, shape[2] // 2
    down, right = corner
    top, left = down * (shape[1] - rows), right * (shape[2] - columns)
    return slice(None), slice(top, top + rows), slice(left, left + columns)


def _gradient_maps(each: FinishedRun, classifier: Classifier) -> MapMaker:
    def make(images: np.ndarray) -> np.ndarray:
        predicted = classifier.predict_features(flatten(images)).argmax(axis=1)
        return np.asarray(np.abs(input_gradients(each.folder, images, predicted)).sum(axis=3))

    return make


def _occlusion_maps(classifier: Classifier) -> MapMaker:
    def make(images: np.ndarray) -> np.ndarray:
        predict = classifier.predict_features
        labels = predict(flatten(images)).argmax(axis=1)
        maps = [
            occlusion_map(image, predict, patch=_PATCH, label=int(label)).change
            for image, label in zip(images, labels, strict=True)
        ]
        return np.asarray(np.abs(np.stack(maps)))

    return make


def _paste_all(make: MapMaker, images: np.ndarray, name: str) -> tuple[np.ndarray, list[Map]]:
    """Make the maps of images in each corner, and of the images as they are.

    Returns
    -------
    shares : float64 array, shape (n_images,)
        How much of each map is where the image was pasted, in the mean of all corners.
    drawn : list of Map
        Averages to look at: of images as they are, and in two corners.
    """
    shares, drawn = [], [Map.of(name, images.mean(axis=(0, 3)), make(images).mean(axis=0))]
    for corner, at in CORNERS.items():
        moved = pasted(images, at)
        maps = make(moved)
        shares.append(share_in_quarter(maps, at))
        if corner in _SHOWN:
            about = f"{name}, pasted {corner}"
            drawn.append(Map.of(about, moved.mean(axis=(0, 3)), maps.mean(axis=0)))
    return np.asarray(np.mean(shares, axis=0)), drawn


def _conclude(evidence: Evidence) -> Conclusion:
    images, labels = evidence.one("dense").test_images(_MOST)
    covered = evenly(images, _MOST_COVERED)
    shares: dict[str, np.ndarray] = {}
    maps, right = [], []
    for role in ROLES:
        each = evidence.one(role)
        classifier = Classifier(each.folder, for_batch=True)
        makers = {
            "gradient": (_gradient_maps(each, classifier), images),
            "covered": (_occlusion_maps(classifier), covered),
        }
        for how, (make, some) in makers.items():
            name = f"{role}, {how}"
            shares[name], drawn = _paste_all(make, some, name)
            maps += drawn
        right.append(_right(role, classifier, images, labels=labels))
    numbers = [_number(name, values) for name, values in shares.items()]
    apart = mean_interval(shares["convolution, gradient"] - shares["dense, gradient"])
    outcome = "convolution" if apart[1] > 0 else "dense" if apart[2] < 0 else "alike"
    return Conclusion(
        outcome=outcome,
        holds=outcome == "convolution",
        sentence=_sentence(numbers, apart) + _ENDS[outcome],
        figure=Figure(
            kind="bars",
            y_title="share of the map in that quarter",
            chance=QUARTER,
            lines=tuple(bar(number) for number in numbers),
        ),
        numbers=(*numbers, *right),
        maps=tuple(maps),
    )


def _number(name: str, shares: np.ndarray) -> Number:
    value, low, high = mean_interval(shares)
    return Number(
        what=name, value=value, low=low, high=high, about=f"mean of {len(shares):,} test pictures"
    )


def _right(role: str, classifier: Classifier, images: np.ndarray, *, labels: np.ndarray) -> Number:
    corners = [
        classifier.predict_features(flatten(pasted(images, at))).argmax(axis=1) == labels
        for at in CORNERS.values()
    ]
    mean, low, high = mean_interval(np.mean(corners, axis=0))
    about = f"{len(images):,} test pictures in {len(CORNERS)} corners each"
    what = f"{role}: right on pasted pictures"
    return Number(what=what, value=mean, low=max(0.0, low), high=min(1.0, high), about=about)


def _sentence(numbers: Sequence[Number], apart: tuple[float, float, float]) -> str:
    dense, dense_covered, contrast, contrast_covered = (f"{each.value:.1%}" for each in numbers)
    mean, low, high = (100 * each for each in apart)
    return (
        f"When a picture is pasted into a corner, {dense} of the dense network's gradient lies in "
        f"that quarter, and {contrast} of the convolution's; if all places mattered alike, "
        f"{QUARTER:.0%} would. The difference is {mean:.1f} points ({low:.1f} to {high:.1f}). By "
        f"covering one patch after the other it is {dense_covered} and {contrast_covered}. "
    )


_ENDS = {
    "convolution": "The convolution's map follows the animal more.",
    "alike": "That is no more than chance: neither map follows more than the other.",
    "dense": "Here it is the dense network's map that follows more.",
}

LOOKS = Experiment(
    key="looks",
    title="Where it looks",
    claim="When the animal is pasted into another corner, the places that decide follow it in a "
    "convolution more than in a dense network.",
    how="Two maps show which places decide: the gradient, by how much each pixel would change the "
    "answer, and covering, by how much a patch that hides them does. Both are averaged over the "
    "test pictures, of a dense network and of a convolution, for contrast. Then each picture is "
    "pasted, half as large, into each corner of an empty picture, and the maps are made again.",
    why="The gradient of a dense layer is made of its weights, and each of these belongs to one "
    "pixel, whatever is there. A convolution passes on only where a filter found its shape, so "
    "its map is empty where the picture is.",
    bets=(
        Bet(
            "convolution",
            "The convolution's map follows more",
            {"dense, gradient": (0.3,), "convolution, gradient": (0.9,)},
        ),
        Bet(
            "alike",
            "Both follow alike",
            {"dense, gradient": (0.6,), "convolution, gradient": (0.6,)},
        ),
        Bet(
            "dense",
            "The dense network's map follows more",
            {"dense, gradient": (0.9,), "convolution, gradient": (0.4,)},
        ),
    ),
    plan=plan_both,
    conclude=_conclude,
)
