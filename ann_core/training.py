"""The training loop: a batch at a time, so that it can stop after any batch."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from ann_core.errors import FlatlandError
from ann_core.features import FeatureSet
from ann_core.network import CHECK_BATCH, NetworkConfig

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class EpochMetrics:
    """What one walk through the training pictures gave.

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


@dataclass(frozen=True)
class TrainingResult:
    """How a training ended.

    Attributes
    ----------
    history : list of EpochMetrics
        Whole epochs only.
    best_epoch : int or None
        The one with the lowest validation loss.
    kept_epoch : int or None
        The one whose weights the model has now; None if it was stopped in the
        middle of an epoch, or before the first one ended.
    stopped : bool
        Whether `on_batch` ended it.
    """

    history: list[EpochMetrics]
    best_epoch: int | None
    kept_epoch: int | None
    stopped: bool


class DivergedError(FlatlandError):
    """The loss is no number any more, and the weights hold nothing of use."""

    def __init__(self, epoch: int, config: NetworkConfig) -> None:
        self.epoch = epoch
        super().__init__(
            f"The training ran away in epoch {epoch}: the loss is no longer a number. The steps "
            f"are too long; lower the learning rate (it was {config.learning_rate:g}) and train "
            "again."
        )


def epoch_order(n_images: int, seed: int, epoch: int) -> np.ndarray:
    """Order of the training pictures in one epoch: int64 array, shape (n_images,).

    Depends on nothing but its arguments, so a training can go on in the middle
    of any epoch.
    """
    return np.random.default_rng([seed, epoch]).permutation(n_images)


def best_of(history: Sequence[EpochMetrics]) -> int:
    """Find the epoch with the lowest validation loss; the first of equals."""
    return min(history, key=lambda metrics: metrics.val_loss).epoch


def train(
    model: keras.Model,
    data: FeatureSet,
    config: NetworkConfig,
    *,
    on_batch: Callable[[int, int, int], bool],
    on_epoch: Callable[[EpochMetrics], None],
) -> TrainingResult:
    """Fit `model` to the training split of `data`.

    Parameters
    ----------
    model : keras.Model
        As `ann_core.network.build` makes it; changed in place.
    on_batch : callable
        Called with epoch (from 1), batches done and batches in all; returns
        whether to stop now. What was learned so far stays in the model.
    on_epoch : callable
        Called with the metrics of each finished epoch.

    Raises
    ------
    DivergedError
        As soon as the loss of a batch, or of the validation split, is no number.
    """
    loop = _Loop(model, data, config, on_batch)
    best_weights: list[np.ndarray] = []
    best_epoch = None
    patience = config.early_stopping_patience
    history: list[EpochMetrics] = []
    for epoch in range(1, config.epochs + 1):
        metrics = loop.run_epoch(epoch)
        if metrics is None:
            return TrainingResult(history, best_epoch, None, stopped=True)
        history.append(metrics)
        best_epoch = best_of(history)
        if patience and best_epoch == epoch:
            best_weights = model.get_weights()
        on_epoch(metrics)
        if patience and epoch - best_epoch >= patience:
            break
    if best_weights:
        model.set_weights(best_weights)
        return TrainingResult(history, best_epoch, best_epoch, stopped=False)
    return TrainingResult(history, best_epoch, len(history), stopped=False)


class _Loop:
    """Training and validation pictures, ready to be walked through."""

    def __init__(
        self,
        model: keras.Model,
        data: FeatureSet,
        config: NetworkConfig,
        on_batch: Callable[[int, int, int], bool],
    ) -> None:
        self.model = model
        self.config = config
        self.on_batch = on_batch
        self.features = data.features
        self.targets = one_hot(data.labels, len(data.class_names))
        self.train_rows = data.indices("train")
        validation = data.indices("validation")
        self.validation = (np.asarray(data.features[validation]), self.targets[validation])

    def run_epoch(self, epoch: int) -> EpochMetrics | None:
        """Walk through all training pictures once; None if asked to stop."""
        started = time.perf_counter()
        order = self.train_rows[epoch_order(len(self.train_rows), self.config.seed, epoch)]
        size = self.config.batch_size
        n_batches = -(-len(order) // size)
        sums = np.zeros(2)  # loss and accuracy: Keras starts both anew with each batch
        for batch in range(n_batches):
            # Sorted rows are read from the disk in one direction; the order
            # within a batch changes nothing.
            rows = np.sort(order[batch * size : (batch + 1) * size])
            logs = self.model.train_on_batch(
                self.features[rows], self.targets[rows], return_dict=True
            )
            self._check(logs["loss"], epoch)
            sums += len(rows) * np.array([logs["loss"], logs["accuracy"]])
            if self.on_batch(epoch, batch + 1, n_batches):
                return None
        checked = self.model.evaluate(
            *self.validation, batch_size=CHECK_BATCH, verbose=0, return_dict=True
        )
        self._check(checked["loss"], epoch)
        loss, accuracy = sums / len(order)
        return EpochMetrics(
            epoch=epoch,
            loss=float(loss),
            accuracy=float(accuracy),
            val_loss=float(checked["loss"]),
            val_accuracy=float(checked["accuracy"]),
            seconds=time.perf_counter() - started,
        )

    def _check(self, loss: float, epoch: int) -> None:
        if not np.isfinite(loss):
            raise DivergedError(epoch, self.config)


def one_hot(labels: np.ndarray, n_classes: int) -> np.ndarray:
    """float32 array, shape (n_images, n_classes): 1 in the column of the class."""
    targets = np.zeros((len(labels), n_classes), dtype=np.float32)
    targets[np.arange(len(labels)), labels] = 1
    return targets
