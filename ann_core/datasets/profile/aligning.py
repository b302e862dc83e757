"""Lay what may be a part of a picture over it, as exactly as possible, and see whether it fits.

The four margins of the part are moved until its pixels and those of the picture correlate most,
by steps of Gauss and Newton as in Lucas and Kanade, "An Iterative Image Registration Technique"
(1981). A copy then correlates nearly fully; other pictures do not, wherever they are laid.
"""

from __future__ import annotations

import numpy as np

from ann_core.datasets.profile.hashing import GIST_SIDE, gists, unit_vectors
from ann_core.datasets.profile.scan import SIDE
from ann_core.datasets.profile.windows import Candidates
from ann_core.files import ProgressCallback, no_progress

_LEAST = (0.7, 0.85, 0.93)  # correlations that are worth a first, second and third step
_PROBE = 0.004  # of a side, to see what moving a margin does
_LONGEST_STEP, _FARTHEST = 0.05, 0.2
_LEAST_MARGIN = -0.02
_DAMPING = 1e-4
_BLOCK = 128


def align(
    pixels: np.ndarray,
    rows: np.ndarray,
    candidates: Candidates,
    *,
    progress: ProgressCallback = no_progress,
) -> tuple[np.ndarray, np.ndarray]:
    """Fit each candidate's part into its picture.

    Parameters
    ----------
    pixels : uint8 array, shape (n_images, 9216)
    rows : int64 array
        Row of `pixels` of each place that `candidates` name.

    Returns
    -------
    likeness : float32 array, shape (n_candidates,)
        Correlation where it fits best; of those that were given up, where they were then.
    margins : float32 array, shape (n_candidates, 4)
        Left out at the left, right, top and bottom.
    """
    n_candidates = len(candidates)
    likeness = np.empty(n_candidates, dtype=np.float32)
    margins = np.empty((n_candidates, 4), dtype=np.float32)
    for start in range(0, n_candidates, _BLOCK):
        block = slice(start, start + _BLOCK)
        some = candidates.take(np.arange(start, min(start + _BLOCK, n_candidates)))
        whole = pixels[rows[some.whole]].reshape(-1, SIDE, SIDE).astype(np.float32)
        part = _as_whole(gists(pixels[rows[some.part]]), some)
        likeness[block], margins[block] = _fit(whole, part, some.margins)
        progress(min(start + _BLOCK, n_candidates), n_candidates)
    return likeness, margins


def _as_whole(small: np.ndarray, candidates: Candidates) -> np.ndarray:
    """Mirror and turn the parts as their pictures lie: unit vectors, shape (n, 1024)."""
    small = small.copy()
    small[candidates.mirrored] = small[candidates.mirrored, :, ::-1]
    for quarters in np.unique(candidates.turned):
        chosen = candidates.turned == quarters
        small[chosen] = np.rot90(small[chosen], int(quarters), axes=(1, 2))
    return unit_vectors(small)


def _fit(whole: np.ndarray, part: np.ndarray, start: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    best = start.copy()
    views = _views(whole, best)
    likeness = (views * part).sum(axis=1)
    for least in _LEAST:
        live = np.flatnonzero(likeness >= least)
        if not len(live):
            break
        moved = best[live] + _step(whole[live], part[live], margins=best[live], views=views[live])
        moved = np.clip(moved, _LEAST_MARGIN, _FARTHEST)
        seen = _views(whole[live], moved)
        now = (seen * part[live]).sum(axis=1)
        better = now > likeness[live]
        chosen = live[better]
        best[chosen], views[chosen] = moved[better], seen[better]
        likeness[chosen] = now[better]
    return likeness, best


def _step(
    whole: np.ndarray, part: np.ndarray, *, margins: np.ndarray, views: np.ndarray
) -> np.ndarray:
    """How far to move each margin: the least squares solution, with slopes by probing."""
    probes = _probes(whole, margins)
    slopes = np.stack([(probe - views) / _PROBE for probe in probes], axis=2)
    squares = slopes.transpose(0, 2, 1) @ slopes
    damping = _DAMPING * np.trace(squares, axis1=1, axis2=2) / 4 + 1e-9
    squares += damping[:, np.newaxis, np.newaxis] * np.eye(4, dtype=np.float32)
    towards = slopes.transpose(0, 2, 1) @ (part - views)[:, :, np.newaxis]
    steps = np.linalg.solve(squares, towards)[..., 0]
    return np.asarray(np.clip(steps, -_LONGEST_STEP, _LONGEST_STEP), dtype=np.float32)


def _probes(whole: np.ndarray, margins: np.ndarray) -> list[np.ndarray]:
    """See what is within when the left, right, top or bottom margin is a little wider."""
    lower = _down(margins) @ whole
    narrower = whole @ _across(margins)
    left, right, top, bottom = margins + _PROBE * np.eye(4, dtype=np.float32)[:, np.newaxis]
    sideways = [unit_vectors(lower @ _across(moved)) for moved in (left, right)]
    return sideways + [unit_vectors(_down(moved) @ narrower) for moved in (top, bottom)]


def _views(whole: np.ndarray, margins: np.ndarray) -> np.ndarray:
    """Reduce what is within the margins to 32 x 32: unit vectors, shape (n, 1024)."""
    return unit_vectors(_down(margins) @ whole @ _across(margins))


def _down(margins: np.ndarray) -> np.ndarray:
    """Make 32 rows of 96: shape (n, 32, 96)."""
    return _reducing(margins[:, 2], 1.0 - margins[:, 3])


def _across(margins: np.ndarray) -> np.ndarray:
    """Make 32 columns of 96: shape (n, 96, 32)."""
    return _reducing(margins[:, 0], 1.0 - margins[:, 1]).transpose(0, 2, 1)


def _reducing(first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """float32 array, shape (n, 32, 96): share of each pixel in 32 equal parts of a range."""
    steps = np.linspace(0.0, 1.0, GIST_SIDE + 1, dtype=np.float32)
    edges = first[:, np.newaxis] + (last - first)[:, np.newaxis] * steps
    within = np.clip(edges[:, :, np.newaxis] * SIDE - np.arange(SIDE, dtype=np.float32), 0.0, 1.0)
    width = (last - first) * (SIDE / GIST_SIDE)
    return np.asarray(np.diff(within, axis=1) / width[:, np.newaxis, np.newaxis])
