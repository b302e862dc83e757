"""The training loop: a few batches at a time, so that it can stop and go on after any of them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ann_core.datasets.features import FeatureSet
from ann_core.errors import FlatlandError
from ann_core.training.batching import BatchReader, CallLength, class_order, epoch_order
from ann_core.training.history import EpochMetrics, best_of
from ann_core.training.network_config import NetworkConfig, learning_rate_at
from ann_core.training.precision import settle_precision, usable_flags
from ann_core.training.step import learning_step
from ann_core.training.validation import Validation

if TYPE_CHECKING:
    import keras

FEWEST_COMPILED = 1000
"""Batches in all epochs, from which on compiling the step saves more time than it takes."""


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
    precision : str
        Of the products: "float32" or "bfloat16"; "" before the first batch.
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
        the first epoch has ended, and where the last ones are to be kept.
    """

    epoch: int = 1
    table: str = ""
    precision: str = ""
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


def train(
    model: keras.Model,
    data: FeatureSet,
    config: NetworkConfig,
    *,
    state: TrainingState,
    call_seconds: float = 0.0,
    flags: frozenset[str] | None = None,
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
    call_seconds : float
        Learn from as many batches at once as take so long; 0 for one. The result is the same.
    flags : frozenset of str, optional
        What the processor can do; as `usable_flags` says, unless given.

    Yields
    ------
    TrainingState or EpochMetrics
        `state` after each call of TensorFlow, that is, a batch or a few: at that moment model
        and state belong together and can be saved. The metrics of each finished epoch: the
        state is then at the beginning of the next one.

    Raises
    ------
    DivergedError
        As soon as the loss of a batch, or of the validation split, is no number.
    OtherFeaturesError
        If `state` is that of a training on other features.
    PrecisionError
        If it computes in bfloat16, and there is no unit for it.
    """
    state.precision = settle_precision(
        *(config.precision, state.precision, usable_flags() if flags is None else flags),
        n_products=model.count_params() * config.batch_size,
    )
    loop = _Loop(model, data, config, state=state)
    loop.call = CallLength(call_seconds, loop.reader.room)
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
        targets = one_hot(data.labels, len(data.class_names))
        self.train_rows = data.indices("train")
        self.by_class = class_order(data.labels[self.train_rows]) if data.by_class else None
        validation = data.indices("validation")
        pixels = np.asarray(data.features[validation])
        self.validation = Validation(model, pixels, targets[validation])
        self.reader = BatchReader(data.features, targets, config.batch_size)
        self.call = CallLength(0.0, 1)
        self.started = 0.0
        self.n_whole = len(self.train_rows) // config.batch_size
        n_batches = -(-len(self.train_rows) // config.batch_size)
        if state.n_batches not in (0, n_batches) or state.table not in ("", data.key):
            raise OtherFeaturesError
        state.n_batches, state.table = n_batches, data.key
        self.compiled = is_compiled(config, state.precision, n_batches)
        self.learn = learning_step(model, state.precision, self.compiled)
        self.learn_short = learning_step(model, state.precision) if self.compiled else self.learn

    def batches(self) -> Iterator[TrainingState]:
        """Learn from the rest of the epoch's images, a call at a time."""
        state = self.state
        self.started = time.perf_counter() - state.seconds
        self.model.optimizer.learning_rate = learning_rate_at(self.config, state.epoch)
        order = self.by_class
        if order is None:
            order = epoch_order(len(self.train_rows), self.config.seed, state.epoch)
        order = self.train_rows[order]
        while state.batch < state.n_batches:
            self._learn(order)
            state.seconds = time.perf_counter() - self.started
            yield state

    def end_epoch(self) -> EpochMetrics:
        """Measure the epoch, whose batches are all done, and go to the next one."""
        state = self.state
        metrics = self._validate()
        state.history.append(metrics)
        if self.config.keep == "best" and state.best_epoch == state.epoch:
            state.best_weights = self.model.get_weights()
        state.epoch += 1
        state.batch = 0
        state.loss_sum = state.accuracy_sum = state.seconds = 0.0
        return metrics

    def _learn(self, order: np.ndarray) -> None:
        """Take the steps of the next batches."""
        started, state = time.perf_counter(), self.state
        n_batches = min(self.call.n_batches, self.n_whole - state.batch)
        if n_batches:
            block, learn = self.reader.whole(order, state.batch, n_batches), self.learn
        else:
            block, learn = self.reader.short(order, state.batch), self.learn_short
        n_batches = max(1, n_batches)
        if not self.compiled:  # it takes any shape, and TensorFlow copies what it is given
            block = block[0][:n_batches], block[1][:n_batches]
        n_images = block[0].shape[1]
        for loss, accuracy in learn(*block, n_batches).numpy()[:n_batches].tolist():
            self._check(loss)
            # Own sums: Keras starts its means anew with each batch.
            state.loss_sum += n_images * loss
            state.accuracy_sum += n_images * accuracy
        state.batch += n_batches
        self.call.took(n_batches, time.perf_counter() - started)

    def _validate(self) -> EpochMetrics:
        val_loss, val_accuracy = self.validation.measure()
        self._check(val_loss)
        return EpochMetrics(
            epoch=self.state.epoch,
            loss=self.state.loss_sum / len(self.train_rows),
            accuracy=self.state.accuracy_sum / len(self.train_rows),
            val_loss=val_loss,
            val_accuracy=val_accuracy,
            seconds=time.perf_counter() - self.started,
        )

    def _check(self, loss: float) -> None:
        if not np.isfinite(loss):
            raise DivergedError(self.state.epoch, self.config)


def is_compiled(config: NetworkConfig, precision: str, n_batches: int) -> bool:
    """Whether XLA compiles the step: not of filters, at which it is twenty times slower.

    It rounds differently, so this follows from the settings and the batches an epoch.
    """
    compiles_well = config.kind == "dense" and precision == "float32"
    return compiles_well and config.epochs * n_batches >= FEWEST_COMPILED


def one_hot(labels: np.ndarray, n_classes: int) -> np.ndarray:
    """float32 array, shape (n_images, n_classes): 1 in the column of the class."""
    targets = np.zeros((len(labels), n_classes), dtype=np.float32)
    targets[np.arange(len(labels)), labels] = 1
    return targets
