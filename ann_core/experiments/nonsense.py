"""Nonsense labels: what is learned when there is nothing to learn."""

from __future__ import annotations

from ann_core.datasets.dataset import DatasetInfo
from ann_core.experiments.budget import Budget
from ann_core.experiments.conclusion import Conclusion, Figure, share, share_line
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
from ann_core.runs.variation import VariationConfig

N_TRAIN = 200
EPOCHS = 60

_BY_HEART = 0.9  # of the nonsense: nobody guesses that
_TRUE, _NONSENSE = "true labels", "shuffled labels"
_NETWORK = DENSE.model_copy(update={"hidden_units": (256, 64), "batch_size": 16})
_CLIMBS = (0.5, 0.6, 0.8, 0.95, 1.0)
_FLAT = (0.5, 0.5, 0.5, 0.5, 0.5)


def _plan(info: DatasetInfo, budget: Budget) -> list[PlannedRun]:
    n_train = min(N_TRAIN, info.n_images_of("train"))
    epochs = budget.epochs([(_NETWORK, PIXELS)] * 2, info, n_train=n_train, most=EPOCHS)
    return [
        planned(
            role,
            info,
            with_epochs(_NETWORK, epochs),
            variation=VariationConfig(n_train=n_train, labels=labels),
        )
        for role, labels in ((_NONSENSE, "shuffled"), (_TRUE, "true"))
    ]


def _conclude(evidence: Evidence) -> Conclusion:
    nonsense, true = evidence.one(_NONSENSE), evidence.one(_TRUE)
    learned, checked = nonsense.history[-1].accuracy, nonsense.history[-1].val_accuracy
    n_train, n_validation = nonsense.n_train, nonsense.n_validation
    on_new = share(
        "validation pictures, after shuffled labels",
        round(checked * n_validation),
        n_validation,
        f"{n_validation:,} pictures with true labels",
    )
    chance = max(1 / len(nonsense.class_names), nonsense.run.learned.test.majority)
    at_chance = on_new.low is not None and on_new.low <= chance
    by_heart = learned >= _BY_HEART
    outcome = ("by heart" if by_heart else "nothing") if at_chance else "sense"
    return Conclusion(
        outcome=outcome,
        holds=outcome == "by heart",
        sentence=_sentence(learned, checked, chance, outcome=outcome, n_train=n_train),
        figure=Figure(
            x_title="epoch",
            y_title="accuracy",
            chance=1 / len(nonsense.class_names),
            lines=tuple(
                share_line(f"{split}, {each.role}", *_curve(each, split), n_images)
                for each in (nonsense, true)
                for split, n_images in (("training", n_train), ("validation", n_validation))
            ),
        ),
        numbers=(
            share(
                "training pictures, with their shuffled labels",
                round(learned * n_train),
                n_train,
                f"{n_train:,} pictures, in the last epoch",
            ),
            on_new,
            share(
                "validation pictures, after true labels",
                round(true.history[-1].val_accuracy * n_validation),
                n_validation,
                f"{n_validation:,} pictures with true labels",
            ),
        ),
    )


def _curve(each: FinishedRun, split: str) -> tuple[list[int], list[float]]:
    epochs = [epoch.epoch for epoch in each.history]
    if split == "training":
        return epochs, [epoch.accuracy for epoch in each.history]
    return epochs, [epoch.val_accuracy for epoch in each.history]


def _sentence(learned: float, checked: float, chance: float, *, outcome: str, n_train: int) -> str:
    start = (
        f"Of {n_train:,} training pictures with shuffled labels, the network predicts "
        f"{learned:.1%} as the nonsense says; of validation pictures it has {checked:.1%} right"
    )
    if outcome == "by heart":
        return (
            f"{start}, no more than chance gives ({chance:.1%}). It has learned by heart, and "
            "nothing else."
        )
    if outcome == "nothing":
        return (
            f"{start}, no more than chance gives ({chance:.1%}). In this time it has not even "
            "learned the nonsense by heart."
        )
    return (
        f"{start}, more than the {chance:.1%} of chance. Shuffling leaves some labels right, and "
        "from these it has learned something."
    )


NONSENSE = Experiment(
    key="nonsense",
    title="Nonsense labels",
    claim="A dense network can learn labels by heart that mean nothing at all.",
    how=f"The labels of {N_TRAIN} training pictures are shuffled once, so that they say nothing "
    "about the pictures. One network learns from these, another one from the true labels; both "
    "are checked on validation pictures with true labels.",
    why="A network with many more weights than training pictures can give each of them its own "
    "answer, whether there is a rule or not (Zhang and others 2017). So a high training accuracy "
    "proves nothing: only pictures that it has never seen tell whether there was something to "
    "learn.",
    bets=(
        Bet(
            "by heart",
            "Training accuracy climbs, validation stays at chance",
            {f"training, {_NONSENSE}": _CLIMBS, f"validation, {_NONSENSE}": _FLAT},
        ),
        Bet(
            "nothing",
            "Both stay at chance: there is nothing to learn",
            {
                f"training, {_NONSENSE}": (0.5, 0.52, 0.55, 0.55, 0.56),
                f"validation, {_NONSENSE}": _FLAT,
            },
        ),
        Bet(
            "sense",
            "Both climb: it sees through the nonsense",
            {
                f"training, {_NONSENSE}": _CLIMBS,
                f"validation, {_NONSENSE}": (0.5, 0.55, 0.65, 0.7, 0.75),
            },
        ),
    ),
    plan=_plan,
    conclude=_conclude,
)
