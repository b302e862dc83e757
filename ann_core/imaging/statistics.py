"""Plain statistics of a picture: how bright, how rough, how flat, how colourful it is.

They say nothing of what a picture shows, but much of what kind of picture it is: a photograph,
a drawing, a scan, noise. NumPy alone, one picture at a time, so that the same picture has the
same statistics wherever this runs; exported programs carry this code as it stands.
"""

from __future__ import annotations

import numpy as np

MAX_LEVELS = 5  # of details: pixels, pairs of pixels, ... 16 pixels


def image_statistics(image: np.ndarray) -> np.ndarray:
    """Describe one picture by some 20 to 40 numbers.

    Parameters
    ----------
    image : uint8 array, shape (height, width, n_channels)
        As the network is given it, at least 4 pixels high and wide; 1 or 3 channels.

    Returns
    -------
    float64 array, shape (n_statistics,)
        In the order of `statistic_names` for this shape. Shares and energies are logarithms,
        so that twice as much counts the same everywhere.
    """
    planes = [image[:, :, channel].astype(np.float32) for channel in range(image.shape[2])]
    gray = sum(planes[1:], planes[0]) / np.float32(len(planes))
    statistics = _of_levels(gray) + _of_layout(gray)
    for _ in range(MAX_LEVELS):
        if min(gray.shape) < 4:
            break
        *bands, gray = _details(gray)
        squares = [band * band for band in bands]
        total = squares[0] + squares[1] + squares[2]
        statistics += [np.log(np.sqrt(square.mean()) + 0.5) for square in squares]
        # Low where a few edges hold all detail, as in drawings; high in noise.
        evenness = (np.sqrt(total).mean() + 0.1) / (np.sqrt(total.mean()) + 0.1)
        statistics.append(np.log(evenness))
    if len(planes) == 3:
        statistics += _of_colour(*planes)
    return np.array(statistics, dtype=np.float64)


def statistic_names(image_shape: tuple[int, int, int]) -> list[str]:
    """Name the statistics of pictures of one shape, (height, width, n_channels)."""
    names = ["mean", "deviation", "skewness", "dark share", "bright share", "entropy", "top level"]
    names += ["flat share", "symmetry", "edge mean", "edge deviation"]
    height, width, n_channels = image_shape
    level = 0
    while min(height, width) >> level >= 4 and level < MAX_LEVELS:
        kinds = ("across", "down", "diagonal", "evenness")
        names += [f"{kind} at {2**level} px" for kind in kinds]
        level += 1
    if n_channels == 3:
        names += ["saturation", "saturation deviation", "red minus green", "blue minus yellow"]
        names += ["red minus green deviation", "blue minus yellow deviation"]
    return names


def _of_levels(gray: np.ndarray) -> list[float]:
    """Describe how bright the pixels are, wherever they lie."""
    mean, deviation = gray.mean(), gray.std()
    centred = gray - mean
    shares = np.bincount((gray.ravel() / 4).astype(np.uint8), minlength=64) / gray.size
    used = shares[shares > 0]
    across, down = np.diff(gray, axis=1), np.diff(gray, axis=0)
    flat = ((np.abs(across) < 0.5).mean() + (np.abs(down) < 0.5).mean()) / 2
    return [
        mean,
        np.log(deviation + 1),
        (centred * centred * centred).mean() / (deviation + 1) ** 3,
        np.log((gray < 8).mean() + 0.003),
        np.log((gray >= 248).mean() + 0.003),
        -(used * np.log(used)).sum(),
        np.log(shares.max()),
        np.log(flat + 0.003),
    ]


def _of_layout(gray: np.ndarray) -> list[float]:
    """Describe the picture against its mirror image, and its edge against its middle."""
    mean, deviation = gray.mean(), gray.std()
    centred = gray - mean
    rows, columns = (max(1, side // 8) for side in gray.shape)
    edge = np.ones(gray.shape, dtype=bool)
    edge[rows:-rows, columns:-columns] = False
    return [
        (centred * centred[:, ::-1]).mean() / (deviation + 1) ** 2,
        (gray[edge].mean() - mean) / (deviation + 1),
        np.log(gray[edge].std() + 1),
    ]


def _details(gray: np.ndarray) -> tuple[np.ndarray, ...]:
    """Split a picture as Haar did (1910): details across, down, diagonal; and its half size."""
    height, width = (side - side % 2 for side in gray.shape)
    a, b = gray[:height:2, :width:2], gray[:height:2, 1:width:2]
    c, d = gray[1:height:2, :width:2], gray[1:height:2, 1:width:2]
    return (a - b + c - d) / 2, (a + b - c - d) / 2, (a - b - c + d) / 2, (a + b + c + d) / 4


def _of_colour(red: np.ndarray, green: np.ndarray, blue: np.ndarray) -> list[float]:
    """Describe the colours, by how far the channels are apart."""
    brightest, darkest = np.maximum(red, green), np.minimum(red, green)
    saturation = np.maximum(brightest, blue) - np.minimum(darkest, blue)
    red_green, blue_yellow = red - green, blue - (red + green) / 2
    return [
        np.log(saturation.mean() + 1),
        np.log(saturation.std() + 1),
        red_green.mean(),
        blue_yellow.mean(),
        np.log(red_green.std() + 1),
        np.log(blue_yellow.std() + 1),
    ]
