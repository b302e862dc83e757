"""Write a trained network into its run's folder, in forms that others can read."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
        network = keras.Model(model.inputs, model.outputs, name=model.name)
        _describe_as_before(network.layers)
        network.save(keras_file)
        with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
            with_hidden_layer(model).export(litert_file, format="litert", verbose=False)
        keras_file.replace(folder.keras_model)
        litert_file.replace(folder.litert_model)


_OPENED_BY = "3.8 to 3.15"
"""Versions of Keras, some of which ``make keras-versions`` tries."""

_NEW_KEYS = {
    **{"quantization_config": None, "input_axes": None, "output_axes": None},
    **{"renorm": False, "renorm_clipping": None, "renorm_momentum": 0.99},
}
"""What the oldest of them does not know, with the value that says nothing."""


def keras_versions(path: Path) -> str:
    """Say which versions of Keras open a ``.keras`` file, such as "3.8 to 3.15".

    One of a run from before that was looked after is opened by the version that wrote it.
    """
    try:
        with zipfile.ZipFile(path) as bundle:
            config = bundle.read("config.json").decode()
            version = json.loads(bundle.read("metadata.json"))["keras_version"]
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return "unknown"
    return str(version) if any(f'"{key}"' in config for key in _NEW_KEYS) else _OPENED_BY


def _describe_as_before(layers: Sequence[keras.layers.Layer]) -> None:
    """Let layers leave out of their description what earlier versions of Keras do not know.

    A key that says nothing still makes them refuse the whole model.
    """
    for layer in layers:
        # Of this instance only: its class, and all of Keras, stay as they are.
        object.__setattr__(layer, "get_config", partial(_known_config, layer))


def _known_config(layer: keras.layers.Layer) -> dict[str, Any]:
    known: dict[str, Any] = _without_new_keys(type(layer).get_config(layer))
    return known


def _without_new_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: _without_new_keys(each)
            for key, each in value.items()
            if key not in _NEW_KEYS or each != _NEW_KEYS[key]
        }
    return [_without_new_keys(each) for each in value] if isinstance(value, list) else value


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
