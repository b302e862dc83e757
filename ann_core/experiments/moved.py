"""Moved cartoons: each animal in the middle, or moved, turned and resized as knobs say."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from math import hypot

import numpy as np

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import DatasetInfo, display_name
from ann_core.datasets.sources.builtin import import_builtin, is_builtin
from ann_core.datasets.sources.cartoons import CLASS_NAMES, CartoonConfig, draw_cartoon
from ann_core.errors import RunError
from ann_core.experiments.budget import Budget
from ann_core.experiments.conclusion import Conclusion, Number, accuracy_bars
from ann_core.experiments.definition import (
    CONVOLUTION,
    DENSE,
    PIXELS,
    Bet,
    Evidence,
    Experiment,
    planned,
    with_epochs,
)
from ann_core.files import ProgressCallback, no_progress
from ann_core.runs.experiments import PlannedRun
from ann_core.runs.job_types import ImportConfig

MOVED_FAR = CartoonConfig(
    n_images=2000, image_size=64, shift=0.4, rotation=45.0, scale=0.4, background=0, noise=0
)
"""What the knobs say first, before a plain background."""

N_EXAMPLES = 8

_CARTOONS = "cartoons"
_ROLES = ("dense, centred", "dense, moved", "convolution, centred", "convolution, moved")
_HIGH, _LOW = (0.98,), (0.7,)

Bar = tuple[float, ...]


def _sketch(dense: Bar, contrast: Bar) -> dict[str, Bar]:
    return dict(zip(_ROLES, (_HIGH, dense, _HIGH, contrast), strict=True))


def centred(cartoons: CartoonConfig) -> CartoonConfig:
    """Put the same animals into the middle, upright and of one size."""
    return cartoons.model_copy(update={"shift": 0.0, "rotation": 0.0, "scale": 0.0})


def name_of(cartoons: CartoonConfig) -> str:
    """Name the data set of these cartoons by their knobs."""
    if cartoons == centred(cartoons):
        return "cartoons-centred"
    knobs = (100 * cartoons.shift, cartoons.rotation, 100 * cartoons.scale)
    return f"cartoons-moved-{'-'.join(f'{knob:.0f}' for knob in knobs)}"


def missing(catalog: Catalog, cartoons: CartoonConfig) -> list[ImportConfig]:
    """Say which data sets of an experiment with these cartoons are yet to be drawn.

    Raises
    ------
    RunError
        If nothing moves.
    """
    if cartoons == centred(cartoons):
        raise RunError(
            "With all knobs at 0 there is nothing to compare: let the cartoons move, turn or "
            "change their size."
        )
    return [
        ImportConfig(name=name_of(each), source="builtin", what=_CARTOONS, cartoons=each)
        for each in (centred(cartoons), cartoons)
        if _find(catalog, each) is None
    ]


def draw(
    catalog: Catalog, cartoons: CartoonConfig, progress: ProgressCallback = no_progress
) -> None:
    """Draw what is missing, here and now.

    Raises
    ------
    DatasetError
        If something else has the name.
    RunError
        If nothing moves.
    """
    for each in missing(catalog, cartoons):
        import_builtin(_CARTOONS, each.name, catalog, cartoons=each.cartoons, progress=progress)


def with_cartoons(catalog: Catalog, cartoons: CartoonConfig) -> tuple[Experiment, DatasetInfo]:
    """Make the experiment on cartoons that were drawn, and find the data set of those that move.

    Raises
    ------
    RunError
        If they are not drawn.
    """
    still, moved = (_find(catalog, each) for each in (centred(cartoons), cartoons))
    if still is None or moved is None:
        raise RunError("These cartoons are not drawn yet. Draw them, then start the experiment.")
    return replace(MOVED, plan=partial(_plan, still=still)), moved


def preview(cartoons: CartoonConfig) -> np.ndarray:
    """Draw the first few, cats and dogs in turn: uint8 array, shape (height, width, 3)."""
    images = [
        np.asarray(draw_cartoon(CLASS_NAMES[number % 2], cartoons, number // 2))
        for number in range(N_EXAMPLES)
    ]
    return np.concatenate(
        [np.pad(each, ((0, 0), (0, 4), (0, 0)), constant_values=255) for each in images], axis=1
    )


def _find(catalog: Catalog, cartoons: CartoonConfig) -> DatasetInfo | None:
    name = name_of(cartoons)
    drawn = (info for info in catalog.infos() if is_builtin(info, _CARTOONS))
    return next((info for info in drawn if display_name(info.name) == name), None)


def _plan(
    info: DatasetInfo, budget: Budget, *, still: DatasetInfo | None = None
) -> list[PlannedRun]:
    if still is None:
        raise RunError("This experiment draws its own pictures: it needs no other data set.")
    networks = (DENSE, DENSE, CONVOLUTION, CONVOLUTION)
    epochs = budget.epochs([(network, PIXELS) for network in networks], info)
    return [
        planned(role, each, with_epochs(network, epochs))
        for role, network, each in zip(_ROLES, networks, (still, info) * 2, strict=True)
    ]


def fall(before: Number, after: Number) -> Number:
    """Say by how much a share fell between two sets of pictures (Newcombe 1998, method 10)."""
    ends = (before.low, before.high, after.low, after.high)
    low_1, high_1, low_2, high_2 = (0.0 if end is None else end for end in ends)
    difference = before.value - after.value
    return Number(
        what=f"{before.what.partition(',')[0]}: falls by",
        value=difference,
        low=difference - hypot(before.value - low_1, high_2 - after.value),
        high=difference + hypot(high_1 - before.value, after.value - low_2),
        style="points",
        about="difference of the shares above",
    )


def _conclude(evidence: Evidence) -> Conclusion:
    numbers = [evidence.one(role).test_accuracy() for role in _ROLES]
    falls = (fall(*numbers[:2]), fall(*numbers[2:]))
    dense_falls, contrast_falls = (each.low is not None and each.low > 0 for each in falls)
    ahead = evidence.compare(_ROLES[1], _ROLES[3]).ahead == "second"
    outcome = "neither"
    if dense_falls:
        outcome = "dense" if not contrast_falls else "further" if ahead else "both"
    elif contrast_falls:
        outcome = "both"
    return Conclusion(
        outcome=outcome,
        holds=outcome == "dense",
        sentence=f"Centred, the dense network gets {numbers[0].value:.1%} of the test pictures "
        f"right; moved, {numbers[1].value:.1%}. The convolution gets {numbers[2].value:.1%} and "
        f"{numbers[3].value:.1%}. {_ENDS[outcome]}",
        figure=accuracy_bars(numbers, n_classes=len(evidence.one(_ROLES[0]).class_names)),
        numbers=(*numbers, *falls),
    )


_ENDS = {
    "dense": "The dense network falls by more than chance explains, the convolution does not.",
    "further": "Both fall by more than chance explains, and on the moved pictures the convolution "
    "is ahead.",
    "both": "The dense network does not fall further than the convolution by more than chance "
    "explains.",
    "neither": "Neither falls by more than chance explains.",
}

MOVED = Experiment(
    key="moved",
    title="Moved cartoons",
    claim="A dense network learns cartoons that sit in the middle. When they move, turn and change "
    "their size, it falls behind, and a convolution does not.",
    how="The same cats and dogs are drawn twice: in the middle of each picture, and moved, turned "
    "and resized at random, as far as the knobs say. A dense network and a convolution, for "
    "contrast, learn from each kind and are tested on new pictures of that kind.",
    why="In the middle, an ear is always at the same few pixels, and a weight can wait for it "
    "there. When the animal moves, each place shows an ear now and a cheek then, and the dense "
    "network needs pictures of each case. A convolution looks for an ear everywhere.",
    bets=(
        Bet("dense", "Only the dense network falls", _sketch(_LOW, _HIGH)),
        Bet("further", "Both fall, the dense one further", _sketch(_LOW, (0.85,))),
        Bet("both", "The convolution falls as far", _sketch(_LOW, _LOW)),
        Bet("neither", "Neither falls", _sketch(_HIGH, _HIGH)),
    ),
    plan=_plan,
    conclude=_conclude,
    draws=True,
)
