"""Copies that lie otherwise than their original: mirrored, turned by quarters, or cut."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ann_core.datasets.profile.aligning import align
from ann_core.datasets.profile.hashing import gists
from ann_core.datasets.profile.scan import BLOCK
from ann_core.datasets.profile.steps import STEPS, part
from ann_core.datasets.profile.windows import find_candidates
from ann_core.files import ProgressCallback, no_progress

NEARER = 30  # times as near as the second best fit of an image usually is
MIN_TOLERANCE = 0.001  # of 1 - correlation

_CANDIDATES_AN_IMAGE = 10  # the nearest ones; more are there only if all images are alike
_MIN_CANDIDATES = 2000
_RANK = 2
_LOOKED_UP = 500  # of the steps of the progress
_VISIBLE = 0.01  # of a side: a margin that is more than a matter of rounding


@dataclass(frozen=True, eq=False)
class AlteredCopies:
    """Pairs of which one was made of the other.

    Attributes
    ----------
    first, second : int64 arrays, shape (n,)
        Places of the images.
    likeness : float32 array, shape (n,)
        Correlation where they fit best.
    mirrored, turned, cut : bool arrays, shape (n,)
        What was done, beside resizing. An image that is upside down in a mirror counts as turned
        and mirrored.
    """

    first: np.ndarray
    second: np.ndarray
    likeness: np.ndarray
    mirrored: np.ndarray
    turned: np.ndarray
    cut: np.ndarray

    def take(self, chosen: np.ndarray) -> AlteredCopies:
        """Only some of them."""
        return AlteredCopies(*(values[chosen] for values in self.__dict__.values()))

    def how(self) -> str:
        """Say what was done to any of them: "mirrored and cut"."""
        done = {"mirrored": self.mirrored, "turned": self.turned, "cut": self.cut}
        return " and ".join(word for word, those in done.items() if those.any())


def find_altered(
    pixels: np.ndarray,
    rows: np.ndarray,
    *,
    allowed: float,
    progress: ProgressCallback = no_progress,
) -> AlteredCopies:
    """Find pairs of which one is the other mirrored, turned or cut by up to about 15 % a side.

    Where images can be moved until they fit, more of them fit by chance. So the correlation must
    be as near to 1 as `allowed`, and also thirty times as near as the second best fit of an image
    usually is: of photographs hardly any fits at all, of handwritten digits most do.

    Parameters
    ----------
    pixels : uint8 array, shape (n_images, 9216)
    rows : int64 array
        Rows of `pixels` to look at; no two of them are ordinary copies.
    allowed : float
        `ann_core.datasets.profile.tolerance.tolerance` of the images.

    Returns
    -------
    AlteredCopies
        Its places are those in `rows`.
    """
    small = [gists(pixels[rows[start : start + BLOCK]]) for start in range(0, len(rows), BLOCK)]
    candidates = find_candidates(
        np.concatenate(small) if small else np.empty((0, 32, 32), dtype=np.float32),
        part(progress, 0, _LOOKED_UP),
    )
    n_most = max(_CANDIDATES_AN_IMAGE * len(rows), _MIN_CANDIDATES)
    candidates = candidates.take(np.arange(min(len(candidates), n_most)))
    likeness, margins = align(pixels, rows, candidates, progress=part(progress, _LOOKED_UP, STEPS))
    progress(STEPS, STEPS)
    usual = 1.0 - _usual_fit(candidates.whole, likeness, len(rows))
    fits = likeness >= 1.0 - min(allowed, max(usual / NEARER, MIN_TOLERANCE))
    chosen = candidates.take(fits)
    cut = (np.abs(margins[fits]) > _VISIBLE).any(axis=1)
    return AlteredCopies(
        *(chosen.whole, chosen.part, likeness[fits]),
        *(chosen.mirrored, chosen.turned > 0, cut),
    )


def _usual_fit(whole: np.ndarray, likeness: np.ndarray, n_images: int) -> float:
    """Median over all images of their second best fit; 0 for an image that has fewer."""
    order = np.lexsort((-likeness, whole))
    starts = np.searchsorted(whole[order], np.arange(n_images))
    fits = np.zeros(n_images)
    enough = np.bincount(whole, minlength=n_images) >= _RANK
    fits[enough] = likeness[order[starts[enough] + _RANK - 1]]
    return float(np.median(fits)) if n_images else 0.0
