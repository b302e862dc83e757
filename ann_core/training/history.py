"""What each epoch of a training gave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class EpochMetrics:
    """What one walk through the training images gave.

    Attributes
    ----------
    epoch : int
        Counted from 1.
    loss, accuracy : float
        Mean over the epoch's training batches, while the weights were changing.
    val_loss, val_accuracy : float
        On the validation split, with the weights at the end of the epoch.
    seconds : float
        Time of the epoch, validation included.
    """

    epoch: int
    loss: float
    accuracy: float
    val_loss: float
    val_accuracy: float
    seconds: float

    def as_dict(self) -> dict[str, float]:
        """Plain values by name, for JSON and CSV."""
        return asdict(self)


def best_of(history: Sequence[EpochMetrics]) -> int:
    """Find the epoch with the lowest validation loss; the first of equals."""
    return min(history, key=lambda metrics: metrics.val_loss).epoch
