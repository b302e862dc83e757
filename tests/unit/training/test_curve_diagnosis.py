"""The sentence about the curves: right at the boundaries, and not taken in by noise."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from ann_core.training.curve_diagnosis import FIRST_EPOCHS, Kind, diagnose_curves, noise_std
from ann_core.training.history import EpochMetrics

ARTICLE = Path(__file__).resolve().parents[3] / "docs" / "article-history.csv"


def history(
    loss: Sequence[float], val_loss: Sequence[float], accuracy: float = 0.6
) -> list[EpochMetrics]:
    return [
        EpochMetrics(epoch, float(one), accuracy, float(other), accuracy, 1.0)
        for epoch, (one, other) in enumerate(zip(loss, val_loss, strict=True), start=1)
    ]


def kind(loss: Sequence[float], val_loss: Sequence[float], accuracy: float = 0.6) -> Kind:
    diagnosis = diagnose_curves(history(loss, val_loss, accuracy))
    assert diagnosis is not None
    return diagnosis.kind


def article() -> list[EpochMetrics]:
    with ARTICLE.open() as file:
        rows = list(csv.DictReader(file))
    return [
        EpochMetrics(int(row.pop("epoch")), **{name: float(v) for name, v in row.items()})
        for row in rows
    ]


def test_the_article_memorises_from_its_22nd_epoch_on() -> None:
    diagnosis = diagnose_curves(article())
    assert diagnosis is not None
    assert diagnosis.kind == "memorising"
    assert diagnosis.sentence == (
        "Validation loss has risen for 78 epochs, since epoch 22, while training loss fell: it is "
        "learning by heart."
    )
    for number in ("1.322", "0.653", "epoch 22", "0.611", "0.347", "78 epochs"):
        assert number in diagnosis.rule


def test_the_article_was_still_learning_before() -> None:
    kinds = {n: diagnose_curves(article()[:n]) for n in range(FIRST_EPOCHS, 101)}
    early = {diagnosis.kind for n, diagnosis in kinds.items() if diagnosis and n <= 30}
    late = {diagnosis.kind for n, diagnosis in kinds.items() if diagnosis and n >= 50}
    assert early <= {"learning", "narrowing"}
    assert late == {"memorising"}


def test_few_epochs_say_nothing() -> None:
    falling = [1.0, 0.8, 0.6, 0.5, 0.4]
    assert diagnose_curves([]) is None
    assert diagnose_curves(history(falling[:4], falling[:4])) is None
    assert kind(falling, falling) == "learning"


@pytest.mark.parametrize(
    ("rise", "expected"), [(1.02, "narrowing"), (1.05, "memorising"), (1.5, "memorising")]
)
def test_a_rise_must_be_larger_than_a_margin(rise: float, expected: Kind) -> None:
    validation = [0.9, 0.7, 0.6, 0.6, 0.6, *[0.6 * rise] * 8]
    validation[3] = 0.599  # the lowest
    training = np.linspace(0.9, 0.2, len(validation))
    assert kind(training.tolist(), validation) == expected


@pytest.mark.parametrize(("n_later", "expected"), [(2, False), (3, True)])
def test_a_rise_must_last_three_epochs(n_later: int, expected: bool) -> None:
    validation = [0.9, 0.8, 0.7, 0.6, 0.5, *[0.7, 0.8, 0.9][:n_later]]
    training = [1.0 - 0.1 * n for n in range(len(validation))]
    assert (kind(training, validation) == "memorising") is expected


def test_a_single_leap_is_no_rise() -> None:
    training = [1.0 / n for n in range(1, 11)]
    validation = [0.9, 0.8, 0.7, 0.6, 0.5, 0.51, 0.9, 0.5, 0.51, 0.5]
    assert kind(training, validation) != "memorising"


@pytest.mark.parametrize(("accuracy", "expected"), [(0.25, False), (0.6, True)])
def test_who_guesses_memorises_nothing(accuracy: float, expected: bool) -> None:
    training = np.linspace(1.42, 1.37, 30).tolist()
    validation = [1.40, *np.linspace(1.39, 1.80, 29)]
    assert (kind(training, validation, accuracy) == "memorising") is expected


def test_a_rise_of_both_losses_is_not_memorising() -> None:
    losses = [1.0, 0.6, 0.5, 0.55, 0.6, 0.65, 0.7, 0.8]
    assert kind(losses, losses) != "memorising"


@pytest.mark.parametrize("deviation", [0.002, 0.01, 0.03])
def test_noise_is_hardly_ever_called_memorising(deviation: float) -> None:
    rng = np.random.default_rng(0)
    epochs = np.arange(1, 61)
    n_false = n_read = 0
    for _ in range(20):
        flat = 0.65 + 0.3 * np.exp(-epochs / 4)
        validation = flat + rng.normal(0, deviation * 0.65, 60)
        training = 0.1 + 0.6 * np.exp(-epochs / 80)
        for n in range(10, 61, 5):
            n_false += kind(training[:n].tolist(), validation[:n].tolist()) == "memorising"
            n_read += 1
    assert n_false <= 0.01 * n_read


@pytest.mark.parametrize("n_classes", [2, 10])
def test_a_network_that_only_guesses(n_classes: int) -> None:
    chance = [math.log(n_classes)] * 8
    diagnosis = diagnose_curves(history([2 * chance[0], *chance[1:]], chance, 1 / n_classes))
    assert diagnosis is not None
    assert diagnosis.kind == "stuck"
    assert f"guessing among {n_classes} classes gives ({chance[0]:.2f})" in diagnosis.sentence


@pytest.mark.parametrize(("last", "expected"), [(0.996, "stuck"), (0.985, "learning")])
def test_training_loss_falls_from_one_percent_on(last: float, expected: Kind) -> None:
    training = [2.0, *np.linspace(0.8, 0.8 * last, 5)]
    assert kind([*training, training[-1], training[-1]], [*training, 0.7, 0.6]) == expected


def test_a_network_that_learned_all_at_once_is_not_stuck() -> None:
    assert kind([0.5, *[0.01] * 9], [0.2, *[0.02] * 9], accuracy=0.99) == "finished"


def test_a_loss_that_jumps() -> None:
    training = [1.0 / n for n in range(1, 13)]
    validation = [0.9, 0.5, 0.9, 0.4, 0.8, 0.5, 0.9, 0.4, 0.9, 0.5, 0.8, 0.4]
    assert kind(training, validation) == "jumping"


def test_a_steep_fall_that_flattens_out_does_not_jump() -> None:
    for n in range(FIRST_EPOCHS, 15):
        falling = [1.0 / epoch for epoch in range(1, n + 1)]
        assert kind(falling, falling) == "learning"


@pytest.mark.parametrize(("fall", "expected"), [(0.012, "learning"), (0.008, "narrowing")])
def test_validation_loss_falls_from_one_percent_on(fall: float, expected: Kind) -> None:
    validation = [0.9, 0.8, 0.7, 0.6, 0.5, *[0.5] * 4, 0.5 * (1 - fall)]
    training = np.linspace(0.9, 0.2, 10).tolist()
    assert kind(training, validation) == expected


@pytest.mark.parametrize(
    ("last", "sentence"),
    [
        ([0.640, 0.646, 0.645], "Validation loss has not fallen since epoch 6. A few more"),
        ([0.650, 0.640, 0.645], "Validation loss still falls: it is learning."),
        ([0.650, 0.645, 0.640], "Validation loss still falls: it is learning."),
    ],
)
def test_what_still_falls_was_lowest_in_one_of_the_last_two_epochs(
    last: list[float], sentence: str
) -> None:
    """The first is the photographs' curve of eight epochs, lowest in the sixth."""
    training = np.linspace(0.69, 0.62, 8).tolist()
    diagnosis = diagnose_curves(history(training, [0.69, 0.68, 0.67, 0.66, 0.65, *last]))
    assert diagnosis is not None
    assert diagnosis.sentence.startswith(sentence)
    assert f"Validation loss was lowest in epoch {6 + last.index(0.640)}" in diagnosis.rule


