"""TensorFlow, loaded without what no training needs, and bound to a number of threads."""

from __future__ import annotations

import contextlib
import gc
import sys
from collections.abc import Iterator

_UNNEEDED = "sklearn"  # Keras has wrappers for it; with SciPy's statistics, a third of the loading


def load_tensorflow() -> None:
    """Load TensorFlow and Keras; nothing is computed with them.

    Their hundreds of thousands of objects stay to the end: looking through them for garbage,
    again and again, would take a quarter of the loading, and moments of every training.
    """
    with _hidden(_UNNEEDED), _without_collecting():
        import keras  # noqa: F401
        import tensorflow  # noqa: F401


@contextlib.contextmanager
def _without_collecting() -> Iterator[None]:
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if collects:
            gc.enable()


def use_threads(n_threads: int) -> None:
    """Load TensorFlow, if need be, and let it compute with so many threads from now on.

    Raises
    ------
    RuntimeError
        If it has computed something before.
    """
    load_tensorflow()
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(n_threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)


@contextlib.contextmanager
def _hidden(package: str) -> Iterator[None]:
    """Let an optional package look as if it were not installed, unless it is loaded already."""
    if package in sys.modules:
        yield
        return
    sys.modules[package] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[package]
