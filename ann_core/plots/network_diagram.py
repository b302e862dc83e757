"""The network as a drawing: every layer a bar, every set of weights the band that joins two.

A bar is as long as the square root of its units, so that 9,216 pixels and 2 classes fit on
one page; a band is as dark as its share of all parameters.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from ann_core.files import counted
from ann_core.plots import vega_lite as vl
from ann_core.plots.theme import TRAINING_COLOUR
from ann_core.training.network_size import LayerSize

_BAR = 0.13  # half the thickness of a bar; from one layer to the next it is 1
_FAINTEST, _DARKEST = 0.2, 0.9  # a band that holds nothing could still be seen
_STEP, _NARROW_STEP = 46, 30  # pixels from layer to layer; two lines of text lie between
_MANY_LAYERS = 8


def network_diagram(sizes: Sequence[LayerSize], n_features: int) -> vl.Spec:
    """Draw a network from the values of an image, above, down to its classes.

    Parameters
    ----------
    sizes : sequence of LayerSize
        As `ann_core.training.network_size.layer_sizes` gives them.
    n_features : int
        Values of an image, which the first layer takes.

    Returns
    -------
    dict
        A Vega-Lite specification with its data.
    """
    units = [n_features, *(size.units for size in sizes)]
    step = _STEP if len(sizes) <= _MANY_LAYERS else _NARROW_STEP
    across = {"x": vl.number("left", axis=None, scale={"domain": [-1, 1], "nice": False})}
    across["x2"] = {"field": "right"}
    y = {"axis": _label_axis(sizes, n_features)}
    y["scale"] = {"domain": [len(sizes) + _BAR, -_BAR], "nice": False, "zero": False}
    of_band = {"y": vl.number("place", **y), "detail": {"field": "number"}}
    of_band["opacity"] = vl.number("opacity", scale=None)
    of_bar = {"y": vl.number("top", **y), "y2": {"field": "bottom"}}
    bands, bars = _bands(units, sizes), _bars(units)
    layers = [
        vl.layer("area", across | of_band, bands, orient="horizontal", color=TRAINING_COLOUR),
        vl.layer("rect", across | of_bar, bars, color=TRAINING_COLOUR),
    ]
    return vl.chart(layers, height=step * len(sizes) + 12)


def describe_network(sizes: Sequence[LayerSize], n_features: int) -> str:
    """Say what the drawing shows, for those who cannot see it."""
    total = sum(size.n_parameters for size in sizes)
    layers = [
        f"{size.name} of {counted(size.units, 'neuron')} with {size.n_parameters:,} parameters "
        f"({_share(size.n_parameters / total)})"
        for size in sizes
    ]
    return f"The network, from {n_features:,} values down: {', '.join(layers)}."


def _bands(units: Sequence[int], sizes: Sequence[LayerSize]) -> list[dict[str, float]]:
    """Two edges each, the lower end of one bar and the upper end of the next."""
    total = sum(size.n_parameters for size in sizes)
    edges = []
    for number, size in enumerate(sizes):
        share = size.n_parameters / total
        shade = {"number": number, "opacity": _FAINTEST + (_DARKEST - _FAINTEST) * share}
        for index, n in ((number + _BAR, units[number]), (number + 1 - _BAR, units[number + 1])):
            edges.append(shade | _across(n, units) | {"place": index})
    return edges


def _bars(units: Sequence[int]) -> list[dict[str, float]]:
    return [
        _across(n, units) | {"top": number - _BAR, "bottom": number + _BAR}
        for number, n in enumerate(units)
    ]


def _across(n: int, units: Sequence[int]) -> dict[str, float]:
    half = math.sqrt(n / max(units))
    return {"left": -half, "right": half}


def _label_axis(sizes: Sequence[LayerSize], n_features: int) -> vl.Spec:
    """Name each bar and each band, at their height."""
    total = sum(size.n_parameters for size in sizes)
    words = [f"{n_features:,} values"]
    for size in sizes:
        share = _share(size.n_parameters / total)
        words.append(f"{size.n_parameters:,} parameters, {share}")
        words.append(f"{size.name}: {counted(size.units, 'neuron')}")
    heights = [index / 2 for index in range(len(words))]
    axis = vl.word_axis(words, heights, "round(2 * datum.value)")
    return axis | {"orient": "right", "labelLimit": 300}


def _share(share: float) -> str:
    return f"{share:.1%}" if share >= 0.001 else "under 0.1%"
