"""What a history says, in a sentence: a teacher's rules of thumb, with their numbers.

Curves jump from epoch to epoch, so what is called a rise or a fall must be larger than the
jumps: of curves that are level but for their jumps, fewer than 5 of 100 are said to rise or fall.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ann_core.training.history import EpochMetrics, best_of

Kind = Literal["stuck", "memorising", "jumping", "learning", "waiting", "narrowing", "finished"]

FIRST_EPOCHS = 5  # before that, one epoch decides too much
LEVEL_EPOCHS = 3
LATEST_EPOCHS = 2  # what still falls had its lowest loss in one of them
RISE = 0.03  # of the lowest validation loss
JUMPS = 3.0  # standard deviations; three epochs in a row that lie so far off are no noise
FALL = 0.01
_FALL_JUMPS = 2.5  # as `JUMPS`, but of the lowest of several epochs
JUMPING = 0.10
AHEAD = 0.05
_CLEARLY_LEARNED = 0.9
_NEAR_A_GUESS = 0.02


@dataclass(frozen=True)
class CurveDiagnosis:
    """A sentence about the curves, and the comparison behind it.

    Attributes
    ----------
    kind : str
        "waiting" if validation loss fell, but not in the latest epochs; "narrowing" if only the
        training improves, "finished" if nothing does.
    sentence, rule : str
        What is said, and which numbers of which epochs were compared.
    """

    kind: Kind
    sentence: str
    rule: str


def diagnose_curves(history: Sequence[EpochMetrics]) -> CurveDiagnosis | None:
    """Read the curves up to the last epoch there is; None before the fifth.

    Parameters
    ----------
    history : sequence of EpochMetrics
        Epochs 1, 2, 3, ... without a gap.
    """
    if len(history) < FIRST_EPOCHS:
        return None
    diagnosis = (
        _stalled(history) or _overfitting(history) or _unstable(history) or _direction(history)
    )
    ahead = _ahead(history)
    if ahead is None or diagnosis.kind in {"stuck", "memorising", "jumping"}:
        return diagnosis
    return CurveDiagnosis(
        diagnosis.kind, f"{diagnosis.sentence} {ahead.sentence}", f"{diagnosis.rule} {ahead.rule}"
    )


def noise_std(values: Sequence[float]) -> float:
    """Estimate the standard deviation of the jumps about a smooth curve.

    Second differences cancel a straight slope; that of independent noise has
    sqrt(6) times its deviation, and the median does not mind single leaps.
    """
    second = np.abs(np.diff(np.asarray(values, dtype=np.float64), 2))
    return float(np.median(second) / (0.6745 * math.sqrt(6)))


def _stalled(history: Sequence[EpochMetrics]) -> CurveDiagnosis | None:
    """See whether training loss falls at all; that of epoch 1 still has the first weights in it."""
    second, now = history[1].loss, _level([m.loss for m in history])
    best = max(m.accuracy for m in history)
    if now <= second * (1 - FALL) or best >= _CLEARLY_LEARNED:
        return None
    guess = _guess(now)
    return CurveDiagnosis(
        "stuck",
        f"Training loss does not fall{guess}: the network learns nothing from these pictures so "
        "far. A smaller or larger learning rate is the first thing to try.",
        f"Median training loss of the last {LEVEL_EPOCHS} epochs is {now:.3f}; in epoch 2 it was "
        f"{second:.3f}. It is called falling once it is {FALL:.0%} lower. A loss of ln(number of "
        "classes) is what always giving every class the same probability would cost.",
    )


def _n_guessed(loss: float) -> int:
    """Among how many classes guessing would cost about this loss."""
    return max(2, round(math.exp(min(loss, 10.0))))


def _guess(loss: float) -> str:
    n_classes = _n_guessed(loss)
    chance = math.log(n_classes)
    if abs(loss - chance) > _NEAR_A_GUESS * chance:
        return ""
    return f" and is what guessing among {n_classes} classes gives ({chance:.2f})"


def _guesses(history: Sequence[EpochMetrics]) -> bool:
    """Whether training accuracy and loss are what guessing gives: nothing is memorised then."""
    loss, accuracy = _level([m.loss for m in history]), _level([m.accuracy for m in history])
    return bool(_guess(loss)) and accuracy <= (1 + AHEAD) / _n_guessed(loss)


def _overfitting(history: Sequence[EpochMetrics]) -> CurveDiagnosis | None:
    """See whether validation loss is well above its lowest, and training loss below what it was."""
    best = best_of(history)
    since = history[-1].epoch - best
    if since < LEVEL_EPOCHS:
        return None
    around = [m for m in history if abs(m.epoch - best) <= 1]
    losses = [m.val_loss for m in history]
    low, now = float(np.median([m.val_loss for m in around])), min(losses[-LEVEL_EPOCHS:])
    margin = max(RISE * low, JUMPS * noise_std(losses))
    then = float(np.median([m.loss for m in around]))
    training = _level([m.loss for m in history])
    if now <= low + margin or training >= then * (1 - FALL) or _guesses(history):
        return None
    return CurveDiagnosis(
        "memorising",
        f"Validation loss has risen for {since} epochs, since epoch {best}, while training loss "
        "fell: it is learning by heart.",
        f"In each of the last {LEVEL_EPOCHS} epochs, validation loss was {now:.3f} or more: at "
        f"least {now - low:.3f} above its level around the lowest, epoch {best} ({low:.3f}). More "
        f"than {margin:.3f} counts, the larger of {RISE:.0%} and {JUMPS:.0f} times the jumps from "
        f"epoch to epoch. Training loss fell from {then:.3f} to {training:.3f} in these {since} "
        "epochs.",
    )


def _unstable(history: Sequence[EpochMetrics]) -> CurveDiagnosis | None:
    """See whether validation loss leaps about, so that single epochs say little."""
    recent = history[-10:]
    losses = [m.val_loss for m in recent]
    level = max(float(np.median(losses)), 1e-9)
    share, n_rises = noise_std(losses) / level, int(np.sum(np.diff(losses) > 0))
    # A steep fall that flattens out is no straight line either, but it does not rise.
    if share <= JUMPING or n_rises <= len(losses) // 4 or level < _small(history):
        return None
    return CurveDiagnosis(
        "jumping",
        "Validation loss jumps from epoch to epoch, so no single epoch tells much. A lower "
        "learning rate or more validation pictures would make it steadier.",
        f"Over the last {len(recent)} epochs, validation loss leaves a smooth curve by {share:.0%} "
        f"of its size (one standard deviation) and rises {n_rises} times; more than {JUMPING:.0%} "
        f"and {len(losses) // 4} rises count as jumping.",
    )


def _small(history: Sequence[EpochMetrics]) -> float:
    """Name a loss so low that its jumps, however large in proportion, are of no account."""
    return 0.02 * max(history[0].val_loss, history[0].loss)


def _direction(history: Sequence[EpochMetrics]) -> CurveDiagnosis:
    """Say which of the two losses still falls, and since when one has not."""
    window = min(max(FIRST_EPOCHS, len(history) // 5), len(history) - 2)
    validation = _fall([m.val_loss for m in history], window)
    training = _fall([m.loss for m in history], window)
    rule = (
        f"Lowest loss of the last {window} epochs against the lowest before them: validation "
        f"{_change(validation.share)}, training {_change(training.share)}. At least "
        f"{validation.needed:.1%} and {training.needed:.1%} lower count as falling, the larger of "
        f"{FALL:.0%} and {_FALL_JUMPS:g} times the jumps from epoch to epoch; a loss still falls "
        f"if its lowest is in one of the last {LATEST_EPOCHS} epochs. Validation loss was lowest "
        f"in epoch {validation.lowest}, training loss in epoch {training.lowest}."
    )
    if validation.fell and validation.is_recent:
        return CurveDiagnosis("learning", "Validation loss still falls: it is learning.", rule)
    if validation.fell:
        return CurveDiagnosis(
            "waiting",
            f"Validation loss has not fallen since epoch {validation.lowest}. A few more epochs "
            "would show whether it falls any further.",
            rule,
        )
    if training.fell:
        words = (
            "still falls, but validation loss no longer does: what it learns now helps"
            if training.is_recent
            else f"fell until epoch {training.lowest}, but validation loss did not: that helped"
        )
        return CurveDiagnosis("narrowing", f"Training loss {words} little with new pictures.", rule)
    return CurveDiagnosis(
        "finished", "Neither loss falls any more: it has learned what it can learn this way.", rule
    )


def _ahead(history: Sequence[EpochMetrics]) -> CurveDiagnosis | None:
    recent = history[-FIRST_EPOCHS:]
    if any(m.val_loss >= m.loss * (1 - AHEAD) for m in recent):
        return None
    return CurveDiagnosis(
        "learning",
        "It does better in validation than in training: dropout silences neurons only in training, "
        "and its training loss is an average over an epoch of learning. Or the validation split is "
        "too small to tell.",
        f"In each of the last {len(recent)} epochs, validation loss was more than {AHEAD:.0%} "
        "below training loss.",
    )


@dataclass(frozen=True)
class _Fall:
    """By which share a loss fell, from which on that is no jump, and when it was lowest."""

    share: float
    needed: float
    lowest: int
    is_recent: bool

    @property
    def fell(self) -> bool:
        return self.share >= self.needed


def _fall(losses: Sequence[float], window: int) -> _Fall:
    """Compare the lowest loss of the last epochs with the lowest before them."""
    before, lowest = min(losses[:-window]), int(np.argmin(losses)) + 1
    is_recent = lowest > len(losses) - LATEST_EPOCHS
    if before <= 0:
        return _Fall(0.0, FALL, lowest, is_recent)
    needed = max(FALL, _FALL_JUMPS * noise_std(losses) / before)
    return _Fall(1 - min(losses[-window:]) / before, needed, lowest, is_recent)


def _change(fall: float) -> str:
    return f"{fall:.1%} lower" if fall >= 0 else f"{-fall:.1%} higher"


def _level(losses: Sequence[float]) -> float:
    return float(np.median(losses[-LEVEL_EPOCHS:]))
