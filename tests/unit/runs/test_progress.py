"""How far, how long, how fast: numbers and their words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from ann_core.runs.progress import about, duration, ordinal, progress, seconds_per_epoch, two_digits
from ann_core.runs.run import Run, RunConfig
from ann_core.training.history import EpochMetrics
from ann_core.training.network_config import NetworkConfig
from tests.helpers.registry import RESULT

N_EPOCHS = 10


def run(**values: Any) -> Run:
    network = NetworkConfig(epochs=N_EPOCHS, batch_size=32)
    before = Run(
        id="AAAAAAAAAAAAAAAA",
        name="",
        owner="",
        status="running",
        config=RunConfig(dataset="toy", fingerprint="", network=network),
        attempt=1,
        losses=0,
        requested="run",
        phase="training",
        epoch=0,
        batch=0,
        n_batches=0,
        checkpoint=None,
        result=None,
        error_kind=None,
        error=None,
        created=datetime.now(UTC),
        started=None,
        finished=None,
    )
    return replace(before, **values)


def history(*seconds: float) -> list[EpochMetrics]:
    return [
        EpochMetrics(epoch, loss=1.0, accuracy=0.5, val_loss=1.0, val_accuracy=0.5, seconds=time)
        for epoch, time in enumerate(seconds, start=1)
    ]


def test_a_run_that_has_not_begun() -> None:
    now = progress(run(status="queued", phase=""), [])
    assert (now.share, now.epoch_share, now.epochs, now.batches) == (0, 0, "epoch 0 of 10", "")
    assert now.seconds_per_epoch is None
    assert now.seconds_left is None
    assert now.images_per_second is None


def test_the_first_epoch_has_batches_but_no_pace_yet() -> None:
    now = progress(run(batch=25, n_batches=50), [])
    assert (now.share, now.epoch_share) == (0.05, 0.5)
    assert (now.epochs, now.batches) == ("epoch 1 of 10", "batch 25 of 50")
    assert now.seconds_left is None


def test_what_is_left_is_epochs_and_batches() -> None:
    now = progress(run(epoch=4, batch=10, n_batches=40), history(9, 2, 2, 2))
    assert now.share == pytest.approx(4.25 / 10)
    assert now.seconds_per_epoch == 2
    assert now.seconds_left == pytest.approx(5.75 * 2)
    assert now.images_per_second == pytest.approx(40 * 32 / 2)


def test_one_slow_epoch_does_not_count_and_old_ones_are_forgotten() -> None:
    assert seconds_per_epoch(history(1, 1, 60, 1, 1)) == 1
    assert seconds_per_epoch(history(9, 9, 9, 9, 9, 1, 1, 1)) == 1
    assert seconds_per_epoch([]) is None


@pytest.mark.parametrize("phase", ["testing", "saving the model"])
def test_after_the_last_epoch_no_batch_is_left(phase: str) -> None:
    now = progress(run(epoch=10, batch=0, n_batches=40, phase=phase), history(*[1.0] * 10))
    assert (now.share, now.epochs, now.batches) == (1.0, "epoch 10 of 10", "")
    assert now.seconds_left is None


def test_a_paused_run_stands_after_its_epoch_and_has_no_end_in_sight() -> None:
    now = progress(run(status="paused", epoch=3, batch=20, n_batches=40), history(2, 2, 2))
    assert (now.epochs, now.batches) == ("epoch 3 of 10", "batch 20 of 40")
    assert now.share == pytest.approx(0.35)
    assert now.seconds_left is None


def test_a_run_that_goes_on_stands_where_it_was_until_it_trains() -> None:
    now = progress(run(epoch=3, batch=20, n_batches=40, phase="loading TensorFlow"), history(2, 2))
    assert now.epochs == "epoch 3 of 10"


def test_an_ended_run_knows_its_images_exactly() -> None:
    result = RESULT.model_copy(update={"n_images": {"train": 1000}})
    ended = run(status="done", epoch=10, n_batches=40, result=result)
    assert progress(ended, history(2, 2)).images_per_second == 500


def test_more_than_there_is_stays_within_the_bar() -> None:
    now = progress(run(epoch=12, batch=50, n_batches=40), history(1))
    assert now.share == 1.0
    assert progress(run(epoch=2, batch=50, n_batches=40), []).epoch_share == 1.0


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0, "0.0 s"),
        (0.44, "0.4 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (125, "2 min 5 s"),
        (3599, "59 min 59 s"),
        (3600, "1 h"),
        (3725, "1 h 2 min"),
        (3600 * 25, "25 h"),
    ],
)
def test_how_long_it_took(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.1, "a few seconds"),
        (9.9, "a few seconds"),
        (10, "about 10 s"),
        (44, "about 40 s"),
        (54.9, "about 50 s"),
        (55, "about 1 min"),
        (185, "about 3 min"),
        (59.4 * 60, "about 59 min"),
        (59.5 * 60, "about 1 h"),
        (4200, "about 1 h 10 min"),
        (7000, "about 2 h"),
    ],
)
def test_how_long_it_will_take(seconds: float, words: str) -> None:
    assert about(seconds) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.52, "0.5"), (9.4, "9.4"), (15.4, "15"), (1534, "1,500"), (156e3, "160,000")],
)
def test_two_digits_are_enough(value: float, words: str) -> None:
    assert two_digits(value) == words


def test_places_are_said_as_people_say_them() -> None:
    texts = [ordinal(number) for number in (1, 2, 3, 4, 11, 12, 13, 21, 102, 111, 1011, 1022)]

    assert texts[:7] == ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th"]
    assert texts[7:] == ["21st", "102nd", "111th", "1,011th", "1,022nd"]
