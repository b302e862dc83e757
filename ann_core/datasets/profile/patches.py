"""Features that do not depend on where the object stands: which small squares a picture holds.

A dictionary of small squares is drawn from the pictures themselves; a picture is described by
how much of each it has in each of its quarters. After Coates, Ng and Lee, "An Analysis of
Single-Layer Networks in Unsupervised Feature Learning" (2011), with the finding of Coates and Ng,
"The Importance of Encoding Versus Training" (2011), that squares drawn by chance serve about as
well as learned ones.
"""

from __future__ import annotations

import numpy as np

from ann_core.datasets.profile.hashing import GIST_SIDE, gists
from ann_core.files import ProgressCallback, no_progress

SIDE = 6  # pixels of a square, of pictures of 32 x 32
N_SQUARES = 100

_N_PARTS = 8  # a side
_STEP = 2  # from a square to the next, in pixels
_N_SAMPLED = 20_000
_THRESHOLD = 0.5  # likeness below it counts as none
_LEAST_CONTRAST = 10.0  # added to the variance: a plain square has no contrast to be scaled up
_LEAST_VARIANCE = 0.1  # added when whitening, for the directions in which squares hardly differ
_BLOCK = 64  # pictures in memory at a time


def patch_features(
    pixels: np.ndarray, *, seed: int = 0, progress: ProgressCallback = no_progress
) -> np.ndarray:
    """Describe pictures by the small squares they hold.

    Parameters
    ----------
    pixels : uint8 array, shape (n_images, 9216)
    seed : int
        Of the draw of squares.

    Returns
    -------
    float32 array, shape (n_images, 864)
        For each of `N_SQUARES`, how much of it and of its negative is in each of four quarters;
        then how bright each of 8 x 8 parts is, which squares do not tell.
    """
    squares, offsets = _dictionary(pixels, np.random.default_rng(seed))
    features = np.empty((len(pixels), 8 * N_SQUARES + _N_PARTS**2), dtype=np.float32)
    for start in range(0, len(pixels), _BLOCK):
        block = slice(start, start + _BLOCK)
        small = gists(pixels[block])
        similarity = _normalised(_squares(small)) @ squares - offsets
        parts = small.reshape(len(small), _N_PARTS, -1, _N_PARTS, GIST_SIDE // _N_PARTS)
        brightness = parts.mean(axis=(2, 4)).reshape(len(small), -1)
        features[block] = np.concatenate([_pooled(similarity), brightness], axis=1)
        progress(min(start + _BLOCK, len(pixels)), len(pixels))
    return features


def _squares(small: np.ndarray) -> np.ndarray:
    """float32 array, shape (n, rows, columns, 36): all squares of pictures of 32 x 32."""
    windows = np.lib.stride_tricks.sliding_window_view(small, (SIDE, SIDE), axis=(1, 2))
    windows = windows[:, ::_STEP, ::_STEP]
    return np.asarray(windows.reshape(*windows.shape[:3], SIDE * SIDE))


def _normalised(squares: np.ndarray) -> np.ndarray:
    """Take brightness and contrast out of each square."""
    centred = squares - squares.mean(axis=-1, keepdims=True)
    spread = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + _LEAST_CONTRAST)
    return np.asarray(centred / spread)


def _dictionary(pixels: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw squares and whiten them; products with the first less the second are likenesses.

    Returns
    -------
    squares : float32 array, shape (36, N_SQUARES)
    offsets : float32 array, shape (N_SQUARES,)
    """
    n_drawn = min(len(pixels), _N_SAMPLED // 50)
    drawn = np.sort(rng.choice(len(pixels), n_drawn, replace=False))
    sample = _normalised(_squares(gists(pixels[drawn]))).reshape(-1, SIDE * SIDE)
    sample = sample[rng.choice(len(sample), min(len(sample), _N_SAMPLED), replace=False)]
    mean = sample.mean(axis=0)
    values, vectors = np.linalg.eigh(np.cov(sample.T))
    whiten = (vectors / np.sqrt(np.maximum(values, 0.0) + _LEAST_VARIANCE)) @ vectors.T
    chosen = (sample[rng.choice(len(sample), N_SQUARES)] - mean) @ whiten
    chosen /= np.maximum(np.linalg.norm(chosen, axis=1, keepdims=True), 1e-6)
    squares = whiten @ chosen.T
    return squares.astype(np.float32), (mean @ squares).astype(np.float32)


def _pooled(similarity: np.ndarray) -> np.ndarray:
    """float32 array, shape (n, 8 * N_SQUARES): sums of likenesses over each quarter."""
    half = similarity.shape[1] // 2
    parts = []
    for likeness in (similarity - _THRESHOLD, -similarity - _THRESHOLD):
        np.maximum(likeness, 0.0, out=likeness)
        for rows in (slice(0, half), slice(half, None)):
            parts += [likeness[:, rows, columns].sum(axis=(1, 2)) for columns in _halves(half)]
    return np.concatenate(parts, axis=1)


def _halves(half: int) -> tuple[slice, slice]:
    return slice(0, half), slice(half, None)
