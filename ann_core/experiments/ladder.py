"""Ladder: from guessing to a convolution, rung by rung."""

from __future__ import annotations

from ann_core.datasets.dataset import DatasetInfo
from ann_core.evaluation.baselines import Baseline
from ann_core.evaluation.comparison import HeldOutPredictions, compare_pair
from ann_core.evaluation.significance import McNemar
from ann_core.experiments.budget import Budget
from ann_core.experiments.conclusion import Conclusion, accuracy_bars, share
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
from ann_core.runs.experiments import PlannedRun

_ROLES = ("dense", "convolution")
_OUTCOMES = {"first": "better", "second": "worse", "neither": "alike"}
_SIMPLE = ("brightness", "centroid", "logistic", "neighbours")


def _plan(info: DatasetInfo, budget: Budget) -> list[PlannedRun]:
    networks = (DENSE, CONVOLUTION)
    epochs = budget.epochs([(network, PIXELS) for network in networks], info)
    # A ladder is climbed with one's best foot: each keeps its best epoch.
    return [
        planned(role, info, with_epochs(network, epochs).model_copy(update={"keep": "best"}))
        for role, network in zip(_ROLES, networks, strict=True)
    ]


def _conclude(evidence: Evidence) -> Conclusion:
    fitted = evidence.baselines
    assert fitted is not None, "the plan asks for them"
    n_images = len(fitted.labels)
    simple = {each.key: each for each in fitted.baselines}
    best = max((simple[key] for key in _SIMPLE), key=lambda each: each.validation or 0.0)
    dense, contrast = evidence.one("dense"), evidence.one("convolution")
    fingerprint = dense.run.config.fingerprint
    against = HeldOutPredictions.of_baseline(fitted, best.key, fingerprint)
    mine = HeldOutPredictions.of_run(dense.predictions(), fingerprint)
    test = compare_pair(mine, against).test
    numbers = [
        share(each.title, round(each.test * n_images), n_images) for each in fitted.baselines
    ]
    numbers += [each.test_accuracy() for each in (dense, contrast)]
    numbers.sort(key=lambda number: number.value)
    outcome = _OUTCOMES[test.ahead]
    return Conclusion(
        outcome=outcome,
        holds=outcome != "better",
        sentence=_sentence(best, dense.run.learned.test.accuracy, test)
        + f" The convolution gets {contrast.run.learned.test.accuracy:.1%} right.",
        figure=accuracy_bars(numbers, n_classes=len(dense.class_names)),
        numbers=tuple(numbers),
    )


def _sentence(best: Baseline, accuracy: float, test: McNemar) -> str:
    verdict = {
        "alike": ", a difference that could be chance",
        "better": ". Chance does not explain that: it has learned something that they miss",
        "worse": ". It is worse than that, by more than chance explains",
    }[_OUTCOMES[test.ahead]]
    return (
        f"The dense network gets {accuracy:.1%} of the test pictures right, and the best simple "
        f"rule ({best.title.lower()}) {best.test:.1%}{verdict}."
    )


LADDER = Experiment(
    key="ladder",
    title="Ladder",
    claim="A dense network is no better than simple rules that need no network at all.",
    how="Guessing, mean brightness, the nearest class mean, logistic regression, nearest "
    "neighbours, a dense network and a convolution, for contrast, predict the same test pictures.",
    why="All but the convolution read a picture as a row of numbers without neighbours. What a "
    "dense network adds to logistic regression is that rows may be combined; whether that helps "
    "depends on the pictures.",
    bets=(
        Bet("alike", "As high as the best simple rule", {"dense": (0.8,), "simple rule": (0.8,)}),
        Bet("better", "Clearly higher", {"dense": (0.9,), "simple rule": (0.65,)}),
        Bet("worse", "Lower", {"dense": (0.65,), "simple rule": (0.8,)}),
    ),
    plan=_plan,
    conclude=_conclude,
    needs_baselines=True,
)
