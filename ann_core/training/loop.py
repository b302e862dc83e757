"""The training loop: a batch at a time, so that it can stop and go on after any batch."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ann_core.datasets.features import FeatureSet
from ann_core.errors import FlatlandError
from ann_core.training.history import EpochMetrics, best_of
from ann_core.training.network_config import CHECK_BATCH, NetworkConfig, learning_rate_at

if TYPE_CHECKING:
    import keras


@dataclass
class TrainingState:
    """How far a training is: with the model's variables, all that a resumed one needs.

    Attributes
    ----------
    epoch : int
        In progress, counted from 1.
    table : str
        ``FeatureSet.key`` of the features that it learns from; "" if nobody wrote it down, as
        in a checkpoint of an earlier version.
    batch, n_batches : int
        Batches of it that are done, and batches an epoch. When they are equal, the
        validation is still to do.
    loss_sum, accuracy_sum : float
        Of this epoch's batches so far, weighted by their images.
    seconds : float
        Spent in this epoch so far, in all processes.
    history : list of EpochMetrics
        Whole epochs.
    best_weights : list of arrays
        Those of the best epoch, as ``model.get_weights`` gives them; empty before
        the first epoch has ended.
    """

    epoch: int = 1
    table: str = ""
    batch: int = 0
    n_batches: int = 0
    loss_sum: float = 0.0
    accuracy_sum: float = 0.0
    seconds: float = 0.0
    history: list[EpochMetrics] = field(default_factory=list)
    best_weights: list[np.ndarray] = field(default_factory=list)

    @property
    def best_epoch(self) -> int | None:
        """The epoch with the lowest validation loss; None before the first has ended."""
        return best_of(self.history) if self.history else None

    @property
    def elapsed(self) -> float:
        """Seconds of training so far."""
        return sum(metrics.seconds for metrics in self.history) + self.seconds


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
        middle of an epoch, with no best one to go back to.
    stopped : bool
        Whether it was ended before its time.
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


class OtherFeaturesError(FlatlandError):
    """The images are no longer the numbers that a training was begun with."""

    def __init__(self) -> None:
        super().__init__(
            "This training cannot go on: its pictures are read as other pixels now than when it "
            "was begun, for instance since an update of Pillow, and half a training on each would "
            "be neither. Train again from the beginning, with the same settings."
        )


def epoch_order(n_images: int, seed: int, epoch: int) -> np.ndarray:
    """Order of the training images in one epoch: int64 array, shape (n_images,).

    Depends on nothing but its arguments, so a training can go on in the middle
    of any epoch.
    """
    return np.random.default_rng([seed, epoch]).permutation(n_images)


def train(
    model: keras.Model, data: FeatureSet, config: NetworkConfig, *, state: TrainingState
) -> Iterator[TrainingState | EpochMetrics]:
    """Fit `model` to the training split of `data`, as far as the caller asks for more.

    Whoever stops asking has stopped the training; `conclude` then gives the model the
    weights that it keeps.

    Parameters
    ----------
    model : keras.Model
        As `ann_core.training.network.build` makes it; changed in place.
    state : TrainingState
        A new one, or where to go on; then `model` must have the variables of that
        moment (`ann_core.training.checkpoints.load_checkpoint`). Changed in place.

    Yields
    ------
    TrainingState or EpochMetrics
        `state` after each batch: at that moment model and state belong together and
        can be saved. The metrics of each finished epoch: the state is then at the
        beginning of the next one.

    Raises
    ------
    DivergedError
        As soon as the loss of a batch, or of the validation split, is no number.
    OtherFeaturesError
        If `state` is that of a training on other features.
    """
    loop = _Loop(model, data, config, state=state)
    while not _is_complete(state, config):
        yield from loop.batches()
        yield loop.end_epoch()


def conclude(
    model: keras.Model, config: NetworkConfig, state: TrainingState, *, stopped: bool
) -> TrainingResult:
    """Give `model` the weights that it keeps, and say which they are.

    Those of the best epoch, also after a stop, unless it is to keep the last.
    """
    kept_epoch = None if stopped and state.batch else len(state.history) or None
    if config.keep == "best" and state.best_weights:
        model.set_weights(state.best_weights)
        kept_epoch = state.best_epoch
    return TrainingResult(state.history, state.best_epoch, kept_epoch, stopped)


def _is_complete(state: TrainingState, config: NetworkConfig) -> bool:
    """Whether all epochs are done, or early stopping ended them."""
    patience = config.early_stopping_patience
    waited = len(state.history) - (state.best_epoch or 0)
    return state.epoch > config.epochs or 0 < patience <= waited


class _Loop:
    """Training and validation images, ready to be walked through."""

    def __init__(
        self, model: keras.Model, data: FeatureSet, config: NetworkConfig, *, state: TrainingState
    ) -> None:
        self.model = model
        self.config = config
        self.state = state
        self.features = data.features
        self.targets = one_hot(data.labels, len(data.class_names))
        self.train_rows = data.indices("train")
        validation = data.indices("validation")
        self.validation = (np.asarray(data.features[validation]), self.targets[validation])
        self.started = 0.0
        n_batches = -(-len(self.train_rows) // config.batch_size)
        if state.n_batches not in (0, n_batches) or state.table not in ("", data.key):
            raise OtherFeaturesError
        state.n_batches, state.table = n_batches, data.key

    def batches(self) -> Iterator[TrainingState]:
        """Learn from the rest of the epoch's images, a batch at a time."""
        state = self.state
        self.started = time.perf_counter() - state.seconds
        if self._goes_on_before_short_batch():
            self._trace_full_batch()
        self.model.optimizer.learning_rate = learning_rate_at(self.config, state.epoch)
        order = self.train_rows[epoch_order(len(self.train_rows), self.config.seed, state.epoch)]
        while state.batch < state.n_batches:
            self._learn(order)
            state.seconds = time.perf_counter() - self.started
            yield state

    def end_epoch(self) -> EpochMetrics:
        """Measure the epoch, whose batches are all done, and go to the next one."""
        state = self.state
        metrics = self._validate()
        state.history.append(metrics)
        if state.best_epoch == state.epoch:
            state.best_weights = self.model.get_weights()
        state.epoch += 1
        state.batch = 0
        state.loss_sum = state.accuracy_sum = state.seconds = 0.0
        return metrics

    def _goes_on_before_short_batch(self) -> bool:
        """Whether all batches of the epoch but the last are done, and that one is shorter."""
        size, n_images = self.config.batch_size, len(self.train_rows)
        return size < n_images and n_images % size > 0 and self.state.batch == n_images // size

    def _trace_full_batch(self) -> None:
        """Show Keras a full batch, then take back all that it learned.

        Keras compiles a step for the shape of the first batch it meets, and a more general one
        for all other shapes. They round differently with batch normalisation, so a process that
        met the short batch first would end up with other weights.
        """
        variables = [*self.model.variables, *self.model.optimizer.variables]
        values = [variable.numpy() for variable in variables]
        rows = self.train_rows[: self.config.batch_size]
        self.model.train_on_batch(self.features[rows], self.targets[rows])
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)

    def _learn(self, order: np.ndarray) -> None:
        """Take the step of the next batch."""
        state, size = self.state, self.config.batch_size
        # Sorted rows are read from the disk in one direction; the order
        # within a batch changes nothing.
        rows = np.sort(order[state.batch * size : (state.batch + 1) * size])
        logs = self.model.train_on_batch(self.features[rows], self.targets[rows], return_dict=True)
        self._check(logs["loss"])
        # Own sums: Keras starts its means anew with each batch.
        state.loss_sum += len(rows) * float(logs["loss"])
        state.accuracy_sum += len(rows) * float(logs["accuracy"])
        state.batch += 1

    def _validate(self) -> EpochMetrics:
        checked = self.model.evaluate(
            *self.validation, batch_size=CHECK_BATCH, verbose=0, return_dict=True
        )
        self._check(checked["loss"])
        return EpochMetrics(
            epoch=self.state.epoch,
            loss=self.state.loss_sum / len(self.train_rows),
            accuracy=self.state.accuracy_sum / len(self.train_rows),
            val_loss=float(checked["loss"]),
            val_accuracy=float(checked["accuracy"]),
            seconds=time.perf_counter() - self.started,
        )

    def _check(self, loss: float) -> None:
        if not np.isfinite(loss):
            raise DivergedError(self.state.epoch, self.config)


def one_hot(labels: np.ndarray, n_classes: int) -> np.ndarray:
    """float32 array, shape (n_images, n_classes): 1 in the column of the class."""
    targets = np.zeros((len(labels), n_classes), dtype=np.float32)
    targets[np.arange(len(labels)), labels] = 1
    return targets
