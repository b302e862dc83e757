"""The least that an epoch of a network can take on this machine, from what it is measured to do.

``machine_limit.py TABLE NETWORK [--bfloat16]``: the products of an epoch, validation included (no
gradient for the pixels), plus the bytes of Adam, which reads weight, gradient and two means of each
weight and writes three of them, at the bandwidth of memory. Each product of a step is timed alone,
in the shape that the network needs, by PyTorch, by TensorFlow and by TensorFlow with XLA; the
fastest of them counts.
"""

import itertools
import time
from statistics import median

import tensorflow as tf
import torch
from epochs import NETWORKS, load, options

ADAM_PASSES = 7  # over as many bytes as the weights have


def products(widths, batch_size):
    """Shapes (rows, inner, columns) of the products of a step."""
    for layer, (n_in, n_out) in enumerate(itertools.pairwise(widths)):
        yield batch_size, n_in, n_out
        yield n_in, batch_size, n_out
        if layer:  # pixels need no gradient
            yield batch_size, n_out, n_in


def fastest(shape, *, bfloat16):
    """Seconds of a product by the library that takes the least."""
    rows, inner, columns = shape
    left, right = torch.rand(rows, inner), torch.rand(inner, columns)
    tensors = [tf.constant(each.numpy()) for each in (left, right)]
    if bfloat16:
        left, right = left.bfloat16(), right.bfloat16()
        tensors = [tf.cast(each, tf.bfloat16) for each in tensors]
    compiled = tf.function(tf.matmul, jit_compile=True)
    ways = (
        lambda: torch.mm(left, right),
        lambda: tf.matmul(*tensors),
        lambda: compiled(*tensors),
    )
    return min(map(typical_seconds, ways))


def bandwidth(n_values):
    """Bytes a second, of two arrays that are added into a third."""
    left, right, total = (torch.ones(n_values) for _ in range(3))
    return 3 * 4 * n_values / typical_seconds(lambda: torch.add(left, right, out=total))


def typical_seconds(function, at_least=0.3):
    """Median seconds of a call, after two that do not count."""
    function()
    function()
    seconds = []
    while sum(seconds) < at_least or len(seconds) < 5:
        started = time.perf_counter()
        function()
        seconds.append(time.perf_counter() - started)
    return median(seconds)


def n_operations(shapes):
    return sum(2 * rows * inner * columns for rows, inner, columns in shapes)


def main():
    chosen = options("--bfloat16")
    x, _, x_validation, _ = load(chosen.table)
    hidden_units, batch_size = NETWORKS[chosen.network]
    widths = [x.shape[1], *hidden_units, 2]
    step = list(products(widths, batch_size))
    n_weights = sum((n_in + 1) * n_out for n_in, n_out in itertools.pairwise(widths))
    seconds = sum(fastest(shape, bfloat16=chosen.bfloat16) for shape in step)
    square = (4096, 4096, 4096)
    best = n_operations([square]) / fastest(square, bfloat16=chosen.bfloat16)
    rate, memory = n_operations(step) / seconds, bandwidth(n_weights)
    n_steps = len(x) / batch_size
    check = sum(2 * n_in * n_out for n_in, n_out in itertools.pairwise(widths)) * len(x_validation)
    learning, checking = n_steps * seconds, check / rate
    adam = n_steps * ADAM_PASSES * 4 * n_weights / memory
    precision = "bfloat16" if chosen.bfloat16 else "float32"
    print(f"{precision}: {rate / 1e9:.0f} GFLOP/s; a square product of 4,096: {best / 1e9:.0f}")
    print(f"memory: {memory / 1e9:.1f} GB/s")
    print(f"products {learning:.2f} s, of validation {checking:.2f} s, Adam {adam:.2f} s")
    print(learning + checking + adam)


if __name__ == "__main__":
    main()
