"""Write a trained network into its run's folder, in forms that others can read."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ann_core.errors import DiskFullError, disk_errors
from ann_core.runs.folder import RunFolder
from ann_core.training.network import with_hidden_layer

if TYPE_CHECKING:
    import keras


def save_model(model: keras.Model, folder: RunFolder) -> None:
    """Save as ``.keras`` and ``.tflite``; each file appears whole or not at all.

    The first has no state of the optimizer: it is for asking, and a third of the size.
    The second has the last hidden layer as a second output.

    Raises
    ------
    DiskFullError
        If there is no space; no half-written model remains.
    """
    import keras

    with _staging(folder.path) as staging:
        keras_file = staging / folder.keras_model.name
        litert_file = staging / folder.litert_model.name
        keras.Model(model.inputs, model.outputs, name=model.name).save(keras_file)
        with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
            with_hidden_layer(model).export(litert_file, format="litert", verbose=False)
        keras_file.replace(folder.keras_model)
        litert_file.replace(folder.litert_model)


@contextlib.contextmanager
def _staging(folder: Path) -> Iterator[Path]:
    """Give a folder for half-finished files, TensorFlow's own among them."""
    usual = tempfile.tempdir
    try:
        with disk_errors(folder), tempfile.TemporaryDirectory(dir=folder) as staging:
            # Export goes through files as large as the model, and /tmp may be small.
            tempfile.tempdir = staging
            yield Path(staging)
    except Exception as error:
        # TensorFlow's own name for a full disk is that of a full memory.
        if "No space left on device" in str(error) and not isinstance(error, DiskFullError):
            raise DiskFullError(folder) from error
        raise
    finally:
        tempfile.tempdir = usual
