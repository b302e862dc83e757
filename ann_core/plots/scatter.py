"""Pixel space as one message for the browser: points, names, and an image for each."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ann_core.datasets.profile.pixel_space import PixelSpace
from ann_core.datasets.profile.sprite import TILE, sprite_columns
from ann_core.plots.theme import CLASS_COLOURS, MAX_BARS, class_colour

GRID = 10_000  # steps along the longer axis; far finer than any screen


@dataclass(frozen=True, eq=False)
class LabelledPoints:
    """Images as points, and what is known of each.

    Attributes
    ----------
    space : PixelSpace
    labels : int array, shape (n,)
        Class of each point, an index into the names of classes.
    names : sequence of str, n
        What the owners of the images called them.
    sprite : bytes
        As `ann_core.datasets.profile.sprite.sprite_sheet` draws it, in the order of the points.
    """

    space: PixelSpace
    labels: np.ndarray
    names: Sequence[str]
    sprite: bytes


def pack_scatter(
    points: LabelledPoints, class_names: Sequence[str], *, name: str, description: str
) -> bytes:
    """Put everything that the drawing of a pixel space needs into one message.

    Parameters
    ----------
    name : str
        Of this very content.
    description : str
        What the drawing shows, for those who cannot see it.

    Returns
    -------
    bytes
        Length of a JSON text (uint32, little-endian), the text in UTF-8, the JPEG.
    """
    x, y = grid_coordinates(points.space.coordinates)
    about = {
        "id": name,
        "label": description,
        "x": x.tolist(),
        "y": y.tolist(),
        "ends": [max(1, int(x.max())), max(1, int(y.max()))],
        "labels": points.labels.tolist(),
        "names": list(points.names),
        "classNames": list(class_names),
        "colours": list(CLASS_COLOURS),
        "classes": _legend(class_names),
        "tile": TILE,
        "columns": sprite_columns(len(points.names)),
    }
    text = json.dumps(about, separators=(",", ":")).encode()
    return struct.pack("<I", len(text)) + text + points.sprite


def grid_coordinates(coordinates: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lay the first two coordinates on a grid of whole numbers, both with the same scale.

    Parameters
    ----------
    coordinates : float array, shape (n, 2 or more)

    Returns
    -------
    x, y : int arrays, shape (n,)
        From 0; the longer of the two axes ends at `GRID`.
    """
    plane = np.asarray(coordinates[:, :2], dtype=np.float64)
    plane = plane - plane.min(axis=0)
    indices = np.rint(plane * (GRID / max(float(plane.max()), 1e-9))).astype(int)
    return indices[:, 0], indices[:, 1]


def _legend(class_names: Sequence[str]) -> list[dict[str, str]]:
    shown = class_names[:MAX_BARS]
    legend = [{"name": name, "colour": class_colour(i)} for i, name in enumerate(shown)]
    if len(class_names) > MAX_BARS:
        legend.append({"name": f"and {len(class_names) - MAX_BARS} more", "colour": "transparent"})
    return legend
