"""Run a stranger's model in a process of its own.

``python -m ann_core.export.archive.sandbox FOLDER`` is that process.

A model is data to LiteRT, but LiteRT is written in C++ and may stumble over data that was
made to make it stumble. Then it takes this process with it, and nothing else.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from pathlib import Path

import numpy as np

from ann_core.errors import FlatlandError
from ann_core.export.archive.packing import refused
from ann_core.prediction.classifier import Classifier
from ann_core.runs.folder import RunFolder

MAX_IMAGES = 200
AGREEMENT = 1e-5
"""How far two programs may be apart about the same probability."""

_SECONDS = 120
_BYTES = 4 << 30  # of memory, beyond ten times the model
_OPERATIONS = frozenset(
    {"CAST", "ADD", "SUB", "MUL", "DIV", "FULLY_CONNECTED", "SOFTMAX"}
    | {"RELU", "ELU", "GELU", "TANH", "LOGISTIC"}
    # Of a convolution, which lays the row out as an image first.
    | {"SHAPE", "STRIDED_SLICE", "PACK", "RESHAPE", "CONV_2D", "MAX_POOL_2D", "REDUCE_MAX"}
)
"""All that an exported network is made of: no loops, no branches, no code of its own."""

_INPUTS, _OUTPUTS = "inputs.npy", "outputs.npy"


def check_model(folder: RunFolder, table: np.ndarray, expected: np.ndarray) -> None:
    """Let a model predict some images, and compare.

    Parameters
    ----------
    folder : RunFolder
        With ``model.tflite``, settings and class names; two files more while this works.
    table : uint8 array, shape (n_images, n_features)
    expected : float32 array, shape (n_images, n_classes)

    Raises
    ------
    ArchiveError
        If it does not open, is no such network, or answers something else.
    """
    inputs, outputs = folder.path / _INPUTS, folder.path / _OUTPUTS
    np.save(inputs, table[:MAX_IMAGES], allow_pickle=False)
    try:
        done = _begin(folder)
        if done.returncode or not outputs.is_file():
            raise refused(_last_line(done.stdout) or "its model cannot be opened")
        predictions = np.load(outputs, allow_pickle=False)
    except subprocess.TimeoutExpired as error:
        raise refused("its model does not come to an answer") from error
    finally:
        inputs.unlink(missing_ok=True)
        outputs.unlink(missing_ok=True)
    expected = expected[:MAX_IMAGES]
    if predictions.shape != expected.shape or not np.abs(predictions - expected).max() <= AGREEMENT:
        raise refused("its model does not give the answers that stand beside it")


def _begin(folder: RunFolder) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "ann_core.export.archive.sandbox", str(folder.path)],
        cwd=Path(__file__).resolve().parents[3],
        capture_output=True,
        timeout=_SECONDS,
        check=False,
    )


def main(folder: RunFolder) -> str:
    """Predict; return why not, or ""."""
    with contextlib.suppress(ImportError):  # Windows has no such limits
        import resource

        limit = _BYTES + 10 * folder.litert_model.stat().st_size
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    strange = _operations(folder.litert_model) - _OPERATIONS
    if strange:
        return f"its model does what no network of Flatland does ({sorted(strange)[0][:40]})"
    table = np.load(folder.path / _INPUTS, allow_pickle=False)
    classifier = Classifier(folder)
    predictions = classifier.predict_features(table)
    hidden = classifier.describe_features(table)
    n_units = None if hidden is None else hidden.shape[1]
    config = folder.read_config().network
    if n_units != (config.hidden_units[-1] if config.hidden_units else None):
        return "its model has other hidden layers than its settings"
    np.save(folder.path / _OUTPUTS, predictions, allow_pickle=False)
    return ""


def _operations(path: Path) -> set[str]:
    """Name all operations of a model, as they stand in the file."""
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    plain = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    interpreter = Interpreter(model_path=str(path), experimental_op_resolver_type=plain)
    return {str(operation["op_name"]) for operation in interpreter._get_ops_details()}


def _last_line(printed: bytes) -> str:
    lines = printed.decode(errors="replace").splitlines()
    return lines[-1][:200] if lines else ""


if __name__ == "__main__":
    try:
        why = main(RunFolder(Path(sys.argv[1])))
    except (FlatlandError, ValueError, RuntimeError, MemoryError):
        why = "its model cannot be opened"
    print(why)
    sys.exit(1 if why else 0)
