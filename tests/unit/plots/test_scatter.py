"""Pixel space for the browser: every point is there, with its name and its image."""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np

from ann_core.datasets.profile.pixel_space import embed
from ann_core.datasets.profile.sprite import TILE, sprite_columns, sprite_sheet
from ann_core.plots.scatter import GRID, LabelledPoints, grid_coordinates, pack_scatter
from ann_core.plots.theme import MAX_BARS


def test_both_axes_of_pixel_space_have_the_same_scale() -> None:
    coordinates = np.random.default_rng(0).normal(size=(50, 10)) * np.geomspace(100, 1, 10)
    x, y = grid_coordinates(coordinates)
    assert (x.min(), y.min(), x.max()) == (0, 0, GRID)
    scale = GRID / np.ptp(coordinates[:, 0])
    np.testing.assert_allclose(y, (coordinates[:, 1] - coordinates[:, 1].min()) * scale, atol=0.5)
    same = grid_coordinates(np.zeros((3, 10)))
    assert not same[0].any() and not same[1].any(), "all pictures alike"


def unpacked(message: bytes) -> tuple[dict[str, Any], bytes]:
    length = struct.unpack_from("<I", message)[0]
    return json.loads(message[4 : 4 + length]), message[4 + length :]


def test_the_message_for_the_browser_holds_every_point() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (30, 9216), dtype=np.uint8)
    rows = np.arange(3, 28)
    space, labels = embed(pixels, rows), np.arange(25) % 24
    names = [f"<b>{row}</b> Katze…" for row in rows]
    class_names = [f"class {number}" for number in range(24)]
    sprite = sprite_sheet(pixels, rows)
    points = LabelledPoints(space, labels, names, sprite)
    message = pack_scatter(points, class_names, name="content", description="25 points")
    about, image = unpacked(message)
    x, y = grid_coordinates(space.coordinates)
    assert (about["x"], about["y"], about["labels"]) == (x.tolist(), y.tolist(), labels.tolist())
    assert about["names"] == names
    assert (about["id"], about["label"], about["tile"]) == ("content", "25 points", TILE)
    assert about["columns"] == sprite_columns(25) == 5
    assert image == sprite
    assert len(about["classes"]) == MAX_BARS + 1
    assert about["classes"][-1]["name"] == "and 4 more"
