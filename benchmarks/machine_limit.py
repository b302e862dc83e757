"""The least that an epoch of `article` can take on this machine, from what it is measured to do.

``python -m benchmarks.machine_limit TABLE``: the products of an epoch (none for the gradient of the
pixels) at the best rate that TensorFlow reaches with them, plus the bytes of Adam, which reads
weight, gradient and two means of each weight and writes three of them, at the bandwidth of memory.
Products are those of the network, in the precision that ours uses here, one after the other with
nothing between them; a square product of 4,096 says how much more the machine can do at its best.
"""

import itertools
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

import numpy as np

from ann_core.training.network_config import CHECK_BATCH, PRESETS
from benchmarks.results import machine
from benchmarks.timing import N_THREADS

Shape = tuple[int, int, int]  # rows, inner, columns
_SQUARE = (4096, 4096, 4096)
_ADAM_PASSES = 7  # over as many bytes as the weights have


def products(widths: list[int], batch_size: int, *, learning: bool) -> Iterator[Shape]:
    """Matrix products of a step, or of predictions only."""
    for layer, (n_in, n_out) in enumerate(itertools.pairwise(widths)):
        yield batch_size, n_in, n_out
        if learning:
            yield n_in, batch_size, n_out
        if learning and layer:  # pixels need no gradient
            yield batch_size, n_out, n_in


def n_operations(shapes: list[Shape]) -> float:
    return float(sum(2 * rows * inner * columns for rows, inner, columns in shapes))


def rate(shapes: list[Shape], precision: str) -> float:
    """Operations a second over all of them, each by the faster of two ways."""
    import tensorflow as tf

    ways = (tf.matmul, tf.function(tf.matmul, jit_compile=True))
    seconds = 0.0
    for rows, inner, columns in shapes:
        left = tf.cast(tf.random.normal((rows, inner)), precision)
        right = tf.cast(tf.random.normal((inner, columns)), precision)
        seconds += min(typical_seconds(lambda: way(left, right).numpy) for way in ways)  # noqa: B023
    return n_operations(shapes) / seconds


def bandwidth(n_values: int) -> float:
    """Bytes a second, of two arrays that are added into a third by two threads."""
    arrays = [np.ones(n_values, np.float32) for _ in range(3)]
    half = n_values // N_THREADS
    parts = [
        [array[part * half : (part + 1) * half] for array in arrays] for part in range(N_THREADS)
    ]
    with ThreadPoolExecutor(N_THREADS) as pool:
        seconds = typical_seconds(lambda: list(pool.map(lambda part: np.add(*part), parts)))
    return 3 * 4 * n_values / seconds


def typical_seconds(function: Callable[[], object], at_least: float = 0.3) -> float:
    """Median seconds of a call, after one that does not count."""
    function()
    seconds: list[float] = []
    while sum(seconds) < at_least or len(seconds) < 5:
        started = time.perf_counter()
        function()
        seconds.append(time.perf_counter() - started)
    return median(seconds)


def main(path: Path) -> None:
    with np.load(path) as table:
        n_train, n_features = table["train"].shape
        n_validation = len(table["validation"])
    config = PRESETS["article"]
    widths = [n_features, *config.hidden_units, 2]
    step = list(products(widths, config.batch_size, learning=True))
    check = list(products(widths, CHECK_BATCH, learning=False))
    n_weights = sum(a * b + b for a, b in itertools.pairwise(widths))
    memory = bandwidth(n_weights)
    print(f"memory {memory / 1e9:.1f} GB/s")
    flags = machine()["flags"]
    bfloat16 = {"avx512_bf16", "amx_bf16"}.intersection(flags)
    seconds = 0.0
    for precision in ("float32", *(["bfloat16"] if bfloat16 else [])):
        reached, best = rate(step, precision), rate([_SQUARE], precision)
        print(f"{precision}: {reached / 1e9:.0f} GFLOP/s, square {best / 1e9:.0f} GFLOP/s")
        seconds = n_train / config.batch_size * n_operations(step) / reached
        seconds += n_validation / CHECK_BATCH * n_operations(check) / reached
        seconds += n_train / config.batch_size * _ADAM_PASSES * 4 * n_weights / memory
        print(f"{precision}: an epoch takes at least {seconds}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
