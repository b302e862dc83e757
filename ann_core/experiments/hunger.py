"""Data hunger: how many pictures it takes."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import mean

import numpy as np

from ann_core.datasets.dataset import DatasetInfo
from ann_core.evaluation.significance import shares_may_be_equal
from ann_core.experiments.budget import Budget
from ann_core.experiments.conclusion import Conclusion, Figure, Line, Number, share
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
from ann_core.runs.experiments import PlannedRun
from ann_core.runs.variation import VariationConfig

GOAL = 0.8
SEEDS = (0, 1, 2)

_N_SIZES = 4
_FEWEST = 50
_MOST_EPOCHS = 40
_FITTED = 3  # sizes, from the largest down, that a line is laid through
_N_DRAWN = 2_000
_FARTHEST = 12  # a number of pictures is not written beyond 10 to this power
_KINDS = (("dense", DENSE), ("convolution", CONVOLUTION))
_SLOW, _FAST = (0.5, 0.58, 0.66, 0.74), (0.6, 0.78, 0.9, 0.96)


def sizes(n_train: int) -> list[int]:
    """Choose numbers of training pictures, each as many times the one before."""
    fewest = min(_FEWEST, max(4, n_train // 8))
    return sorted({round(float(n)) for n in np.geomspace(fewest, n_train, _N_SIZES)})


def _plan(info: DatasetInfo, budget: Budget) -> list[PlannedRun]:
    n_train = info.n_images_of("train")
    n_seeds = max(1, min(len(SEEDS), int(budget.runs_beside(info) // (2 * _N_SIZES))))
    networks = [(network, PIXELS) for _, network in _KINDS]
    # All sizes together cost about one and a half times the largest.
    epochs = budget.epochs(networks * n_seeds, info, n_runs=2 * n_seeds * _N_SIZES, weight=1.5)
    plan = []
    for n_images in sizes(n_train):
        more = budget.allowed(round(epochs * (n_train / n_images) ** 0.5))
        for kind, network in _KINDS:
            for seed in SEEDS[:n_seeds]:
                own = with_epochs(network, min(max(epochs, _MOST_EPOCHS), more), seed)
                own = own.model_copy(update={"keep": "best"})
                varied = VariationConfig(n_train=n_images)
                plan.append(planned(role(kind, n_images), info, own, variation=varied))
    return plan


def role(kind: str, n_images: int) -> str:
    """Name the networks of a kind that learn from so many pictures."""
    return f"{kind}, {n_images:,} pictures"


def _conclude(evidence: Evidence) -> Conclusion:
    by_kind = {kind: _points(evidence, kind) for kind, _ in _KINDS}
    dense, contrast = by_kind["dense"], by_kind["convolution"]
    n_test = evidence.runs[0].run.learned.test.n_images
    ends = {kind: points[max(points)] for kind, points in by_kind.items()}
    counts = [(round(mean(ends[kind]) * n_test), n_test) for kind, _ in _KINDS]
    equal = shares_may_be_equal(counts[0], counts[1])
    hungrier = counts[1][0] > counts[0][0] and not equal
    outcome = "dense" if hungrier else "alike" if equal else "convolution"
    needed = {kind: needed_for(GOAL, points, n_test) for kind, points in by_kind.items()}
    most = max(dense)
    return Conclusion(
        outcome=outcome,
        holds=hungrier,
        sentence=_ends(most, ends, equal=equal)
        + " ".join(_needs(kind, needed[kind], by_kind[kind]) for kind, _ in _KINDS),
        figure=Figure(
            x_title="training pictures",
            y_title="test accuracy",
            log_x=True,
            chance=1 / len(evidence.runs[0].class_names),
            lines=(_line("dense", dense, n_test), _line("convolution", contrast, n_test)),
        ),
        numbers=tuple(
            _number(kind, n_images, values, n_test=n_test)
            for kind, points in by_kind.items()
            for n_images, values in points.items()
        ),
    )


def _ends(most: int, ends: dict[str, list[float]], *, equal: bool) -> str:
    dense, contrast = (mean(ends[kind]) for kind, _ in _KINDS)
    apart = ", a difference that could be chance" if equal else ""
    return (
        f"With {most:,} training pictures, the dense network gets {dense:.1%} of the test pictures "
        f"right and the convolution {contrast:.1%}{apart}. "
    )


def _points(evidence: Evidence, kind: str) -> dict[int, list[float]]:
    """Test accuracies of a kind by number of training pictures, one a seed."""
    points: dict[int, list[float]] = {}
    for each in evidence.runs:
        if each.role.startswith(f"{kind}, "):
            points.setdefault(_n_taught(each), []).append(each.run.learned.test.accuracy)
    return dict(sorted(points.items()))


def _n_taught(each: FinishedRun) -> int:
    return each.run.config.variation.n_train


def interval(values: Sequence[float], n_images: int) -> tuple[float, float]:
    """Give the ends of an interval for chance in test pictures and in seeds: the wider of both."""
    number = share("", round(mean(values) * n_images), n_images)
    low, high = number.low or 0.0, number.high or 1.0
    return min(low, *values), max(high, *values)


def _number(kind: str, n_train: int, values: Sequence[float], *, n_test: int) -> Number:
    low, high = interval(values, n_test)
    seeds = "" if len(values) == 1 else f", mean of {len(values)} seeds"
    return Number(
        what=role(kind, n_train),
        value=mean(values),
        low=low,
        high=high,
        about=f"{n_test:,} test pictures{seeds}",
    )


def _line(kind: str, points: dict[int, list[float]], n_test: int) -> Line:
    ends = [interval(values, n_test) for values in points.values()]
    return Line(
        name=kind,
        x=tuple(float(n_images) for n_images in points),
        y=tuple(mean(values) for values in points.values()),
        low=tuple(low for low, _ in ends),
        high=tuple(high for _, high in ends),
    )


def needed_for(
    goal: float, points: dict[int, list[float]], n_test: int
) -> tuple[float | None, float | None, float | None]:
    """Extrapolate how many training pictures would reach a goal, if it went on as it did.

    A line through the last points, accuracy against the logarithm of the number. It is laid
    again through 2,000 sets of accuracies that chance could have given instead.

    Returns
    -------
    (number, low, high)
        None where the line does not rise, and where it needs more than 10 to the power of 12.
    """
    x = np.log10(np.array(list(points)[-_FITTED:], dtype=float))
    y = np.array([mean(values) for values in points.values()][-_FITTED:])
    if len(x) < 2:
        return None, None, None
    rng = np.random.default_rng(0)
    draws = rng.normal(y, np.sqrt(np.clip(y * (1 - y), 1e-4, None) / n_test), (_N_DRAWN, len(y)))
    powers = np.array([_crossing(x, drawn, goal) for drawn in draws])
    low, high = np.quantile(powers, [0.025, 0.975], method="nearest")
    return _power(_crossing(x, y, goal)), _power(float(low)), _power(float(high))


def _crossing(x: np.ndarray, y: np.ndarray, goal: float) -> float:
    """Where the line through the points reaches the goal; infinity if it does not rise."""
    slope = float(((x - x.mean()) * (y - y.mean())).sum() / ((x - x.mean()) ** 2).sum())
    return float(x.mean() + (goal - y.mean()) / slope) if slope > 0 else float("inf")


def _power(exponent: float) -> float | None:
    return float(10**exponent) if exponent <= _FARTHEST else None


def _needs(
    kind: str,
    needed: tuple[float | None, float | None, float | None],
    points: dict[int, list[float]],
) -> str:
    number, low, high = needed
    who = f"The {'dense network' if kind == 'dense' else kind}"
    reached = [n_images for n_images, values in points.items() if mean(values) >= GOAL]
    if reached:
        return f"{who} reaches {GOAL:.0%} with {reached[0]:,} of them."
    if number is None:
        return (
            f"{who} does not get better with more of them, so nobody can tell when it would reach "
            f"{GOAL:.0%}."
        )
    least = "fewer" if low is None else _round(low)
    most = "any number" if high is None else _round(high)
    return (
        f"{who} would reach {GOAL:.0%} with about {_round(number)} if it went on like this, which "
        f"nobody knows; chance in the test pictures alone allows {least} to {most}."
    )


def _round(number: float) -> str:
    """Write a number with two digits that count."""
    digits = max(0, int(np.floor(np.log10(max(number, 1)))) - 1)
    return f"{round(number / 10**digits) * 10**digits:,}"


HUNGER = Experiment(
    key="hunger",
    title="Data hunger",
    claim="A dense network needs many more pictures than a convolution to be as good.",
    how="Both kinds of network learn from few training pictures, from some, and from all there "
    "are. Each step multiplies their number.",
    why="A dense layer must see an ear in every corner before it knows ears there; a convolution "
    "that knows an ear in one corner knows it in all. What is built in need not be learned from "
    "examples.",
    bets=(
        Bet("dense", "The dense network needs more", {"dense": _SLOW, "convolution": _FAST}),
        Bet("alike", "Both need as many", {"dense": _FAST, "convolution": _FAST}),
        Bet("convolution", "The convolution needs more", {"dense": _FAST, "convolution": _SLOW}),
    ),
    plan=_plan,
    conclude=_conclude,
)
