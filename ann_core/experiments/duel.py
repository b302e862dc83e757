"""Duel: dense against convolution at equal weights, equal pictures and equal time."""

from __future__ import annotations

from ann_core.datasets.dataset import DatasetInfo
from ann_core.experiments.budget import Budget
from ann_core.experiments.conclusion import Conclusion, Number, accuracy_bars
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
from ann_core.training.network_config import NetworkConfig
from ann_core.training.network_size import parameter_count

MOST_EPOCHS = 400

_CONTRAST = "convolution"
_RIVALS = ("dense, as many weights", "dense, as many epochs", "dense, as many seconds")
_VERDICTS = {
    "first": "it wins",
    "second": "it loses",
    "neither": "the difference could be chance",
}
_HIGH, _LOW = (0.95,), (0.75,)


def as_many_weights(n_features: int, n_classes: int) -> NetworkConfig:
    """Make the dense network that has the weights of the convolution, or a few more."""
    n_weights = parameter_count(CONVOLUTION, n_features, n_classes)
    units = -(-(n_weights - n_classes) // (n_features + 1 + n_classes))
    return DENSE.model_copy(update={"hidden_units": (units,)})


def _plan(info: DatasetInfo, budget: Budget) -> list[PlannedRun]:
    n_train, n_classes = info.n_images_of("train"), len(info.class_names)
    small = as_many_weights(PIXELS.n_features, n_classes)
    # Equal seconds means that one of the dense networks takes as long as the convolution.
    networks = [(CONVOLUTION, PIXELS), (CONVOLUTION, PIXELS), (DENSE, PIXELS), (small, PIXELS)]
    epochs = budget.epochs(networks, info)
    slow, quick = (
        budget.seconds_per_epoch(network, PIXELS, n_train=n_train, n_classes=n_classes)
        for network in (CONVOLUTION, DENSE)
    )
    longer = min(budget.allowed(MOST_EPOCHS), max(epochs, round(epochs * slow / quick)))
    return [
        planned(role, info, with_epochs(network, n_epochs))
        for role, network, n_epochs in zip(
            (_CONTRAST, *_RIVALS),
            (CONVOLUTION, small, DENSE, DENSE),
            (epochs, epochs, epochs, longer),
            strict=True,
        )
    ]


def _conclude(evidence: Evidence) -> Conclusion:
    tests = {role: evidence.compare(_CONTRAST, role) for role in _RIVALS}
    n_won = sum(test.ahead == "first" for test in tests.values())
    outcome = "all" if n_won == len(tests) else "some" if n_won else "none"
    runs = [evidence.one(role) for role in (_CONTRAST, *_RIVALS)]
    accuracies = [each.test_accuracy() for each in runs]
    words = "; ".join(
        f"against {role} ({number.value:.1%}), {_VERDICTS[tests[role].ahead]}"
        for role, number in zip(_RIVALS, accuracies[1:], strict=True)
    )
    return Conclusion(
        outcome=outcome,
        holds=outcome == "all",
        sentence=f"The convolution gets {accuracies[0].value:.1%} of the test pictures right: "
        f"{words}.",
        figure=accuracy_bars(accuracies, n_classes=len(runs[0].class_names)),
        numbers=(*accuracies, *(number for each in runs for number in _price(each))),
    )


def _price(each: FinishedRun) -> list[Number]:
    learned = each.run.learned
    return [
        Number(what=f"{each.role}: weights", value=learned.n_parameters, style="count"),
        Number(what=f"{each.role}: seconds of training", value=learned.seconds, style="plain"),
        Number(
            what=f"{each.role}: test accuracy for each million weights",
            value=learned.test.accuracy / learned.n_parameters * 1e6,
            style="plain",
        ),
    ]


DUEL = Experiment(
    key="duel",
    title="Duel",
    claim="A convolution is better than a dense network with as many weights, one that learns for "
    "as many epochs, and one that learns for as many seconds.",
    how="A convolution, for contrast, against three dense networks: one with as many weights, and "
    "a larger one that learns for as many epochs or, by the estimate before the start and if this "
    "server allows as many epochs, for as many seconds.",
    why="A fair comparison needs one thing that is equal, and it may be any of these. A dense "
    "layer spends its weights on places; a convolution spends them on shapes, and uses each weight "
    "in all places, which takes longer for each picture.",
    bets=(
        Bet("all", "The convolution beats all three", {_CONTRAST: _HIGH, _RIVALS[0]: _LOW}),
        Bet("some", "It beats one or two of them", {_CONTRAST: _HIGH, _RIVALS[0]: (0.85,)}),
        Bet("none", "It beats none of them", {_CONTRAST: _LOW, _RIVALS[0]: _HIGH}),
    ),
    plan=_plan,
    conclude=_conclude,
)
