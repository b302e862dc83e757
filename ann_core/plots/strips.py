"""A flattened image drawn as what it is: one long row of values.

No screen is as wide as the row is long, so it is broken into lines. Broken at the
width of the image, it is the image again; at any other width it is not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageColor

from ann_core.plots.images import encode_png

_TALL = 24  # of a bar, in pixels of the page
_FOLDS = (1, 2, 3)
GRAYS = np.arange(256, dtype=np.uint8)[:, np.newaxis].repeat(3, axis=1)
"""uint8 array, shape (256, 3): the colour of each value."""


def odd_width(line: int, max_width: int) -> int:
    """Choose a width at which nothing of an image comes back.

    Of all widths from two thirds of the largest it takes the one whose lines, or whose second or
    third lines, are shifted most against the lines of the image.

    Parameters
    ----------
    line : int
        Values in a line of the image: width * channels.
    max_width : int
        Largest width that fits.
    """
    widths = range(max_width, max(1, 2 * max_width // 3) - 1, -1)
    return max(widths, key=lambda width: _shift(max(line, width) / min(line, width)))


@dataclass(frozen=True)
class Strip:
    """A row of values as an image: black is 0, white is 255.

    Attributes
    ----------
    png : bytes
        With two pixels where the page has one, as `ann_core.plots.images.fit_png`.
    width : int
        Pixels of the page that it should take.
    n_shown : int
        Values that it shows.
    """

    png: bytes
    width: int
    n_shown: int


def wrapped(features: np.ndarray, width: int, *, box: tuple[int, int], background: str) -> Strip:
    """Break a whole row into lines; each value is a square, as large as fits.

    Parameters
    ----------
    features : uint8 array, shape (n_features,)
        Intensities, 0 to 255.
    width : int
        Values in a line.
    box : (width, height)
        Pixels of the page that there are; a row that is too long takes more.
    background : str
        Colour of what is left of the last line, such as "#ffffff".
    """
    n_lines = -(-len(features) // width)
    side = max(1, min(box[0] // width, box[1] // n_lines))
    return _draw(features, width, bar=(side, side), background=background)


def middle(features: np.ndarray, *, side: int) -> Strip:
    """Draw values from the middle of a row as upright bars, in a place `side` pixels wide.

    What is in a picture is seldom at its upper edge, where the row begins.

    Parameters
    ----------
    features : uint8 array, shape (n_features,)
    """
    first = max(0, (len(features) - side) // 2)
    shown = features[first : first + side]
    bar = (side // len(shown), _TALL)
    return _draw(shown, len(shown), bar=bar, background="#ffffff")


def _draw(features: np.ndarray, width: int, *, bar: tuple[int, int], background: str) -> Strip:
    """Encode a row with one byte a pixel, if the palette has a colour left for the background."""
    unused = np.flatnonzero(np.bincount(features, minlength=256) == 0)
    blank = np.array([ImageColor.getrgb(background)[:3]], dtype=np.uint8)
    colours = np.concatenate([GRAYS, blank])
    empty = int(unused[0]) if len(unused) else len(colours) - 1
    n_lines = -(-len(features) // width)
    values = np.full(n_lines * width, empty, dtype=np.uint8 if len(unused) else np.uint16)
    values[: len(features)] = features
    lines = values.reshape(n_lines, width).repeat(2 * bar[0], axis=1).repeat(2 * bar[1], axis=0)
    if len(unused):
        colours[empty] = blank
        image = Image.fromarray(lines)
        image.putpalette(colours[:-1].tobytes())
    else:
        image = Image.fromarray(colours[lines])
    return Strip(encode_png(image), bar[0] * width, len(features))


def _shift(ratio: float) -> float:
    """How far a multiple of this ratio is from the next whole number, at the least."""
    return min(abs(fold * ratio - round(fold * ratio)) for fold in _FOLDS)
