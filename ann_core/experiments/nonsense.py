"""Nonsense labels: what is learned when there is nothing to learn."""

from __future__ import annotations

from ann_core.datasets.dataset import DatasetInfo
from ann_core.experiments.budget import Budget
from ann_core.experiments.conclusion import Conclusion, Figure, Number, share, share_line
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
EPOCHS = 100

_BY_HEART = 0.9  # of the nonsense: nobody guesses that
_TRUE, _NONSENSE = "true labels", "shuffled labels"
_NETWORK = DENSE.model_copy(update={"hidden_units": (256, 64), "batch_size": 16})
_STANDARD = PIXELS.model_copy(update={"scaling": "standard"})
_CLIMBS = (0.5, 0.6, 0.8, 0.95, 1.0)
_FLAT = (0.5, 0.5, 0.5, 0.5, 0.5)


def _plan(info: DatasetInfo, budget: Budget) -> list[PlannedRun]:
    n_train = min(N_TRAIN, info.n_images_of("train"))
    epochs = budget.epochs([(_NETWORK, _STANDARD)] * 2, info, n_train=n_train, most=EPOCHS)
    return [
        planned(
            role,
            info,
            with_epochs(_NETWORK, epochs),
            preprocess=_STANDARD,
            variation=variation,
        )
        for role, variation in (
            (_NONSENSE, VariationConfig(n_train=n_train, labels="shuffled")),
            (_TRUE, VariationConfig(n_train=n_train)),
        )
    ]


def _conclude(evidence: Evidence) -> Conclusion:
    nonsense, true = evidence.one(_NONSENSE), evidence.one(_TRUE)
    by_heart, on_new, after_true = _numbers(nonsense, true)
    chance = max(1 / len(nonsense.class_names), nonsense.run.learned.test.majority)
    at_chance = on_new.low is not None and on_new.low <= chance
    learned = by_heart.value >= _BY_HEART
    outcome = ("by heart" if learned else "nothing") if at_chance else "sense"
    return Conclusion(
        outcome=outcome,
        holds=outcome == "by heart",
        sentence=_start(by_heart, on_new, nonsense.n_train) + _ENDS[outcome].format(chance),
        figure=Figure(
            x_title="epoch",
            y_title="accuracy",
            chance=1 / len(nonsense.class_names),
            lines=tuple(
                share_line(f"{split}, {each.role}", *_curve(each, split), n_images=n_images)
                for each in (nonsense, true)
                for split, n_images in (
                    ("training", each.n_train),
                    ("validation", each.n_validation),
                )
            ),
        ),
        numbers=(by_heart, on_new, after_true),
    )


def _numbers(nonsense: FinishedRun, true: FinishedRun) -> list[Number]:
    last, usual = nonsense.history[-1], true.history[-1]
    checked = f"{nonsense.n_validation:,} pictures with true labels"
    rows = (
        (
            "training pictures, with their shuffled labels",
            *(last.accuracy, nonsense.n_train),
            f"{nonsense.n_train:,} pictures, in the last epoch",
        ),
        *(
            (f"validation pictures, after {role}", accuracy, nonsense.n_validation, checked)
            for role, accuracy in ((_NONSENSE, last.val_accuracy), (_TRUE, usual.val_accuracy))
        ),
    )
    return [
        share(what, round(accuracy * n_images), n_images, about=about)
        for what, accuracy, n_images, about in rows
    ]


def _curve(each: FinishedRun, split: str) -> tuple[list[int], list[float]]:
    epochs = [epoch.epoch for epoch in each.history]
    if split == "training":
        return epochs, [epoch.accuracy for epoch in each.history]
    return epochs, [epoch.val_accuracy for epoch in each.history]


def _start(by_heart: Number, on_new: Number, n_train: int) -> str:
    return (
        f"Of {n_train:,} training pictures with shuffled labels, the network predicts "
        f"{by_heart.value:.1%} as they are labelled; of validation pictures it gets "
        f"{on_new.value:.1%} right"
    )


_ENDS = {
    "by heart": ", no more than chance gives ({:.1%}). It has learned by heart, and nothing else.",
    "nothing": ", no more than chance gives ({:.1%}). In this time it has not even learned the "
    "nonsense by heart.",
    "sense": ", more than the {:.1%} of chance. Shuffling leaves some labels right, and from these "
    "it has learned something.",
}


NONSENSE = Experiment(
    key="nonsense",
    title="Nonsense labels",
    claim="A dense network can learn labels by heart even if they mean nothing at all.",
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
