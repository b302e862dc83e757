"""What a worker writes down of a training for those who watch it; it never stops one."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ann_core.datasets.features import FeatureSet
from ann_core.errors import FlatlandError
from ann_core.evaluation.epoch_look import save_epoch_look
from ann_core.evaluation.first_layer import NOW, first_layer, save_first_layer
from ann_core.evaluation.sampling import evenly
from ann_core.evaluation.weight_histograms import (
    WeightHistograms,
    load_weight_histograms,
    save_weight_histograms,
)
from ann_core.files import remove_unfinished
from ann_core.jobs.network_look import look_inside, sampled_weights, weights_of_units
from ann_core.runs.folder import RunFolder

if TYPE_CHECKING:
    import keras

MAX_OVERHEAD = 0.01
"""Share of the training time that it may take."""

MAX_UNITS = 24
"""Neurons of the first layer that are drawn while a network trains."""

log = logging.getLogger("ann_core.worker")


class Observer:
    """Looks at a network after its epochs: as often as costs a hundredth of the training time.

    Weights are counted after each epoch, which takes a moment; files are written, and images are
    asked about, when the time since the last look allows it.

    Parameters
    ----------
    data : FeatureSet
        With the labels that are true.
    """

    def __init__(self, model: keras.Model, data: FeatureSet, folder: RunFolder) -> None:
        self._model = model
        self._data = data
        self._folder = folder
        self._histograms = WeightHistograms()
        self._looked = time.monotonic()
        self._cost = 0.0
        self._warm = False

    def begin(self, n_epochs: int, *, fresh: bool) -> None:
        """Begin with a network that has learned nothing, if it is `fresh`, or go on."""
        if fresh:
            _try(lambda: self._count(0))
            return
        with suppress(FlatlandError):  # then the first epochs are missing, and no more
            self._histograms = load_weight_histograms(self._folder.weight_histograms)
        self._histograms.forget_from(n_epochs + 1)

    def epoch_ended(self, epoch: int) -> None:
        """Look at the network as it is after an epoch, or only count its weights."""
        _try(lambda: self._count(epoch))
        if self._cost <= MAX_OVERHEAD * (time.monotonic() - self._looked):
            self.look(epoch)

    def write(self) -> None:
        """Write down what was counted: a worker that goes on from here will not count it again."""
        if self._histograms.epochs:
            _try(lambda: save_weight_histograms(self._histograms, self._folder.weight_histograms))

    def end(self) -> None:
        """Write what stays, and remove what only those need who watch a training."""
        self.write()
        for path in (self._folder.epoch_look, self._folder.first_layer / f"{NOW}.npz"):
            with suppress(OSError):
                path.unlink(missing_ok=True)
        with suppress(OSError):
            remove_unfinished(self._folder.first_layer)

    def look(self, epoch: int) -> None:
        """Write down what the network makes of some images now, and some of its first layer."""
        started = time.monotonic()
        _try(lambda: self._write_look(epoch))
        self._looked = time.monotonic()
        if self._warm:  # the first look loads what all others need
            self._cost = self._looked - started
        self._warm = True

    def _write_look(self, epoch: int) -> None:
        look = look_inside(self._model, self._data, epoch)
        kernel = next(layer.kernel for layer in self._model.layers if hasattr(layer, "kernel"))
        if len(kernel.shape) == 2 and kernel.shape[0] == self._data.n_features:
            self._write_first_layer(kernel)
        save_epoch_look(look, self._folder.epoch_look)

    def _write_first_layer(self, kernel: keras.Variable) -> None:
        units = evenly(np.arange(kernel.shape[1]), MAX_UNITS)
        layer = first_layer(weights_of_units(kernel, units), self._data.preprocess)
        layer = replace(layer, units=units[layer.units], n_units=int(kernel.shape[1]))
        save_first_layer(layer, self._folder.first_layer, NOW)

    def _count(self, epoch: int) -> None:
        self._histograms.add(epoch, sampled_weights(self._model))


def _try(action: Callable[[], None]) -> None:
    """Do what the training can do without; why it failed stands in the log."""
    try:
        action()
    except Exception as error:
        log.warning("what is shown while it trains could not be written: %s", error)