@pytest.mark.parametrize(
    ("last", "words"),
    [
        ([0.3, 0.31, 0.31], "Training loss fell until epoch 6, but validation loss did not:"),
        ([0.32, 0.31, 0.3], "Training loss still falls, but validation loss no longer does:"),
    ],
)
def test_training_loss_still_falls_by_the_same_rule(last: list[float], words: str) -> None:
    training = [0.69, 0.6, 0.5, 0.4, 0.35, *last]
    diagnosis = diagnose_curves(history(training, [0.66, 0.64, *[0.65] * 6]))
    assert diagnosis is not None
    assert diagnosis.sentence.startswith(words)


def test_neither_loss_falls() -> None:
    losses = [0.9, 0.7, 0.5, 0.4, 0.4, *[0.4] * 8]
    assert kind(losses, losses) == "finished"


@pytest.mark.parametrize(("share", "is_explained"), [(0.96, False), (0.94, True)])
def test_validation_better_than_training_is_explained(share: float, is_explained: bool) -> None:
    training = np.linspace(0.9, 0.3, 12)
    diagnosis = diagnose_curves(history(training.tolist(), (training * share).tolist()))
    assert diagnosis is not None
    assert diagnosis.kind == "learning"
    assert ("dropout" in diagnosis.sentence) is is_explained


def test_scatter_is_the_deviation_of_the_noise_whatever_the_slope() -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, 10_000)
    slope = np.linspace(0, 50, 10_000)
    assert noise_std((noise + slope).tolist()) == pytest.approx(0.1, rel=0.05)
    assert noise_std([1.0, 2.0, 3.0, 4.0]) == 0.0


def test_losses_of_zero_are_read() -> None:
    assert diagnose_curves(history([0.0] * 6, [0.0] * 6, accuracy=1.0)) is not None
