"""Values of a layer as a strip, a place a neuron: which of them answer 0 is seen at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import ImageColor

from ann_core.plots.heat_maps import diverging_colours
from ann_core.plots.images import to_png

ZERO_COLOUR = "#8a8f98"
"""Of a neuron that answers 0; no value of the scale is gray."""

_WIDTH = 960  # pixels of the page, for the longest line
_MOST_A_LINE = 240
_TALL = 12


def value_strips(layers: Sequence[np.ndarray], *, background: str) -> tuple[list[bytes], list[int]]:
    """Draw the values of some layers, each place as wide as in all others.

    A layer with too many neurons for a line goes on in the next one. Its largest value, of any
    sign, has the full colour: blue above 0, orange below.

    Parameters
    ----------
    layers : sequence of float array, shape (n_units,)
    background : str
        Colour of what is left of the last line, such as "#ffffff".

    Returns
    -------
    pngs : list of bytes
        With two pixels where the page has one.
    widths : list of int
        Pixels of the page that each should take.
    """
    longest = max((len(values) for values in layers), default=1)
    n_columns = min(_MOST_A_LINE, longest)
    side = min(24, _WIDTH // n_columns)
    pngs, widths = [], []
    for values in layers:
        colours = strip(values, min(n_columns, len(values)), background=background)
        large = colours.repeat(2 * side, axis=1).repeat(2 * max(side, _TALL), axis=0)
        pngs.append(to_png(large))
        widths.append(colours.shape[1] * side)
    return pngs, widths


def strip(values: np.ndarray, n_columns: int, *, background: str) -> np.ndarray:
    """Give each value its colour, in lines of `n_columns`: uint8, shape (n_lines, n_columns, 3)."""
    most = float(np.abs(values).max()) or 1.0
    scale = diverging_colours()
    indices = np.rint((values / most + 1) / 2 * (len(scale) - 1)).astype(np.intp)
    colours = scale[indices]
    colours[values == 0] = ImageColor.getrgb(ZERO_COLOUR)
    n_lines = -(-len(values) // n_columns)
    lines = np.full((n_lines * n_columns, 3), ImageColor.getrgb(background)[:3], dtype=np.uint8)
    lines[: len(values)] = colours
    return np.asarray(lines.reshape(n_lines, n_columns, 3))
