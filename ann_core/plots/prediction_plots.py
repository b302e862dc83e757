"""Figures of one image's answers: bars that follow a slider, maps over shifts and patches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from ann_core.imaging.perturbation import OcclusionMap, ShiftMap
from ann_core.plots.theme import (
    CLASS_COLOURS,
    HEAT_SCALE,
    MARGIN,
    MAX_BARS,
    class_axis,
    class_colour,
    labels,
)
from ann_core.prediction.classifier import Prediction

_MARGIN = {"l": 8, "r": 8, "t": 8, "b": 8}
_DIVERGING = ((0.0, CLASS_COLOURS[1]), (0.5, "#f5f5f2"), (1.0, CLASS_COLOURS[0]))


def bars(probabilities: Sequence[float], class_names: Sequence[str]) -> dict[str, Any]:
    """Draw one bar a class, quick enough for a slider; of very many the most probable.

    Returns
    -------
    dict
        A Vega-Lite specification with its data.
    """
    shown = sorted(range(len(class_names)), key=lambda label: -probabilities[label])[:MAX_BARS]
    values = [
        {"place": label, "class": class_names[label], "probability": round(probabilities[label], 6)}
        for label in sorted(shown)
    ]
    names = [class_names[label] for label in sorted(shown)]
    y = {"field": "class", "type": "nominal", "sort": names, "title": None}
    x = {"field": "probability", "type": "quantitative", "title": None}
    colours = [class_colour(label) for label in sorted(shown)]
    bar = {
        "mark": {"type": "bar", "tooltip": True},
        "encoding": {
            "x": x | {"scale": {"domain": [0, 1]}, "axis": {"format": ".0%", "tickCount": 5}},
            "y": y | {"axis": {"labelLimit": 150}},
            "color": {
                "field": "class",
                "type": "nominal",
                "scale": {"domain": names, "range": colours},
                "legend": None,
            },
        },
    }
    return {"data": {"values": values}, "height": 40 + 26 * len(values), "layer": [bar]}


def shift_figure(found: ShiftMap, label: int) -> go.Figure:
    """Draw the probability of a class over all shifts, with a cross at none."""
    figure = go.Figure(
        go.Heatmap(
            z=found.probabilities[:, :, label],
            x=found.right,
            y=found.down,
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
        marker={
            "symbol": "x",
            "size": 11,
            "color": "white",
            "line": {"width": 1, "color": "black"},
        },
        hoverinfo="skip",
    )
    return _square(figure, "pixels to the right", "pixels down")


def occlusion_figure(found: OcclusionMap) -> go.Figure:
    """Draw by how much a covered pixel changes the probability of a class."""
    most = max(0.01, float(np.abs(found.change).max()))
    figure = go.Figure(
        go.Heatmap(
            z=found.change,
            zmin=-most,
            zmax=most,
            colorscale=[list(stop) for stop in _DIVERGING],
            colorbar={"tickformat": "+.1%", "thickness": 12},
            hovertemplate="column %{x}, row %{y}: %{z:+.1%}<extra></extra>",
        )
    )
    return _square(figure, "column", "row")


def _square(figure: go.Figure, x: str, y: str) -> go.Figure:
    """Give a map the shape of its image, with the first row at the top."""
    figure.update_layout(
        height=420,
        margin=_MARGIN,
        showlegend=False,
        xaxis={"title": x, "constrain": "domain", "showgrid": False, "zeroline": False},
        yaxis={
            "title": y,
            "autorange": "reversed",
            "scaleanchor": "x",
            "constrain": "domain",
            "showgrid": False,
            "zeroline": False,
        },
    )
    return figure


def probabilities_figure(prediction: Prediction) -> go.Figure:
    """Draw one bar a class, from 0 to 100 %; of very many classes the most probable."""
    shown = sorted(range(len(prediction.class_names)), key=lambda i: -prediction.probabilities[i])
    shown = sorted(shown[:MAX_BARS])
    names = [prediction.class_names[i] for i in shown]
    values = [prediction.probabilities[i] for i in shown]
    figure = go.Figure(
        go.Bar(
            y=list(range(len(shown))),
            x=values,
            orientation="h",
            marker={"color": [class_colour(i) for i in shown]},
            text=[f"{value:.1%}" for value in values],
            textposition="outside",
            cliponaxis=False,
            customdata=labels(names),
            hovertemplate="%{customdata}: %{x:.2%}<extra></extra>",
        )
    )
    figure.update_layout(
        height=60 + 34 * len(shown),
        margin=MARGIN | {"r": 48},
        xaxis={"range": [0, 1], "tickformat": ".0%", "title": "probability"},
        yaxis=class_axis(names) | {"autorange": "reversed"},
    )
    return figure
