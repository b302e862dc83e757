"""Figures of what is in a data set: sizes, brightness, contrast, kinds of file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from ann_core.datasets.dataset import DatasetInfo
from ann_core.plots.theme import MARGIN, MAX_BARS, TRAINING_COLOUR, class_axis, class_colour, labels

MAX_BUBBLES = 1500  # marks that a browser draws at once
MAX_LINES = 10  # classes with a colour of their own; more are drawn as one
ALL_CLASSES = "all classes"
HIGHEST = {"brightness": 256, "contrast": 128}  # right ends of the axes, 0 to 255

_BINS, _FEW_BINS, _FEW = 32, 16, 1000  # fewer bins for fewer images
_LARGEST = 44  # diameter of a bubble, in pixels
_SHAPES = {"2:1": 2.0, "1:1": 1.0, "1:2": 0.5}  # width : height
_AREAS = {"sizemode": "area", "sizemin": 2.5, "opacity": 0.6}
_SPLIT_PATTERNS = {"train": "", "validation": "/", "test": "."}
_LEGEND = {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "title": {"text": ""}}


def size_bubbles(measures: pd.DataFrame, max_rows: int = MAX_BUBBLES) -> tuple[pd.DataFrame, int]:
    """Count images of equal size, or of about equal size where there are too many sizes.

    Parameters
    ----------
    measures : DataFrame
        With columns class_name, width and height.

    Returns
    -------
    bubbles : DataFrame with columns class_name, width, height, n_images
        At most `max_rows` rows unless there are more classes; the largest first.
    step : int
        Sizes are rounded to multiples of this many pixels; 1 where they are exact.
    """
    by = ["class_name", "width", "height"]
    step = 1
    while True:
        sides = measures[["width", "height"]].clip(lower=step)
        rounded = measures[["class_name"]].join((sides / step).round().astype(int) * step)
        counts = rounded.groupby(by, sort=True, observed=True).size()
        if len(counts) <= max(max_rows, measures["class_name"].nunique()):
            bubbles = counts.rename("n_images").reset_index()
            return bubbles.sort_values("n_images", ascending=False, kind="stable"), step
        step *= 2


def sizes_figure(measures: pd.DataFrame, class_names: Sequence[str]) -> go.Figure:
    """Draw how wide and how high images are: a bubble a size, its area the images.

    Lines from the corner join sizes of the same shape.
    """
    bubbles, step = size_bubbles(measures)
    about = "" if step == 1 else "about "
    unit = 2 * bubbles["n_images"].max() / _LARGEST**2  # Plotly's own formula for areas
    end = 1.15 * float(bubbles[["width", "height"]].max().max())
    figure = go.Figure()
    for name, colour, part in _by_class(bubbles, class_names):
        figure.add_scatter(
            x=part["width"].tolist(),
            y=part["height"].tolist(),
            mode="markers",
            name=name,
            marker=_AREAS | {"color": colour, "size": part["n_images"].tolist(), "sizeref": unit},
            hovertemplate=f"{name}, {about}%{{x:,}} × %{{y:,}}: %{{marker.size:,}} pictures"
            "<extra></extra>",
        )
    _draw_shapes(figure, end)
    figure.update_layout(
        height=360,
        margin=MARGIN,
        legend=_LEGEND | {"itemsizing": "constant"},
        showlegend=True,
        xaxis={"title": "width in pixels", "range": [0, end]},
        yaxis={"title": "height in pixels", "range": [0, end]},
    )
    return figure


def histogram_figure(measures: pd.DataFrame, measure: str, class_names: Sequence[str]) -> go.Figure:
    """Draw which share of each class's images has which brightness, or contrast.

    Shares, not counts: classes of unequal size can still be compared.

    Parameters
    ----------
    measure : "brightness" or "contrast"
        Column of `measures`; images where it is NaN are not counted.
    """
    table = measures[measures[measure].notna()]
    edges = np.linspace(0, HIGHEST[measure], (_BINS if len(table) >= _FEW else _FEW_BINS) + 1)
    figure = go.Figure()
    for name, colour, part in _by_class(table, class_names):
        counts, _ = np.histogram(part[measure], edges)
        shares = counts / max(1, counts.sum())
        figure.add_scatter(
            x=edges[:-1].tolist(),
            y=shares.tolist(),
            mode="lines",
            name=name,
            line={"color": colour, "shape": "hv", "width": 2},
            customdata=np.stack([edges[1:], counts], axis=1).tolist(),
            hovertemplate=f"{name}, {measure} %{{x:.0f}} to %{{customdata[0]:.0f}}: %{{y:.1%}}, "
            "%{customdata[1]:,} pictures<extra></extra>",
        )
    figure.update_layout(
        height=280,
        margin=MARGIN,
        legend=_LEGEND,
        showlegend=True,
        xaxis={"title": f"{measure}, 0 to 255", "range": [0, HIGHEST[measure]]},
        yaxis={"title": "share of the class", "tickformat": ".0%", "rangemode": "tozero"},
    )
    return figure


def file_kinds(images: pd.DataFrame, class_names: Sequence[str]) -> pd.DataFrame:
    """Count images by kind of file and of pixel, the most frequent first.

    Parameters
    ----------
    images : DataFrame
        ``Dataset.images``.

    Returns
    -------
    DataFrame
        Columns file, pixels, kilobytes (of the middle image), images, and of up
        to ten classes a column each, "of cat", with their part of the images.
    """
    groups = images.groupby(["format", "mode"], observed=True)
    table = (groups["bytes"].median() / 1000).rename("kilobytes").to_frame()
    table["pictures"] = groups.size()
    if len(class_names) <= MAX_LINES:
        counts = groups["class_name"].value_counts().unstack(fill_value=0)
        counts = counts.reindex(columns=list(class_names), fill_value=0)
        table = table.join(counts.add_prefix("of "))  # a class may be called "images"
    table = table.rename_axis(["file", "pixels"]).reset_index()
    return table.sort_values("pictures", ascending=False, kind="stable", ignore_index=True)


def _by_class(
    table: pd.DataFrame, class_names: Sequence[str]
) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Name, colour and rows of each class; of more than ten classes all as one."""
    if len(class_names) > MAX_LINES:
        yield ALL_CLASSES, TRAINING_COLOUR, table
        return
    for label, name in enumerate(class_names):
        yield labels([name])[0], class_colour(label), table[table["class_name"] == name]


