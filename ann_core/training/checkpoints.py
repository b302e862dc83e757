"""A training on disk: all that another process needs to go on, to the bit.

One ``.npz`` file, which NumPy opens. ``.keras`` files would not do: they leave out
the state of Dropout's random numbers (docs/adr/0003-exact-resume.md).
"""

from __future__ import annotations

import io
import json
import struct
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ann_core.errors import FlatlandError
from ann_core.files import replacing
from ann_core.training.history import EpochMetrics
from ann_core.training.loop import TrainingState

if TYPE_CHECKING:
    import keras

FORMAT = 1
"""Raised whenever a file of the old kind could not be read any more."""

_PROGRESS = ("epoch", "batch", "n_batches", "loss_sum", "accuracy_sum", "seconds")
_ADDED = {"table": "", "precision": "float32"}
"""What checkpoints of earlier versions do not say, with what held for them."""

_PIECE_BYTES = 1 << 20
_STATE = "state"
_BEST = "best."
# What Python raises for bytes that are no longer those of a zip file, an array or a JSON text.
_DAMAGE = (
    *(OSError, EOFError, zipfile.BadZipFile, struct.error, RuntimeError, OverflowError),
    *(ValueError, KeyError, TypeError),
)


class CheckpointError(FlatlandError):
    """A checkpoint that no training can go on from; `path` says which, `reason` why."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(
            f"The training cannot go on from '{path.name}': {reason}. Train again from the "
            "beginning."
        )


def save_checkpoint(path: Path, model: keras.Model, state: TrainingState) -> None:
    """Write model, optimizer and `state` into one file; it appears whole or not at all.

    Holds every variable: weights, the optimizer's moments and step count, the state
    of Dropout's random numbers; the best weights so far; the rest as a JSON text.
    Nothing is copied in memory.

    Parameters
    ----------
    path : Path
        Replaced, if it exists; its folder must exist.
    model : keras.Model
        Compiled; between two batches.

    Raises
    ------
    DiskFullError
        If there is no space; an older checkpoint at `path` stays.
    """
    values: dict[str, Any] = {name: getattr(state, name) for name in (*_PROGRESS, *_ADDED)}
    values |= {"format": FORMAT, "history": [metrics.as_dict() for metrics in state.history]}
    text = json.dumps(values, allow_nan=False)  # Python writes floats so that they come back
    with replacing(path) as file, zipfile.ZipFile(file, "w") as archive:
        _write(archive, _STATE, np.array(text))
        for name, variable in _variables(model).items():
            _write(archive, name, _values(variable))
        if state.best_weights:
            for name, weights in zip(_best(model), state.best_weights, strict=True):
                _write(archive, name, weights)


def load_checkpoint(path: Path, model: keras.Model) -> TrainingState:
    """Put the variables of a checkpoint into `model` and return how far it was.

    Parameters
    ----------
    model : keras.Model
        Built with the settings of the training; changed only if all is well.

    Raises
    ------
    CheckpointError
        If the file is missing, damaged, of another version of Flatland or of another
        network, as far as the names, shapes and types of its arrays tell.
    """
    try:
        values, arrays = _read_all(path)
        if values["format"] != FORMAT:
            raise CheckpointError(path, "another version of Flatland wrote it")
        history = [EpochMetrics(**metrics) for metrics in values["history"]]
        progress = {name: values[name] for name in _PROGRESS}
        progress |= {name: values.get(name, usual) for name, usual in _ADDED.items()}
        state = TrainingState(**progress, history=history)
    except FileNotFoundError as error:
        raise CheckpointError(path, "the file is not there") from error
    except _DAMAGE as error:
        raise CheckpointError(path, "the file is damaged") from error
    variables = _variables(model)
    best = _best(model) if any(name.startswith(_BEST) for name in arrays) else {}
    if _kinds(arrays) != _kinds(variables | best):
        raise CheckpointError(path, "it belongs to a network of other settings")
    for name, variable in variables.items():
        variable.assign(arrays[name])
    state.best_weights = [arrays[name] for name in best]
    return state


def _variables(model: keras.Model) -> dict[str, Any]:
    """Name all variables that training changes, alike in every process."""
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    kinds = {"model": model.variables, "optimizer": model.optimizer.variables}
    return {
        f"{kind}.{number}.{variable.name}": variable
        for kind, variables in kinds.items()
        for number, variable in enumerate(variables)
    }


def _values(variable: Any) -> np.ndarray:
    """Look at the values of a variable where TensorFlow keeps them, until the next step."""
    return np.asarray(memoryview(variable.value.read_value()))


def _best(model: keras.Model) -> dict[str, Any]:
    """Name the best weights: a variable for each array of ``model.get_weights``."""
    return {f"{_BEST}{number}.{weight.name}": weight for number, weight in enumerate(model.weights)}


def _kinds(arrays: dict[str, Any]) -> dict[str, tuple[tuple[int, ...], str]]:
    """Shape and type of each array or variable."""
    return {name: (tuple(array.shape), str(array.dtype)) for name, array in arrays.items()}


def _write(archive: zipfile.ZipFile, name: str, array: np.ndarray) -> None:
    """Write an array as NumPy does, from where it lies: NumPy copies what is no file of the system.

    Piece by piece, so that the checksum and the system read from the processor's cache.
    """
    # A time of its own would make two files of the same state differ.
    entry = zipfile.ZipInfo(f"{name}.npy")
    header = np.lib.format.header_data_from_array_1_0(array)
    content = array.reshape(-1).view(np.uint8)
    with archive.open(entry, "w", force_zip64=True) as file:
        np.lib.format.write_array_header_1_0(file, header)
        for start in range(0, len(content), _PIECE_BYTES):
            file.write(content[start : start + _PIECE_BYTES].data)


def _read_all(path: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Read the JSON text and all other arrays.

    ``np.load`` stops after the last number: if damage moved their beginning, it
    misses the checksum and gives other numbers. Here each entry is read to its
    end, and thus checked, before anything looks into it.
    """
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        room = path.stat().st_size
        if any(not entry.file_size == entry.compress_size <= room for entry in entries):
            raise zipfile.BadZipFile("not as save_checkpoint writes it")
        arrays = {
            entry.filename.removesuffix(".npy"): np.lib.format.read_array(
                io.BytesIO(archive.read(entry)), allow_pickle=False
            )
            for entry in entries
        }
    return json.loads(arrays.pop(_STATE).item()), arrays
