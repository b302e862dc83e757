"""The contrast to a dense network: layers that know which pixels touch.

A filter looks at a window of three by three pixels, and is carried over the whole picture with
the same nine weights a channel (LeCun et al. 1989). What it finds in one corner it finds in the
next; a dense layer must learn it anew for every place. Here it is named as contrast and stands in
experiments only: this is about dense networks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ann_core.training.network_size import WINDOW

if TYPE_CHECKING:
    import keras


def filters(n_filters: int, given: dict[str, Any]) -> keras.layers.Layer:
    """Make a layer of filters; `given` are its name, activation and first weights."""
    import keras

    return keras.layers.Conv2D(n_filters, WINDOW, padding="same", **given)


def pooling(sides: tuple[int, int], number: int, n_layers: int) -> list[keras.layers.Layer]:
    """Keep the largest of four neighbours, between layers, as long as there are four.

    Parameters
    ----------
    sides : (height, width)
        Of the picture.
    number : int
        Of the layer before, from 1.
    """
    import keras

    if not is_pooled(sides, number, n_layers):
        return []
    return [keras.layers.MaxPooling2D(2, name=f"pooled_{number}")]


def is_pooled(sides: tuple[int, int], number: int, n_layers: int) -> bool:
    """Whether pooling follows a layer of filters: not after the last, and not of a single pixel."""
    return number < n_layers and min(sides) >= 2**number


def anywhere() -> keras.layers.Layer:
    """Ask of each filter only how strongly it was found, not where."""
    import keras

    return keras.layers.GlobalMaxPooling2D(name="anywhere")
