"""You against the net: a person and a dense network label the same scrambled pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ann_core.datasets.dataset import DatasetInfo
from ann_core.evaluation.significance import McNemar, chance_sentence, mcnemar
from ann_core.experiments.budget import Budget
from ann_core.experiments.conclusion import Conclusion, Example, Number, accuracy_bars, share
from ann_core.experiments.definition import (
    DENSE,
    PIXELS,
    Bet,
    Evidence,
    Experiment,
    planned,
    with_epochs,
)
from ann_core.experiments.scramble import SCRAMBLE_SEED
from ann_core.runs.experiments import PlannedRun

N_EACH = 20
"""Pictures of each kind that a person labels."""

KINDS = ("as they are", "scrambled")
_SHOWN = dict(zip(KINDS, ("pictures as they are,", "scrambled pictures"), strict=True))

_ROLES = ("dense", "dense, scrambled")
_SEED = 0
_HIGH, _LOW = (0.85,), (0.55,)


def chosen_rows(test_rows: np.ndarray) -> np.ndarray:
    """Choose the test pictures that a person labels; none is shown in both kinds.

    Parameters
    ----------
    test_rows : int array, shape (n_images,)
        Row of each test picture in ``Dataset.images``, in any order.

    Returns
    -------
    int array, shape (2, n_each)
        First those that are shown as they are, then those that are scrambled.
    """
    n_each = min(N_EACH, len(test_rows) // 2)
    mixed = np.random.default_rng(_SEED).permutation(np.sort(test_rows))
    return mixed[: 2 * n_each].reshape(2, n_each)


@dataclass(frozen=True)
class Duel:
    """A person and a network on the same pictures of one kind.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    you, network : Number
        Shares that were right, with their intervals.
    test : McNemar
        The person is the first of the two.
    """

    kind: str
    you: Number
    network: Number
    test: McNemar

    def text(self) -> str:
        """Say who is ahead, as far as these pictures can tell."""
        start = (
            f"On {_SHOWN[self.kind]} you got {self.you.value:.0%} right, the network "
            f"{self.network.value:.0%}"
        )
        if self.test.ahead == "neither":
            return f"{start}: with so few pictures, nobody can tell who is better."
        better = "you are" if self.test.ahead == "first" else "the network is"
        return f"{start}: {better} better. {chance_sentence(self.test.p_value)}"


def judge(chosen: Sequence[str], examples: Sequence[Example]) -> list[Duel]:
    """Hold what a person chose against what the networks predict.

    Parameters
    ----------
    chosen : sequence of str
        A class for each example.
    examples : sequence of Example
        Half of them as they are, then half of them scrambled; `before` is the prediction.
    """
    half, duels = len(examples) // 2, []
    for kind, part in zip(KINDS, (slice(0, half), slice(half, 2 * half)), strict=True):
        images = examples[part]
        yours = np.array(
            [given == each.truth for given, each in zip(chosen[part], images, strict=True)]
        )
        its = np.array([each.before == each.truth for each in images])
        numbers = [
            share(f"{who}, {kind}", int(right.sum()), half, about=f"{half} pictures")
            for who, right in (("you", yours), ("network", its))
        ]
        duels.append(Duel(kind, numbers[0], numbers[1], mcnemar(yours, its)))
    return duels


def _plan(info: DatasetInfo, budget: Budget) -> list[PlannedRun]:
    kinds = (PIXELS, PIXELS.model_copy(update={"scramble_seed": SCRAMBLE_SEED}))
    epochs = budget.epochs([(DENSE, pixels) for pixels in kinds], info)
    return [
        planned(role, info, with_epochs(DENSE, epochs), preprocess=pixels)
        for role, pixels in zip(_ROLES, kinds, strict=True)
    ]


def _conclude(evidence: Evidence) -> Conclusion:
    runs = [evidence.one(role) for role in _ROLES]
    test = evidence.compare(*_ROLES)
    outcome = {"first": "worse", "second": "better", "neither": "alike"}[test.ahead]
    numbers = [each.test_accuracy() for each in runs]
    examples = tuple(
        Example(
            row=int(row),
            truth=each.class_names[part.labels[at]],
            before=each.class_names[part.predicted[at]],
            after="",
        )
        for each, rows in zip(runs, chosen_rows(runs[0].test().rows), strict=True)
        for part in (each.test(),)
        for row in rows
        for at in np.flatnonzero(part.rows == row)
    )
    return Conclusion(
        outcome=outcome,
        holds=outcome == "alike",
        sentence=f"The dense network gets {numbers[0].value:.1%} of the test pictures right, and "
        f"{numbers[1].value:.1%} when they are scrambled. {chance_sentence(test.p_value)}",
        figure=accuracy_bars(numbers, n_classes=len(runs[0].class_names)),
        numbers=tuple(numbers),
        examples=examples,
    )


YOU = Experiment(
    key="you",
    title="You against the net",
    claim="Scrambled pictures are as good as any to a dense network. To you they are not: try it.",
    how=f"You label {N_EACH} gray test pictures, and then {N_EACH} others whose pixels "
    "have all changed places. Two dense networks do the same: one has learned from pictures as "
    "they are, the other from scrambled ones. Your score stays in this browser and is forgotten "
    "when you close it; whether the claim held is decided by the networks alone.",
    why="You see that pixels touch: edges, ears, eyes. A dense network gets a row of numbers in "
    "which no place is beside another, so another order costs it nothing. You have seen pictures "
    "all your life; the network starts with none.",
    bets=(
        Bet("alike", "It makes no difference to the network", {_ROLES[0]: _HIGH, _ROLES[1]: _HIGH}),
        Bet("worse", "Scrambled pictures are harder for it", {_ROLES[0]: _HIGH, _ROLES[1]: _LOW}),
        Bet("better", "Scrambled pictures are easier", {_ROLES[0]: _LOW, _ROLES[1]: _HIGH}),
    ),
    plan=_plan,
    conclude=_conclude,
)
