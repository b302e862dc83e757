"""Nudge and Mirror: the test pictures are changed a little, and the same networks asked again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from math import sqrt

import numpy as np

from ann_core.datasets.dataset import DatasetInfo
from ann_core.evaluation.shift_result import tenth
from ann_core.evaluation.shift_test import ChangeAll, predicted_classes
from ann_core.evaluation.significance import Z_95, chance_sentence, mcnemar
from ann_core.experiments.budget import Budget
from ann_core.experiments.conclusion import (
    Conclusion,
    Example,
    Figure,
    Line,
    bar,
    share,
    share_line,
)
from ann_core.experiments.definition import (
    CONVOLUTION,
    DENSE,
    PIXELS,
    Bet,
    Evidence,
    Experiment,
    FinishedRun,
    planned,
    with_epochs,
)
from ann_core.imaging.perturbation import Perturbation, shift_all
from ann_core.prediction.classifier import Classifier
from ann_core.runs.experiments import PlannedRun

ROLES = ("dense", "convolution")
MAX_IMAGES = 1_000
"""Of a larger test split, the first ones; they lie there in no order."""

N_EXAMPLES = 12

SHARES = (-0.25, -0.2, -0.15, -0.1, -0.05, 0.05, 0.1, 0.15, 0.2, 0.25)
"""How far the pictures move, as shares of their width."""

_OTHERS = {
    "turned by 15 degrees": Perturbation(angle=15.0),
    "a quarter larger": Perturbation(zoom=1.25),
    "a fifth smaller": Perturbation(zoom=0.8),
    "brighter by 40 of 255": Perturbation(brightness=40),
}


@dataclass(frozen=True, eq=False)
class Reactions:
    """A network and what it predicts for the test pictures, as they are and changed.

    Attributes
    ----------
    labels, before : int64 arrays, shape (n_images,)
    after : int64 array, shape (n_changes, n_images)
    """

    labels: np.ndarray
    before: np.ndarray
    after: np.ndarray

    def n_correct(self, change: int) -> int:
        """Count right answers after a change."""
        return int((self.after[change] == self.labels).sum())

    def drop(self, changes: Sequence[int]) -> np.ndarray:
        """Say what each image loses by changes, on average: float64 array, shape (n_images,)."""
        right = self.after[list(changes)] == self.labels
        return np.asarray((self.before == self.labels).astype(float) - right.mean(axis=0))

    @property
    def moved_its_mind(self) -> np.ndarray:
        """Where the first change makes another class of an image: bool array."""
        return np.asarray(self.after[0] != self.before)


def ask(each: FinishedRun, changes: Sequence[ChangeAll]) -> Reactions:
    """Ask the exported network about the test pictures, once for each change."""
    images, labels = each.test_images(MAX_IMAGES)
    classes = predicted_classes(
        Classifier(each.folder).predict_features, images, [np.asarray, *changes]
    )
    return Reactions(labels, classes[0], classes[1:])


def change_all(images: np.ndarray, change: Perturbation) -> np.ndarray:
    """Change all images alike: uint8 array, shape (n_images, height, width, n_channels)."""
    return np.stack([change.apply(image) for image in images])


def mirror(images: np.ndarray) -> np.ndarray:
    """Let left and right change places in all images; twice, and they are what they were."""
    return images[:, :, ::-1]


def mean_interval(values: np.ndarray) -> tuple[float, float, float]:
    """Compute a mean and its 95 % interval, by the normal distribution."""
    mean = float(values.mean())
    half = Z_95 * float(values.std(ddof=1)) / sqrt(len(values))
    return mean, mean - half, mean + half


def plan_both(info: DatasetInfo, budget: Budget) -> list[PlannedRun]:
    """Plan a dense network and a convolution that learn from the same pictures."""
    networks = (DENSE, CONVOLUTION)
    epochs = budget.epochs([(network, PIXELS) for network in networks], info)
    return [
        planned(role, info, with_epochs(network, epochs))
        for role, network in zip(ROLES, networks, strict=True)
    ]


def _conclude_nudge(evidence: Evidence) -> Conclusion:
    width = PIXELS.image_size[1]
    pixels = sorted({round(each * width) for each in SHARES})
    moves = [partial(shift_all, right=right, down=0) for right in pixels]
    others = [partial(change_all, change=change) for change in _OTHERS.values()]
    reactions = {role: ask(evidence.one(role), [*moves, *others]) for role in ROLES}
    tenths = [pixels.index(-tenth(width)), pixels.index(tenth(width))]
    drops = {role: mean_interval(each.drop(tenths)) for role, each in reactions.items()}
    apart = mean_interval(reactions["dense"].drop(tenths) - reactions["convolution"].drop(tenths))
    outcome = _nudge_outcome(drops, apart)
    n_images = len(reactions["dense"].labels)
    return Conclusion(
        outcome=outcome,
        holds=outcome == "dense",
        sentence=f"When the test pictures move by a tenth of their width, to the left or to the "
        f"right, the dense network loses {_points(drops['dense'])} of accuracy and the "
        f"convolution {_points(drops['convolution'])}; the difference is {_points(apart)}.",
        figure=Figure(
            x_title="moved to the right, in hundredths of the width",
            y_title="test accuracy",
            chance=1 / len(evidence.one("dense").class_names),
            lines=tuple(
                _curve(role, each, pixels=pixels, width=width) for role, each in reactions.items()
            ),
        ),
        numbers=tuple(
            share(f"{role}, pictures {name}", each.n_correct(number), n_images)
            for number, name in enumerate(_OTHERS, start=len(pixels))
            for role, each in reactions.items()
        ),
    )


def _curve(role: str, reactions: Reactions, *, pixels: Sequence[int], width: int) -> Line:
    """Draw accuracies from left to right, the pictures as they are in the middle."""
    counts = {right: reactions.n_correct(number) for number, right in enumerate(pixels)}
    counts[0] = int((reactions.before == reactions.labels).sum())
    at, n_images = sorted(counts), len(reactions.labels)
    shares = [counts[right] / n_images for right in at]
    return share_line(role, [100 * right / width for right in at], shares, n_images=n_images)


def _nudge_outcome(
    drops: dict[str, tuple[float, float, float]], apart: tuple[float, float, float]
) -> str:
    if apart[1] > 0:
        return "dense"
    if apart[2] < 0:
        return "convolution"
    return "both" if drops["dense"][1] > 0 else "neither"


def _points(interval: tuple[float, float, float]) -> str:
    mean, low, high = (100 * each for each in interval)
    return f"{mean:.1f} points ({low:.1f} to {high:.1f})"


def _conclude_mirror(evidence: Evidence) -> Conclusion:
    reactions = {role: ask(evidence.one(role), [mirror]) for role in ROLES}
    dense, contrast, run = reactions["dense"], reactions["convolution"], evidence.one("dense")
    n_images = len(dense.labels)
    numbers = tuple(
        share(f"{role}: predicts another class", int(each.moved_its_mind.sum()), n_images)
        for role, each in reactions.items()
    )
    test = mcnemar(dense.moved_its_mind, contrast.moved_its_mind)
    outcome = {"first": "dense", "second": "convolution", "neither": "alike"}[test.ahead]
    accuracies = tuple(
        share(f"{role}: right on mirrored pictures", each.n_correct(0), n_images)
        for role, each in reactions.items()
    )
    return Conclusion(
        outcome=outcome,
        holds=outcome == "dense",
        sentence=f"When all {n_images:,} test pictures are mirrored, the dense network predicts "
        f"another class for {numbers[0].value:.1%} of them, the convolution for "
        f"{numbers[1].value:.1%}. {chance_sentence(test.p_value)}",
        figure=Figure(
            kind="bars",
            y_title="predicts another class for the mirrored picture",
            lines=tuple(bar(*pair) for pair in zip(numbers, ROLES, strict=True)),
        ),
        numbers=(*numbers, *accuracies),
        examples=changed_examples(
            dense, rows=run.test_rows(MAX_IMAGES), class_names=run.class_names
        ),
    )


def changed_examples(
    reactions: Reactions, *, rows: np.ndarray, class_names: Sequence[str]
) -> tuple[Example, ...]:
    """Choose images that the first change makes another class, first those that were right.

    Parameters
    ----------
    rows : int array, shape (at least n_images,)
        Row of each image in ``Dataset.images``.
    """
    changed = np.flatnonzero(reactions.moved_its_mind)
    was_wrong = reactions.before[changed] != reactions.labels[changed]
    return tuple(
        Example(
            row=int(rows[index]),
            truth=class_names[reactions.labels[index]],
            before=class_names[reactions.before[index]],
            after=class_names[reactions.after[0, index]],
        )
        for index in changed[np.argsort(was_wrong, kind="stable")][:N_EXAMPLES]
    )


_TENT, _STEADY = (0.5, 0.6, 0.8, 0.6, 0.5), (0.93, 0.95, 0.96, 0.95, 0.93)
_HOW = "A dense network and a convolution, for contrast, learn from the same pictures. Then all "

NUDGE = Experiment(
    key="nudge",
    title="Nudge",
    claim="To a dense network, a picture that has moved a little is a new picture.",
    how=_HOW + "test pictures are moved to the left and to the right, also turned, resized and "
    "brightened, and both predict again.",
    why="Each weight of a dense layer belongs to one pixel. When the cat moves by three pixels, "
    "other weights meet its ear, and these have learned something else. A convolution carries its "
    "filters over the whole picture, so it meets the ear with the same weights.",
    bets=(
        Bet("dense", "The dense network loses more", {"dense": _TENT, "convolution": _STEADY}),
        Bet("both", "Both lose as much", {"dense": _TENT, "convolution": _TENT}),
        Bet("convolution", "The convolution loses more", {"dense": _STEADY, "convolution": _TENT}),
        Bet("neither", "Neither loses", {"dense": _STEADY, "convolution": _STEADY}),
    ),
    plan=plan_both,
    conclude=_conclude_nudge,
)

MIRROR = Experiment(
    key="mirror",
    title="Mirror",
    claim="When pictures are mirrored, a dense network changes more answers than a convolution.",
    how=_HOW + "test pictures are mirrored, and both predict again.",
    why="A cat that looks to the left is a cat that looks to the right. To a dense network the two "
    "have hardly a pixel in common. A convolution finds ears and eyes anywhere, though a mirrored "
    "ear may be new to it as well.",
    bets=(
        Bet(
            "dense",
            "The dense network changes more answers",
            {"dense": (0.9,), "convolution": (0.5,)},
        ),
        Bet("alike", "Both change about as many", {"dense": (0.7,), "convolution": (0.7,)}),
        Bet(
            "convolution", "The convolution changes more", {"dense": (0.5,), "convolution": (0.9,)}
        ),
    ),
    plan=plan_both,
    conclude=_conclude_mirror,
)
