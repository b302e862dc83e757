"""Figures of one image's prediction: a bar a class, maps over shifts and patches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from ann_core.imaging.perturbation import OcclusionMap, ShiftMap
from ann_core.plots import vega_lite as vl
from ann_core.plots.heat_maps import DIVERGING_SCALE
from ann_core.plots.theme import HEAT_SCALE, MARGIN, MAX_BARS, class_colour

_CROSS = {"symbol": "x", "size": 11, "color": "white", "line": {"width": 1, "color": "black"}}


@dataclass(frozen=True)
class BarStyle:
    """How the bars of a chart of probabilities stand.

    Attributes
    ----------
    step, around : int
        Pixels for each class, and for what is above and below all of them.
    band : float
        Share of its place that a bar fills, 0..1.
    room : int
        Pixels beyond 100 %, so that the number of the longest bar is not cut off.
    grid : bool
        Whether lines lead up from the axis.
    """

    step: int = 28
    around: int = 70
    band: float = 0.7
    room: int = 0
    grid: bool = True


BARS = BarStyle(room=40)
LARGE_BARS = BarStyle(step=34, around=60, band=0.89, room=40, grid=False)
SMALL_BARS = BarStyle(step=26, around=40, band=1.0)


def probabilities_chart(
    probabilities: Sequence[float] | np.ndarray,
    class_names: Sequence[str],
    style: BarStyle = BARS,
    *,
    truth: int | None = None,
    text_colour: str | None = None,
) -> vl.Spec:
    """Draw a bar for each class, of very many the most probable, quick enough for a slider.

    Parameters
    ----------
    probabilities : sequence of float, one a class
    truth : int, optional
        Index of the true class, which is named then.
    text_colour : str, optional
        Colour of the percentages at the bars; without it there are none, and the axis has
        no title.

    Returns
    -------
    dict
        A Vega-Lite specification with its data.
    """
    shown = np.sort(np.argsort(-np.asarray(probabilities), kind="stable")[:MAX_BARS]).tolist()
    names = [class_names[label] + (" (true class)" if label == truth else "") for label in shown]
    values = [
        {"class": name, "probability": float(probabilities[label])}
        for name, label in zip(names, shown, strict=True)
    ]
    x = vl.share("probability", "probability" if text_colour else None)
    x["axis"]["grid"] = style.grid
    x["scale"]["range"] = [0, {"expr": f"width - {style.room}"}]
    channels = {
        "x": x,
        "y": vl.name("class", sort=None, axis={"title": None, "labelLimit": 160}),
        "tooltip": [vl.name("class"), vl.percent("probability")],
    }
    colours = {"color": [class_colour(label) for label in shown]}
    coloured = vl.styled("class", names, colours, legend=None)
    layers = [vl.layer("bar", coloured, height={"band": style.band})]
    if text_colour:
        text = {"text": vl.percent("probability")}
        layers.append(vl.layer("text", text, align="left", dx=4, color=text_colour))
    height = style.around + style.step * len(values)
    return vl.chart(layers, height=height, encoding=channels, **vl.data(values))


def shift_figure(shifts: ShiftMap, label: int) -> go.Figure:
    """Draw the probability of a class over all shifts, with a cross at none."""
    figure = go.Figure(
        go.Heatmap(
            z=shifts.probabilities[:, :, label],
            x=shifts.right,
            y=shifts.down,
            zmin=0,
            zmax=1,
            colorscale=HEAT_SCALE,
            colorbar={"tickformat": ".0%", "thickness": 12},
            hovertemplate="%{x:+d} right, %{y:+d} down: %{z:.1%}<extra></extra>",
        )
    )
    figure.add_scatter(
        x=[0],
        y=[0],
        mode="markers",
        marker=_CROSS,
        hoverinfo="skip",
    )
    return _square(figure, "pixels to the right", "pixels down")


def occlusion_figure(patches: OcclusionMap) -> go.Figure:
    """Draw by how much a covered pixel changes the probability of a class."""
    most = max(0.01, float(np.abs(patches.change).max()))
    figure = go.Figure(
        go.Heatmap(
            z=patches.change,
            zmin=-most,
            zmax=most,
            colorscale=DIVERGING_SCALE,
            colorbar={"tickformat": "+.1%", "thickness": 12},
            hovertemplate="column %{x}, row %{y}: %{z:+.1%}<extra></extra>",
        )
    )
    return _square(figure, "column", "row")


def _square(figure: go.Figure, x: str, y: str) -> go.Figure:
    """Give a map the shape of its image, with the first row at the top."""
    axis = {"constrain": "domain", "showgrid": False, "zeroline": False}
    figure.update_layout(
        height=420,
        margin=MARGIN,
        showlegend=False,
        xaxis=axis | {"title": x},
        yaxis=axis | {"title": y, "autorange": "reversed", "scaleanchor": "x"},
    )
    return figure
