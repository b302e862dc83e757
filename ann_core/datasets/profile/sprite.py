"""The sample's images on one sheet: one file for the browser, not five thousand."""

from __future__ import annotations

import io
import math

import numpy as np
from PIL import Image

from ann_core.datasets.profile.scan import SIDE

TILE = 24  # pixels; three blocks of JPEG, so that no tile bleeds into the next

_QUALITY = 60  # 5,000 photographs take 0.7 MB
_BLOCK = 512  # images in memory at a time


def sprite_columns(n_images: int) -> int:
    """Tiles in a row of the sheet: as many as rows, or one more."""
    return max(1, math.ceil(math.sqrt(n_images)))


def sprite_sheet(pixels: np.ndarray, rows: np.ndarray) -> bytes:
    """Draw images as tiles of 24 x 24, in reading order.

    They are what the points of pixel space are made of: gray, squashed images,
    each tile pixel the mean of 4 x 4.

    Parameters
    ----------
    pixels : uint8 array, shape (n_images, 9216)
    rows : int array, shape (n,)
        Images to draw; tile i shows ``pixels[rows[i]]``.

    Returns
    -------
    bytes
        A gray JPEG of `sprite_columns` tiles in a row.
    """
    step, columns = SIDE // TILE, sprite_columns(len(rows))
    tiles = np.zeros((columns * math.ceil(len(rows) / columns), TILE, TILE), dtype=np.uint8)
    for start in range(0, len(rows), _BLOCK):
        block = pixels[rows[start : start + _BLOCK]].reshape(-1, TILE, step, TILE, step)
        means = block.mean(axis=(2, 4), dtype=np.float32)
        tiles[start : start + len(block)] = np.rint(means)
    lines = tiles.reshape(-1, columns, TILE, TILE).swapaxes(1, 2)
    buffer = io.BytesIO()
    sheet = Image.fromarray(lines.reshape(-1, columns * TILE))
    sheet.save(buffer, format="JPEG", quality=_QUALITY)
    return buffer.getvalue()
