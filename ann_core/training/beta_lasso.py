"""β-LASSO: a first layer that keeps only the weights that training holds on to.

Each step descends the loss plus λ times the sum of all |weights|, and then sets to zero every
weight that is not larger than βλ (Neyshabur 2020, "Towards Learning Convolutions from Scratch",
algorithm 1). Lasso alone leaves small weights that flicker around zero; the threshold takes them
out for good, for a single step hardly brings one back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras

BETA = 50.0
"""The value of the paper."""


def thin_out(model: keras.Model, strength: float) -> None:
    """Train the first layer of a network by β-LASSO; saved, it is a network like any other.

    Both parts hang on the variable, not on its layer, so they are in no exported file. Whatever
    trains it by an optimizer of Keras takes them into account.

    Parameters
    ----------
    strength : float
        λ.
    """
    import keras

    class Threshold(keras.constraints.Constraint):  # type: ignore[misc]
        """Set what is not larger than βλ to zero, after each step."""

        def __call__(self, weights: Any) -> Any:
            large = keras.ops.abs(weights) > BETA * strength
            return weights * keras.ops.cast(large, weights.dtype)

    kernel = next(layer.kernel for layer in model.layers if hasattr(layer, "kernel"))
    kernel.regularizer = keras.regularizers.L1(strength)
    kernel.constraint = Threshold()
