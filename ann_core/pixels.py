"""Arrays become pictures for the screen; a pixel stays a square, never smoothed."""

from __future__ import annotations

import functools
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageColor

from ann_core.errors import PictureError, ShapeError
from ann_core.images import open_picture

TILE = 112
STRIP_VALUES = 396  # not divisible by 8, as usual picture widths are
_STRIP_HEIGHT, _MAX_BAR = 240, 12
_GAP = 4
_UNREADABLE = (200, 200, 200)


def to_png(values: np.ndarray, *, factor: int = 1) -> bytes:
    """Encode intensities as PNG, enlarged by a whole factor with hard edges.

    Parameters
    ----------
    values : uint8 array, shape (height, width) or (height, width, 3)
    factor : int
        Pixels of the PNG for each pixel of the picture, in both directions.

    Raises
    ------
    ShapeError
        If `values` is no picture.
    """
    if values.ndim not in (2, 3) or values.dtype != np.uint8:
        raise ShapeError(
            "Expected a uint8 picture of shape (height, width) or (height, width, 3), got "
            f"{values.dtype} {values.shape}."
        )
    enlarged = values.repeat(factor, axis=0).repeat(factor, axis=1)
    return _png(Image.fromarray(enlarged))


def fit_png(values: np.ndarray, *, side: int) -> tuple[bytes, int]:
    """Encode a picture for a place of `side` x `side` pixels on a page.

    Each pixel becomes a square of whole pixels, and the PNG has two of them where
    the page has one: that keeps the edges on every screen. A picture that is
    larger than its place is a photograph, and is made smaller.

    Parameters
    ----------
    values : uint8 array, shape (height, width) or (height, width, 3)

    Returns
    -------
    png : bytes
    width : int
        Pixels of the page that it should take.
    """
    factor = side // max(values.shape[:2])
    if factor:
        return to_png(values, factor=2 * factor), factor * values.shape[1]
    image = Image.fromarray(values)
    image.thumbnail((2 * side, 2 * side), Image.Resampling.BICUBIC, reducing_gap=2.0)
    return _png(image), max(1, round(side * values.shape[1] / max(values.shape[:2])))


def _png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", compress_level=3)
    return buffer.getvalue()


def heat_strip(features: np.ndarray, *, ground: str = "white") -> np.ndarray:
    """Show a flattened picture as what it is: one long row of values.

    The row is broken into lines of 396 values to fit on a screen: no multiple of
    a usual picture width, or the picture would reappear.

    Parameters
    ----------
    features : uint8 array, shape (n_features,)
        Intensities, 0 to 255.
    ground : str
        Colour of what is left of the last line, and of the gaps between lines.

    Returns
    -------
    uint8 array, shape (height, 792 or less, 3)
        Each value is a bar, two pixels wide; dark blue is 0, yellow is 255.
    """
    width = min(len(features), STRIP_VALUES)
    n_lines = -(-len(features) // width)
    empty = np.asarray(ImageColor.getrgb(ground), dtype=np.uint8)
    lines = np.tile(empty, (n_lines * width, 1))
    lines[: len(features)] = _heat_colours()[features]
    height = int(np.clip(_STRIP_HEIGHT // n_lines, 1, _MAX_BAR))
    bars = lines.reshape(n_lines, 1, width, 3).repeat(height, axis=1)
    if height > 3:
        bars[:, -1] = empty  # a gap between lines
    strip = bars.reshape(n_lines * height, width, 3)
    return strip.repeat(2 * STRIP_VALUES // width, axis=1)


def contact_sheet(
    paths: Sequence[Path], *, columns: int, tile: int = TILE, ground: str = "white"
) -> bytes:
    """Lay many pictures out on one sheet, in one JPEG: one request, not a hundred.

    Parameters
    ----------
    paths : sequence of Path
        Pictures, in reading order; one that cannot be read leaves a gray tile.
    columns : int
        Tiles in a row.
    ground : str
        Colour around and between the pictures, such as "#ffffff".

    Raises
    ------
    ShapeError
        If there are no pictures.
    """
    if not paths:
        raise ShapeError("Expected at least one picture for the sheet, got none.")
    rows = -(-len(paths) // columns)
    pitch = tile + _GAP
    sheet = Image.new("RGB", (columns * pitch - _GAP, rows * pitch - _GAP), ground)
    for number, path in enumerate(paths):
        row, column = divmod(number, columns)
        sheet.paste(_thumbnail(path, tile, ground), (column * pitch, row * pitch))
    buffer = io.BytesIO()
    sheet.save(buffer, format="JPEG", quality=85)
    return buffer.getvalue()


def _thumbnail(path: Path, side: int, ground: str) -> Image.Image:
    """Fit a picture into a square; small ones keep their pixels as squares."""
    try:
        image = open_picture(path).image.convert("RGB")
    except PictureError:
        return Image.new("RGB", (side, side), _UNREADABLE)
    scale = side / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    method = Image.Resampling.NEAREST if scale >= 2 else Image.Resampling.BICUBIC
    tile = Image.new("RGB", (side, side), ground)
    small = image.resize(size, method, reducing_gap=2.0)
    tile.paste(small, ((side - size[0]) // 2, (side - size[1]) // 2))
    return tile


@functools.cache
def _heat_colours() -> np.ndarray:
    """uint8 array, shape (256, 3): the heat scale of all figures."""
    from plotly.colors import sample_colorscale

    from ann_core.plots import HEAT_SCALE

    shares = [level / 255 for level in range(256)]
    colours = sample_colorscale(HEAT_SCALE, shares, colortype="tuple")
    return np.asarray(np.rint(np.asarray(colours) * 255), dtype=np.uint8)