def _draw_shapes(figure: go.Figure, end: float) -> None:
    line: dict[str, Any] = {"color": TRAINING_COLOUR, "width": 1, "dash": "dot"}
    for text, ratio in _SHAPES.items():
        x, y = min(end, end * ratio), min(end, end / ratio)
        figure.add_shape(type="line", x0=0, y0=0, x1=x, y1=y, line=line, layer="below")
        figure.add_annotation(x=0.93 * x, y=0.93 * y, text=text, showarrow=False, font={"size": 11})


def counts_figure(info: DatasetInfo) -> go.Figure:
    """Draw images by class and split as stacked bars."""
    indices = list(range(len(info.class_names)))
    figure = go.Figure()
    for split, pattern in _SPLIT_PATTERNS.items():
        figure.add_bar(
            y=indices,
            x=[info.counts[name].get(split, 0) for name in info.class_names],
            name=split,
            orientation="h",
            marker={
                "color": [class_colour(index) for index in indices],
                "pattern": {"shape": pattern, "fgcolor": "white", "fgopacity": 0.8, "size": 6},
            },
            customdata=labels(info.class_names),
            hovertemplate="%{customdata}, " + split + ": %{x:,} pictures<extra></extra>",
        )
    figure.update_layout(
        barmode="stack",
        height=90 + 26 * min(len(indices), MAX_BARS),
        margin=MARGIN,
        showlegend=False,
        xaxis={"title": "pictures"},
        yaxis=class_axis(info.class_names) | {"autorange": "reversed"},
    )
    return figure
