"""A short name for a row of numbers: equal rows have equal names, everywhere.

The command line, the worker and the pages print it, so that anybody can see that
the same image becomes the same numbers in all of them.
"""

from __future__ import annotations

import hashlib

import numpy as np

from ann_core.errors import ShapeError

N_DIGITS = 16
"""64 bits: among a million images, two rows share a name once in 37 million times."""


def vector_fingerprint(features: np.ndarray) -> str:
    """Hash one flattened image (SHA-256, first 16 digits).

    The bytes are hashed as they are stored, before scaling: a byte is the same on
    every computer, a fraction may be rounded otherwise.

    Parameters
    ----------
    features : uint8 array, shape (n_features,)
        Intensities, 0 to 255, in the order of `ann_core.imaging.preprocessing.flatten`.

    Returns
    -------
    str
        16 hexadecimal digits.

    Raises
    ------
    ShapeError
        If `features` is not one row of bytes.
    """
    if features.ndim != 1 or features.dtype != np.uint8:
        raise ShapeError(
            "Expected one row of uint8 values, shape (n_features,), got "
            f"{features.dtype} {features.shape}; flatten the picture, and do not scale it."
        )
    return hashlib.sha256(features.tobytes()).hexdigest()[:N_DIGITS]
