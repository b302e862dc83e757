"""Weights of the first layer become colours, zero always the neutral one."""

from __future__ import annotations

import numpy as np

from ann_core.evaluation.first_layer import FirstLayer
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.plots.heat_maps import diverging_colours

ZERO = 128  # of a channel of a colour image


def weight_maps(layer: FirstLayer, index: int, preprocess: PreprocessConfig) -> np.ndarray:
    """Draw one unit's weights on a diverging scale, a map a channel.

    The scale ends at the unit's largest weight on both sides, so a pixel's colour is
    ``weights`` itself: -127..127 name the 255 colours.

    Returns
    -------
    uint8 array, shape (n_channels, height, width, 3)
    """
    shape = (*preprocess.image_size, preprocess.n_channels)
    weights = layer.weights[index].reshape(shape).transpose(2, 0, 1)
    return np.asarray(diverging_colours()[weights.astype(np.intp) + 127])


def weight_images(
    layer: FirstLayer, indices: np.ndarray, preprocess: PreprocessConfig
) -> tuple[np.ndarray, np.ndarray | None]:
    """Draw the weights of some units as an image each, for ``ann_core.plots.images.array_sheet``.

    Of a gray network on a diverging scale; of a colour network as a colour image around
    gray, in which the weights of red, green and blue are its red, green and blue.

    Parameters
    ----------
    indices : int array, shape (n_pictures,)
        Into ``layer.units``.

    Returns
    -------
    images : uint8 array, shape (n_pictures, height, width, 1 or 3)
        Indices into `colours`, or colours.
    colours : uint8 array, shape (255, 3), or None
    """
    shape = (len(indices), *preprocess.image_size, preprocess.n_channels)
    weights = layer.weights[indices].reshape(shape).astype(np.int16)
    if preprocess.n_channels == 1:
        return (weights + 127).astype(np.uint8), diverging_colours()
    return (weights + ZERO).astype(np.uint8), None
