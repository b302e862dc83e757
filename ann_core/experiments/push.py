"""Smallest push: how little each pixel must change until a network changes its answer."""

from __future__ import annotations

import numpy as np

from ann_core.evaluation.input_gradients import input_gradients
from ann_core.evaluation.sampling import evenly
from ann_core.experiments.altered import MAX_IMAGES, plan_both
from ann_core.experiments.conclusion import (
    Conclusion,
    Example,
    Figure,
    Line,
    Number,
    share,
    share_line,
)
from ann_core.experiments.definition import Bet, Evidence, Experiment, FinishedRun
from ann_core.imaging.preprocessing import flatten
from ann_core.prediction.classifier import Classifier
from ann_core.runs.folder import RunFolder

STRENGTHS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32)
"""By how many of 255 levels each pixel becomes brighter or darker."""

SMALL = 8
"""Levels that are hard to see."""

N_EXAMPLES = 8

_DENSE, _RANDOM = "dense, along its gradient", "dense, at random"
_CONTRAST = "convolution, along its gradient"
_SEED = 0
_STEEP, _SLOW, _FLAT = (0.0, 0.5, 0.8, 0.95, 1.0), (0.0, 0.05, 0.1, 0.2, 0.3), (0.0, 0.0, 0.0, 0.01)


