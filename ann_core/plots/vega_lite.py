"""Vega-Lite charts as plain dictionaries, and what all of them say once.

Streamlit's own theme sets fonts, grid and tooltips, `theme.VEGA_LITE_CONFIG` the rest. Why
charts are dictionaries and not Altair's objects: docs/adr/0011-charts.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ann_core.plots.theme import VEGA_LITE_CONFIG

Spec = dict[str, Any]

N_TICKS = 5  # about so many on an axis; a default of the theme would thin out words, too


def chart(layers: Sequence[Spec], *, height: int, **properties: Any) -> Spec:
    """Lay marks over one another, the first at the back.

    Parameters
    ----------
    height : int
        Pixels of the page; the width is the page's.
    **properties
        Of the whole chart, such as `data` and `title`.

    Returns
    -------
    dict
        A Vega-Lite specification.
    """
    return {"height": height, "layer": list(layers), "config": VEGA_LITE_CONFIG, **properties}


def layer(mark: str, channels: Spec, values: Iterable[Spec] | None = None, **look: Any) -> Spec:
    """Draw one kind of mark.

    Parameters
    ----------
    mark : str
        Such as "line", "rect" or "text".
    channels : dict
        What each visual property shows, from "x" to "tooltip".
    values : iterable of dict, optional
        The layer's own data; without it, those of the chart.
    **look
        Properties of the mark that are the same for all data.
    """
    drawn = {"mark": {"type": mark, **look}, "encoding": channels}
    return drawn if values is None else drawn | data(values)


def data(values: Iterable[Spec]) -> Spec:
    """Give a chart or a layer its data, a dictionary for each datum."""
    return {"data": {"values": list(values)}}


def number(field: str, **options: Any) -> Spec:
    """Show a column of numbers by a channel."""
    return {"field": field, "type": "quantitative", **options}


def name(field: str, **options: Any) -> Spec:
    """Show a column of names by a channel."""
    return {"field": field, "type": "nominal", **options}


def share(field: str, title: str | None, *, up_to: float = 1.0) -> Spec:
    """Show numbers from 0 to 1, or to less, on an axis in percent."""
    axis = {"title": title, "format": ".0%", "tickCount": N_TICKS}
    return number(field, scale={"domain": [0, up_to]}, axis=axis)


def percent(field: str) -> Spec:
    """Say numbers from 0 to 1 in percent, in a text or a tooltip."""
    return number(field, format=".1%")


def styled(
    field: str, names: Sequence[str], looks: Mapping[str, Sequence[Any]], **options: Any
) -> Spec:
    """Give each name of a column its own look.

    Parameters
    ----------
    looks : dict of channel to sequence
        Such as "color" and "strokeDash", one value a name.
    **options
        Of each of these channels.
    """
    return {
        channel: name(field, scale={"domain": list(names), "range": list(values)}, **options)
        for channel, values in looks.items()
    }


def word_axis(words: Sequence[Any], values: Sequence[float], index: str) -> Spec:
    """Write words at some values of an axis; nothing else of it is drawn.

    Parameters
    ----------
    index : str
        Vega expression that turns ``datum.value`` into an index of `words`.
    """
    return {
        "values": list(values),
        "labelExpr": f"{list(words)}[{index}]",
        "labelOverlap": False,
        "title": None,
        "grid": False,
    }
