"""An image's gist in 63 bits: what stays when it is resized or saved anew.

The perceptual hash of Zauner, "Implementation and Benchmarking of Perceptual
Image Hash Functions" (2010): reduce to 32 x 32, take the 8 x 8 lowest waves of
the cosine transform, and note for each whether it is stronger than the middle
one. Copies differ in a few bits, other images in about 31.
"""

from __future__ import annotations

import numpy as np

from ann_core.datasets.profile.scan import BLOCK, SIDE

HASH_BITS = 63
GIST_SIDE, N_WAVES = 32, 8
_LEAST_SPREAD = 2.0  # intensities; below it there is nothing but the noise of the file format


def gists(pixels: np.ndarray) -> np.ndarray:
    """Reduce images of 96 x 96 to 32 x 32: the means of squares of 3 x 3.

    Parameters
    ----------
    pixels : uint8 array, shape (n_images, 9216)

    Returns
    -------
    float32 array, shape (n_images, 32, 32)
    """
    step = SIDE // GIST_SIDE
    squares = pixels.reshape(-1, GIST_SIDE, step, GIST_SIDE, step)
    # Slice by slice, because NumPy is slow where it reduces short axes.
    rows = np.zeros((len(squares), GIST_SIDE, GIST_SIDE, step), dtype=np.uint16)
    for line in range(step):
        rows += squares[:, :, line]
    sums = np.zeros(rows.shape[:-1], dtype=np.uint16)
    for column in range(step):
        sums += rows[..., column]
    return np.divide(sums, step**2, dtype=np.float32)


def perceptual_hashes(small: np.ndarray) -> np.ndarray:
    """Hash images of 32 x 32 so that like images get like hashes.

    Parameters
    ----------
    small : float array, shape (n_images, 32, 32)

    Returns
    -------
    uint64 array, shape (n_images,)
        `HASH_BITS` bits each; compare by the number of bits that differ.
    """
    from scipy import fft  # here: pages open profiles, and need no SciPy for it

    waves = fft.dctn(small, axes=(1, 2), norm="ortho")[:, :N_WAVES, :N_WAVES]
    waves = waves.reshape(len(small), -1)[:, 1:]  # the first is the brightness
    bits = waves > np.median(waves, axis=1, keepdims=True)
    weights = np.uint64(1) << np.arange(HASH_BITS, dtype=np.uint64)
    return np.asarray((bits * weights).sum(axis=1, dtype=np.uint64))


def unit_vectors(small: np.ndarray) -> np.ndarray:
    """Shift images to mean 0 and scale them to length 1.

    The dot product of two of them is the correlation of the images: 1 for the
    same image, be it brighter or paler.

    Returns
    -------
    float32 array, shape (n_images, 1024)
        Zeros for an image that is plain.
    """
    rows = small.reshape(len(small), -1)
    rows = rows - rows.mean(axis=1, keepdims=True)
    spread = rows.std(axis=1, keepdims=True)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.where(spread < _LEAST_SPREAD, 0.0, rows / np.maximum(lengths, 1e-6)).astype("f4")


def hashes_and_vectors(pixels: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`perceptual_hashes` and `unit_vectors` of the images in `rows`, block by block."""
    hashes = np.empty(len(rows), dtype=np.uint64)
    vectors = np.empty((len(rows), GIST_SIDE**2), dtype=np.float32)
    for start in range(0, len(rows), BLOCK):
        block = slice(start, start + BLOCK)
        small = gists(pixels[rows[block]])
        hashes[block], vectors[block] = perceptual_hashes(small), unit_vectors(small)
    return hashes, vectors