def directions(folder: RunFolder, images: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Say for each value of each image whether more or less of it speaks against what is predicted.

    Parameters
    ----------
    images : uint8 array, shape (n_images, height, width, n_channels)
    predicted : int array, shape (n_images,)

    Returns
    -------
    int16 array of the shape of `images`: 1, -1, or 0 where it does not matter

    Raises
    ------
    RunError
        If the network is none of the plain ones, or its model is damaged.
    """
    slope = input_gradients(folder, images, predicted)
    return np.asarray(np.sign(slope), dtype=np.int16)


def pushed(images: np.ndarray, signs: np.ndarray, strength: int) -> np.ndarray:
    """Change each value by so many levels; it ends at 0 and 255. uint8 array, as `images`."""
    return np.asarray(np.clip(images + strength * signs, 0, 255), dtype=np.uint8)


def smallest_push(flipped: np.ndarray) -> np.ndarray:
    """Find the first strength that flips each image: int64 array, 0 where none does.

    Parameters
    ----------
    flipped : bool array, shape (n_strengths, n_images)
    """
    first = np.asarray(STRENGTHS)[flipped.argmax(axis=0)]
    return np.where(flipped.any(axis=0), first, 0)


def _ask(each: FinishedRun, images: np.ndarray, signs: np.ndarray | None = None) -> np.ndarray:
    """int64 array, shape (1 + n_strengths, n_images): classes, first of images as they are."""
    predict = Classifier(each.folder, for_batch=True).predict_features
    before = predict(flatten(images)).argmax(axis=1)
    signs = directions(each.folder, images, before) if signs is None else signs
    changed = (flatten(pushed(images, signs, strength)) for strength in STRENGTHS)
    after = [predict(features).argmax(axis=1) for features in changed]
    return np.stack([before, *after])


def _conclude(evidence: Evidence) -> Conclusion:
    dense, contrast = evidence.one("dense"), evidence.one("convolution")
    images, labels = dense.test_images(MAX_IMAGES)
    chance = np.random.default_rng(_SEED).choice(np.array([-1, 1], np.int16), images.shape)
    classes = {
        _DENSE: _ask(dense, images),
        _RANDOM: _ask(dense, images, chance),
        _CONTRAST: _ask(contrast, images),
    }
    smallest = {name: smallest_push(each[1:] != each[0]) for name, each in classes.items()}
    small = [_within(name, each, SMALL) for name, each in smallest.items()]
    outcome = _outcome(small[0])
    return Conclusion(
        outcome=outcome,
        holds=outcome == "most",
        sentence=_sentence(small, smallest[_DENSE]),
        figure=Figure(
            x_title="levels of 255 by which each pixel changes",
            y_title="pictures with another predicted class",
            lines=tuple(_line(name, each) for name, each in smallest.items()),
        ),
        numbers=(*small, *(_within(name, each, STRENGTHS[-1]) for name, each in smallest.items())),
        examples=_examples(dense, classes[_DENSE], smallest[_DENSE], labels=labels),
    )


def _within(name: str, smallest: np.ndarray, strength: int) -> Number:
    n_flipped = int(((smallest > 0) & (smallest <= strength)).sum())
    return share(f"{name}: changed by up to {strength} levels", n_flipped, len(smallest))


def _line(name: str, smallest: np.ndarray) -> Line:
    shares = [_within(name, smallest, strength).value for strength in STRENGTHS]
    return share_line(name, [0, *STRENGTHS], [0.0, *shares], n_images=len(smallest))


def _outcome(small: Number) -> str:
    low, high = small.low or 0.0, 1.0 if small.high is None else small.high
    return "most" if low > 0.5 else "few" if high < 0.5 else "half"


def _sentence(small: list[Number], smallest: np.ndarray) -> str:
    along, at_random, contrast = (f"{number.value:.1%}" for number in small)
    sorted_pushes = np.sort(np.where(smallest > 0, smallest, np.inf))
    middle = sorted_pushes[(len(smallest) - 1) // 2]
    median = (
        f"For half of the pictures {middle:.0f} of 255 levels are enough for the dense network."
        if np.isfinite(middle)
        else f"For half of the pictures even {STRENGTHS[-1]} of 255 levels are not enough for it."
    )
    return (
        f"When each pixel becomes brighter or darker by up to {SMALL} of 255 levels, along the "
        f"gradient of the dense network, it predicts another class for {along} of the test "
        f"pictures; for {at_random} if brighter or darker is chosen at random. The convolution, "
        f"along its own gradient, does so for {contrast}. {median}"
    )


def _examples(
    dense: FinishedRun, classes: np.ndarray, smallest: np.ndarray, *, labels: np.ndarray
) -> tuple[Example, ...]:
    """Choose pictures that were right, from the easiest to flip to the hardest."""
    names, rows = dense.class_names, dense.test_rows(MAX_IMAGES)
    right = np.flatnonzero((classes[0] == labels) & (smallest > 0))
    right = right[np.argsort(smallest[right], kind="stable")]
    chosen = evenly(right, N_EXAMPLES)
    after = classes[1 + np.searchsorted(STRENGTHS, smallest), np.arange(len(smallest))]
    return tuple(
        Example(
            row=int(rows[index]),
            truth=names[labels[index]],
            before=names[classes[0, index]],
            after=names[after[index]],
            strength=int(smallest[index]),
        )
        for index in chosen
    )


PUSH = Experiment(
    key="push",
    title="Smallest push",
    claim=f"For most pictures, changing each pixel by {SMALL} of 255 levels, which is hard to see, "
    "is enough to change the answer of a dense network.",
    how="For each test picture the gradient says of each pixel whether brighter or darker speaks "
    "against the predicted class. All pixels are changed that way, by ever more levels, until the "
    "network predicts another class. For contrast, pixels are changed as much at random, and "
    "a convolution is given pictures that are changed along its own gradient.",
    why="A dense layer adds up a thousand pixels. When each of them changes a little, and always "
    "in the direction that its weight likes least, a thousand little changes add up to a large "
    "one (Goodfellow, Shlens and Szegedy 2015). At random they cancel out.",
    bets=(
        Bet("most", "Enough for most pictures", {_DENSE: _STEEP, _RANDOM: _FLAT}),
        Bet("half", "Enough for about half", {_DENSE: (0.0, 0.3, 0.5, 0.6, 0.7), _RANDOM: _FLAT}),
        Bet("few", "Enough for few", {_DENSE: _SLOW, _RANDOM: _FLAT}),
    ),
    plan=plan_both,
    conclude=_conclude,
)
