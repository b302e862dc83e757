"""Arrays become images for the screen; a pixel stays a square, never smoothed."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageColor

from ann_core.errors import ImageError, ShapeError
from ann_core.imaging.images import open_image
from ann_core.imaging.preprocessing import MAX_BITS, squeeze_gray

TILE = 112
GAP = 4
MAX_SIDE = 256  # of an image on a sheet of arrays
_BACKGROUND = 255  # index of the background among the colours of a sheet
_UNREADABLE = (200, 200, 200)


def to_png(values: np.ndarray, *, factor: int = 1, colours: np.ndarray | None = None) -> bytes:
    """Encode intensities as PNG, enlarged by a whole factor with hard edges.

    Parameters
    ----------
    values : uint8 array, shape (height, width) or (height, width, 3)
    factor : int
        Pixels of the PNG for each pixel of the image, in both directions.
    colours : uint8 array, shape (at most 256, 3), optional
        Then values of one channel are indices into it, and the PNG is half as large.

    Raises
    ------
    ShapeError
        If `values` is no image.
    """
    if values.ndim not in (2, 3) or values.dtype != np.uint8:
        raise ShapeError(
            "Expected a uint8 picture of shape (height, width) or (height, width, 3), got "
            f"{values.dtype} {values.shape}."
        )
    image = Image.fromarray(values)
    if colours is not None:
        image.putpalette(colours.tobytes())
    size = (factor * image.width, factor * image.height)
    return encode_png(image.resize(size, Image.Resampling.NEAREST) if factor > 1 else image)


def enlargement(values: np.ndarray, *, side: int) -> int:
    """By which whole factor an image fills a place of `side` x `side`; at least 1."""
    longest: int = max(values.shape[:2])
    return max(1, side // longest)


def fit_png(values: np.ndarray, *, side: int) -> tuple[bytes, int]:
    """Encode an image for a place of `side` x `side` pixels on a page.

    Each pixel becomes a square of whole pixels, and the PNG has two of them where
    the page has one: that keeps the edges on every screen. An image that is
    larger than its place is a photograph, and is made smaller.

    Parameters
    ----------
    values : uint8 array, shape (height, width), (height, width, 1) or (height, width, 3)

    Returns
    -------
    png : bytes
    width : int
        Pixels of the page that it should take.
    """
    values = squeeze_gray(values)
    factor = side // max(values.shape[:2])
    if factor:
        return to_png(values, factor=2 * factor), factor * values.shape[1]
    return fill_png(values, side=side)


def fill_png(values: np.ndarray, *, side: int) -> tuple[bytes, int]:
    """Encode an image so that its longer side takes `side` pixels of a page, whatever its size.

    The pixels of a small one are squares in the PNG, of as many pixels as there must be for a
    screen that has two where the page has one; other screens may soften their edges.

    Parameters
    ----------
    values : uint8 array, shape (height, width), (height, width, 1) or (height, width, 3)

    Returns
    -------
    png : bytes
    width : int
        Pixels of the page that it should take.
    """
    values = squeeze_gray(values)
    longest = max(values.shape[:2])
    width = max(1, round(side * values.shape[1] / longest))
    if longest <= side:
        return to_png(values, factor=-(-2 * side // longest)), width
    image = Image.fromarray(values)
    image.thumbnail((2 * side, 2 * side), Image.Resampling.BICUBIC, reducing_gap=2.0)
    return encode_png(image), width


def encode_png(image: Image.Image) -> bytes:
    """Write a PNG into memory, quickly rather than small."""
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", compress_level=3)
    return buffer.getvalue()


def contact_sheet(
    paths: Sequence[Path],
    *,
    columns: int,
    tile: int = TILE,
    background: str = "white",
    bits_used: int = MAX_BITS,
) -> bytes:
    """Lay many images out on one sheet, in one JPEG: one request, not a hundred.

    Parameters
    ----------
    paths : sequence of Path
        Images, in reading order; one that cannot be read leaves a gray tile.
    columns : int
        Tiles in a row.
    background : str
        Colour around and between the images, such as "#ffffff".
    bits_used : int
        As ``DatasetInfo.bits_used``.

    Raises
    ------
    ShapeError
        If there are no images.
    """
    if not paths:
        raise ShapeError("Expected at least one picture for the sheet, got none.")
    rows = -(-len(paths) // columns)
    pitch = tile + GAP
    sheet = Image.new("RGB", (columns * pitch - GAP, rows * pitch - GAP), background)
    for number, path in enumerate(paths):
        row, column = divmod(number, columns)
        image = _thumbnail(path, tile, background, bits_used=bits_used)
        sheet.paste(image, (column * pitch, row * pitch))
    buffer = io.BytesIO()
    sheet.save(buffer, format="JPEG", quality=85)
    return buffer.getvalue()


def array_sheet(
    images: np.ndarray,
    *,
    columns: int,
    background: str = "white",
    colours: np.ndarray | None = None,
) -> tuple[bytes, float]:
    """Lay out images that are arrays on one sheet, in one PNG, none of their pixels smoothed.

    Small ones are enlarged by a whole factor; only those that are larger than a place of
    `MAX_SIDE` pixels are made smaller.

    Parameters
    ----------
    images : uint8 array, shape (n_pictures, height, width, 1 or 3)
        In reading order.
    columns : int
        Tiles in a row.
    background : str
        Colour around and between the images, such as "#ffffff".
    colours : uint8 array, shape (at most 255, 3), optional
        Then images of one channel hold indices into it, and the PNG is a third as large.

    Returns
    -------
    png : bytes
    gap : float
        Width of the gap between two tiles, in widths of a tile.

    Raises
    ------
    ShapeError
        If there are no images.
    """
    if not len(images):
        raise ShapeError("Expected at least one picture for the sheet, got none.")
    longest = max(images.shape[1:3])
    factor, fewer = max(1, TILE // longest), max(1, -(-longest // MAX_SIDE))
    side = -(-longest * factor // fewer)
    rows, pitch = -(-len(images) // columns), side + GAP
    size = (rows * pitch - GAP, columns * pitch - GAP)
    empty = ImageColor.getrgb(background)[:3] if colours is None else (_BACKGROUND,)
    sheet = np.full((*size, len(empty)), empty, dtype=np.uint8)
    for number, values in enumerate(images):
        tile = _resized(values, factor, fewer)
        row, column = divmod(number, columns)
        top = row * pitch + (side - len(tile)) // 2
        left = column * pitch + (side - tile.shape[1]) // 2
        sheet[top : top + len(tile), left : left + tile.shape[1]] = tile
    if colours is None:
        return encode_png(Image.fromarray(sheet)), GAP / side
    image = Image.fromarray(squeeze_gray(sheet), mode="L")
    padded = np.zeros((256, 3), dtype=np.uint8)
    padded[: len(colours)], padded[_BACKGROUND] = colours, ImageColor.getrgb(background)[:3]
    image.putpalette(padded.tobytes())
    return encode_png(image), GAP / side


def _resized(values: np.ndarray, factor: int, fewer: int) -> np.ndarray:
    """Make each pixel a square of `factor` pixels, or `fewer` x `fewer` of them one."""
    if fewer == 1:
        return values.repeat(factor, axis=1).repeat(factor, axis=0)
    image = Image.fromarray(squeeze_gray(values))
    reduced = np.asarray(image.reduce(fewer))
    return reduced[..., np.newaxis] if reduced.ndim == 2 else reduced


def _thumbnail(path: Path, side: int, background: str, *, bits_used: int) -> Image.Image:
    """Fit an image into a square; small ones keep their pixels as squares."""
    try:
        image = open_image(path, bits_used=bits_used).image.convert("RGB")
    except ImageError:
        return Image.new("RGB", (side, side), _UNREADABLE)
    scale = side / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    method = Image.Resampling.NEAREST if scale >= 2 else Image.Resampling.BICUBIC
    tile = Image.new("RGB", (side, side), background)
    small = image.resize(size, method, reducing_gap=2.0)
    tile.paste(small, ((side - size[0]) // 2, (side - size[1]) // 2))
    return tile
