"""Order matters: all pictures of one class and then all of the next, against shuffled batches."""

from __future__ import annotations

from ann_core.datasets.dataset import DatasetInfo
from ann_core.evaluation.significance import McNemar, chance_sentence
from ann_core.experiments.budget import Budget
from ann_core.experiments.conclusion import Conclusion, Figure, Number, share
from ann_core.experiments.definition import (
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
from ann_core.runs.variation import ORDINARY, VariationConfig

_SHUFFLED, _BY_CLASS = "shuffled", "class after class"
_ROLES = {_SHUFFLED: ORDINARY, _BY_CLASS: VariationConfig(order="by class")}
_RISE = (0.5, 0.7, 0.8, 0.84, 0.86)
_LOW = (0.5, 0.51, 0.52, 0.51, 0.52)


def _plan(info: DatasetInfo, budget: Budget) -> list[PlannedRun]:
    epochs = budget.epochs([(DENSE, PIXELS)] * len(_ROLES), info)
    return [
        planned(role, info, with_epochs(DENSE, epochs), variation=variation)
        for role, variation in _ROLES.items()
    ]


def _conclude(evidence: Evidence) -> Conclusion:
    test = evidence.compare(_SHUFFLED, _BY_CLASS)
    outcome = {"first": "worse", "second": "better", "neither": "alike"}[test.ahead]
    runs = [evidence.one(role) for role in _ROLES]
    right = [each.test_accuracy() for each in runs]
    last = [_last_class(each) for each in runs]
    return Conclusion(
        outcome=outcome,
        holds=outcome == "worse",
        sentence=_sentence(right, last[1], test, last_class=runs[1].class_names[-1]),
        figure=Figure(
            x_title="epoch",
            y_title="validation accuracy",
            chance=1 / len(runs[0].class_names),
            lines=tuple(each.validation_curve() for each in runs),
        ),
        numbers=(*right, *last),
    )


def _last_class(each: FinishedRun) -> Number:
    """Say how often the class is predicted that comes last in each epoch."""
    test = each.test()
    last = len(each.class_names) - 1
    what = f"{each.role}: predicts '{each.class_names[last]}'"
    return share(what, int((test.predicted == last).sum()), len(test))


def _sentence(right: list[Number], last: Number, test: McNemar, *, last_class: str) -> str:
    usual, in_turn = (f"{number.value:.1%}" for number in right)
    return (
        f"With shuffled pictures the network gets {usual} of the test pictures right, with class "
        f"after class {in_turn}. {chance_sentence(test.p_value)} After class after class it "
        f"predicts '{last_class}', which it saw last, for {last.value:.1%} of them."
    )


ORDER = Experiment(
    key="order",
    title="Order matters",
    claim="A dense network that sees all pictures of one class, and then all of the next, has "
    "learned less than one that sees them shuffled.",
    how="Two equal dense networks learn from the same pictures for as many epochs. One sees them "
    "shuffled anew in each epoch; the other one sees all of the first class, then all of the next, "
    "in each epoch again.",
    why="Each step changes the weights so that the pictures of one batch are predicted better. "
    "If all of them are of one class, it is enough to predict this class always, whatever is in "
    "the picture; the next class undoes that, and what is left at the end of an epoch leans "
    "towards the class that came last. In a shuffled batch only what tells the classes apart "
    "helps.",
    bets=(
        Bet("worse", "Class after class is worse", {_SHUFFLED: _RISE, _BY_CLASS: _LOW}),
        Bet("alike", "Both are as good", {_SHUFFLED: _RISE, _BY_CLASS: _RISE}),
        Bet("better", "Class after class is better", {_SHUFFLED: _LOW, _BY_CLASS: _RISE}),
    ),
    plan=_plan,
    conclude=_conclude,
)
