"""How figures look: one palette, one margin, one way to write class names.

Classes have Okabe and Ito's palette, in one fixed order on every page; training is
solid, validation dashed.
"""

from __future__ import annotations

import functools
import html
from collections.abc import Sequence
from typing import Any

import numpy as np

CLASS_COLOURS = (
    *("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442"),
    *("#999999", "#8C564B", "#9467BD"),  # beyond Okabe and Ito's, for ten digits
)
TRAINING_COLOUR, VALIDATION_COLOUR = "#7a7f87", "#009E73"
TEXT_COLOUR = "#14130f"  # of words inside of a chart, in the light theme
HEAT_SCALE = "Viridis"  # even in lightness, readable without colour vision
MAX_BARS = 20  # classes that a figure names; the rest would be a blur
MAX_LABEL = 24
VEGA_LITE_CONFIG: dict[str, Any] = {
    "legend": {"title": None, "symbolType": "stroke", "symbolSize": 400, "labelOffset": 10},
    "title": {"anchor": "start", "offset": 4},
}
MARGIN = {"l": 8, "r": 8, "t": 8, "b": 8}


def class_colour(label: int) -> str:
    """Colour of the class with this index, the same everywhere; repeats after ten."""
    return CLASS_COLOURS[label % len(CLASS_COLOURS)]


def labels(names: Sequence[str]) -> list[str]:
    """Class names as they may stand in a figure: cut off, and never read as HTML."""
    cut = [name if len(name) <= MAX_LABEL else f"{name[: MAX_LABEL - 1]}…" for name in names]
    return [html.escape(name, quote=False) for name in cut]


def class_axis(names: Sequence[str]) -> dict[str, Any]:
    """Name the classes 0, 1, 2, ... along an axis: two names may look alike once cut off."""
    step = -(-len(names) // MAX_BARS) or 1
    indices = list(range(0, len(names), step))
    return {"tickvals": indices, "ticktext": [labels(names)[index] for index in indices]}


@functools.cache
def heat_colours() -> np.ndarray:
    """uint8 array, shape (256, 3): the heat scale of all figures, from 0 to 255.

    Rounded to bytes, a few neighbours would share a colour; they are told apart by one
    step of blue, so that every value can be read back.
    """
    from plotly.colors import sample_colorscale

    shares = [level / 255 for level in range(256)]
    colours = sample_colorscale(HEAT_SCALE, shares, colortype="tuple")
    scale: np.ndarray = np.rint(np.asarray(colours) * 255).astype(np.uint8)
    for level in range(1, 256):
        if (scale[level] == scale[level - 1]).all():
            scale[level, 2] += 1
    return scale
