"""The step of learning: several batches in one call of TensorFlow, Adam in one pass.

This file needs nothing of Flatland: an exported training is written with it, word for word, so
that both compute the same. It works on any Keras model and keeps its layers as they are, so
there is one way for all kinds of network.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any


@contextlib.contextmanager
def products_in(model: Any, precision: str) -> Iterator[None]:
    """Let the layers with products compute in a `precision`; their weights stay float32.

    In bfloat16, a number has 8 digits of 24, and the processor multiplies several times as many
    at once. Sums are taken in float32. The last layer stays in float32: small differences between
    its sums decide. This holds while the step is traced; nobody else meets it.
    """
    import keras

    layers = [layer for layer in model.layers if hasattr(layer, "kernel")][:-1]
    usual = [layer.dtype_policy for layer in layers]
    if precision == "bfloat16":
        for layer in layers:
            layer.dtype_policy = keras.DTypePolicy("mixed_bfloat16")
    try:
        yield
    finally:
        for layer, policy in zip(layers, usual, strict=True):
            layer.dtype_policy = policy


def take_adam_step(optimizer: Any, gradients: Sequence[Any], variables: Sequence[Any]) -> None:
    """Move the variables by Adam, reading and writing each number once.

    As Keras' own, which TensorFlow computes in a dozen passes over all weights where XLA does not
    make one of them.
    """
    import tensorflow as tf

    optimizer.iterations.assign_add(1)
    n_steps = tf.cast(optimizer.iterations.value, tf.float32)
    numbers = {
        "lr": tf.cast(optimizer.learning_rate, tf.float32),
        "beta1": optimizer.beta_1,
        "beta2": optimizer.beta_2,
        "epsilon": optimizer.epsilon,
        "beta1_power": tf.pow(optimizer.beta_1, n_steps),
        "beta2_power": tf.pow(optimizer.beta_2, n_steps),
    }
    moments = optimizer.variables[2:]  # the first two count its steps and say how long they are
    for gradient, *triple in zip(gradients, variables, moments[::2], moments[1::2], strict=True):
        weights, mean, square = (each.value.handle for each in triple)
        tf.raw_ops.ResourceApplyAdam(var=weights, m=mean, v=square, grad=gradient, **numbers)


def blocks_for(model: Any) -> list[Any]:
    """Say what a call is given: any number of batches of any size, and how many to learn from."""
    import tensorflow as tf

    return [
        tf.TensorSpec((None, None, *model.input_shape[1:]), tf.uint8),
        tf.TensorSpec((None, None, *model.output_shape[1:]), tf.float32),
        tf.TensorSpec((), tf.int32),
    ]


def learning_step(model: Any, precision: str, compiled: bool = False) -> Callable[..., Any]:
    """Make the function that learns from batches, one after the other, in one call.

    It takes pixels, uint8 (room, batch_size, n_features), targets, float32 (room, batch_size,
    n_classes), and how many of these batches to learn from; it gives the mean loss and accuracy
    of each. The loop runs the same operations however many batches there are, so the weights do
    not depend on how they were shared out.

    Compiled by XLA, a batch of a small network takes half the time, and the first one a second
    more. That holds for one shape: the room for batches must stay the same. XLA has no products
    in bfloat16 that are worth it, so those are TensorFlow's own.
    """
    import keras
    import tensorflow as tf

    variables = model.trainable_variables
    weights = [variable.value for variable in variables]
    model.optimizer.build(variables)
    adam = isinstance(model.optimizer, keras.optimizers.Adam)
    in_one_pass = adam and precision == "bfloat16"

    def learn_from_batch(pixels: Any, targets: Any) -> Any:
        with products_in(model, precision), tf.GradientTape() as tape:
            probabilities = model(pixels, training=True)
            loss = model.compute_loss(x=pixels, y=targets, y_pred=probabilities, training=True)
        gradients = tape.gradient(loss, weights)
        if in_one_pass:
            take_adam_step(model.optimizer, gradients, variables)
        else:
            model.optimizer.apply(gradients, variables)
        right = tf.equal(tf.argmax(probabilities, axis=1), tf.argmax(targets, axis=1))
        return tf.stack([loss, tf.reduce_mean(tf.cast(right, tf.float32))])

    def learn(pixels: Any, targets: Any, n_batches: Any) -> Any:
        def next_batch(number: Any, values: Any) -> Any:
            value = learn_from_batch(pixels[number], targets[number])
            return number + 1, tf.tensor_scatter_nd_update(values, [[number]], [value])

        _, values = tf.while_loop(
            lambda number, _: number < n_batches,
            next_batch,
            (tf.constant(0), tf.zeros((tf.shape(pixels)[0], 2))),
            parallel_iterations=1,
        )
        return values

    return tf.function(  # type: ignore[no-any-return]
        learn, input_signature=blocks_for(model), autograph=False, jit_compile=compiled
    )
