"""How far a run is, how long it will still take, and how to say so."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from ann_core.runs.run import Run
from ann_core.training.history import EpochMetrics

RECENT_EPOCHS = 5  # long enough to be steady, short enough for a computer that got busy


@dataclass(frozen=True)
class Progress:
    """Where a run stands.

    Attributes
    ----------
    share : float
        Of all batches of all epochs, 0 to 1.
    epoch_share : float
        Of the batches of the present epoch, 0 to 1.
    epochs, batches : str
        Both in words; `batches` is "" where there are none to count.
    seconds_per_epoch, seconds_left, images_per_second : float or None
        None before the first epoch has ended; `seconds_left` also once the last has.
    """

    share: float
    epoch_share: float
    epochs: str
    batches: str
    seconds_per_epoch: float | None
    seconds_left: float | None
    images_per_second: float | None


def progress(run: Run, history: Sequence[EpochMetrics]) -> Progress:
    """Tell where a run stands by its own word, and how fast by its latest epochs."""
    n_epochs = run.config.network.epochs
    done = min(run.epoch, n_epochs)
    inside = _inside(run) if done < n_epochs else 0.0
    seconds = seconds_per_epoch(history)
    left = None if seconds is None or done >= n_epochs else seconds * (n_epochs - done - inside)
    return Progress(
        share=min(1.0, (done + inside) / n_epochs),
        epoch_share=inside,
        epochs=_epochs(run, done, n_epochs),
        batches=_batches(run) if done < n_epochs else "",
        seconds_per_epoch=seconds,
        seconds_left=left if run.live else None,
        images_per_second=_speed(run, seconds),
    )


def seconds_per_epoch(history: Sequence[EpochMetrics]) -> float | None:
    """Median time of the latest epochs; None if none has ended."""
    recent = [metrics.seconds for metrics in history[-RECENT_EPOCHS:]]
    return statistics.median(recent) if recent else None


def duration(seconds: float) -> str:
    """Say how long something took: "0.4 s", "45 s", "2 min 5 s", "1 h 2 min"."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return _two(whole // 60, "min", whole % 60, small_unit="s")
    minutes = round(seconds / 60)
    return _two(minutes // 60, "h", minutes % 60, small_unit="min")


def about(seconds: float) -> str:
    """Say how long something will take, no more exactly than it can be known."""
    if seconds < 10:
        return "a few seconds"
    if seconds < 55:
        return f"about {max(10, 10 * round(seconds / 10))} s"
    if seconds < 59.5 * 60:
        return f"about {max(1, round(seconds / 60))} min"
    tens = round(seconds / 600)
    return f"about {_two(tens // 6, 'h', tens % 6 * 10, small_unit='min')}"


def two_digits(value: float) -> str:
    """Round to two digits that count: 1,534 becomes "1,500"."""
    return f"{float(f'{value:.1e}'):,.0f}" if value >= 10 else f"{value:.1f}"


def ordinal(number: int) -> str:
    """Say a place: 1st, 2nd, 3rd, 4th, ... 11th, ... 21st."""
    endings = {1: "st", 2: "nd", 3: "rd"}
    teen = number % 100 in {11, 12, 13}
    return f"{number:,}{'th' if teen else endings.get(number % 10, 'th')}"


def _inside(run: Run) -> float:
    return min(1.0, run.batch / run.n_batches) if run.n_batches else 0.0


def _epochs(run: Run, done: int, n_epochs: int) -> str:
    # A run in training is in its next epoch; any other stands after its last.
    at = done + 1 if run.live and run.phase == "training" and done < n_epochs else done
    return f"epoch {at} of {n_epochs}"


def _batches(run: Run) -> str:
    return f"batch {run.batch} of {run.n_batches}" if run.n_batches else ""


def _speed(run: Run, seconds: float | None) -> float | None:
    """Training images a second; before the end by batches, of which the last may be short."""
    if not seconds:
        return None
    n_images = run.n_batches * run.config.network.batch_size
    if run.result is not None:
        n_images = run.result.n_images["train"]
    return n_images / seconds if n_images else None


def _two(large: int, large_unit: str, small: int, *, small_unit: str) -> str:
    return f"{large} {large_unit} {small} {small_unit}" if small else f"{large} {large_unit}"
