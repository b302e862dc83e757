"""What the length of a row costs: weights of the first layer, and memory for the images."""

from __future__ import annotations

from dataclasses import dataclass

from ann_core.imaging.preprocessing import PreprocessConfig

FLOAT32, FLOAT64 = 4, 8
"""Bytes of a weight, and of a number in a table of pandas."""


@dataclass(frozen=True)
class SizeCost:
    """The price of images of one size and mode.

    Attributes
    ----------
    n_features : int
        Values of one flattened image.
    n_weights : int
        Weights between them and the first layer: one for each pair. Biases, one a
        unit, are not counted.
    weight_bytes : int
        The same as float32, as Keras keeps them; training needs a few times more.
    table_bytes : int
        All images as the article's table: a float64 a value, in memory at once.
    stored_bytes : int
        All images as Flatland keeps them: a byte a value, on disk.
    """

    n_features: int
    n_weights: int
    weight_bytes: int
    table_bytes: int
    stored_bytes: int


def size_cost(config: PreprocessConfig, *, units: int, n_images: int) -> SizeCost:
    """Reckon what images cost before anything is learned.

    Parameters
    ----------
    units : int
        Of the first layer; the article has 2,048.
    n_images : int
        Images of the data set, all splits.
    """
    n_weights = config.n_features * units
    n_values = config.n_features * n_images
    return SizeCost(
        n_features=config.n_features,
        n_weights=n_weights,
        weight_bytes=FLOAT32 * n_weights,
        table_bytes=FLOAT64 * n_values,
        stored_bytes=n_values,
    )


def compare_sizes(
    config: PreprocessConfig, sides: tuple[int, ...], *, units: int, n_images: int
) -> list[tuple[PreprocessConfig, SizeCost]]:
    """Reckon other sizes too, each in gray and in colour, and the chosen one among them.

    Returns
    -------
    list of (PreprocessConfig, SizeCost)
        From the shortest row to the longest.
    """
    others = [
        config.model_copy(update={"image_size": (side, side), "mode": mode})
        for side in sides
        for mode in ("gray", "rgb")
    ]
    configs = {(one.image_size, one.mode): one for one in (*others, config)}.values()
    size_costs = [(one, size_cost(one, units=units, n_images=n_images)) for one in configs]
    return sorted(size_costs, key=lambda pair: pair[1].n_features)
