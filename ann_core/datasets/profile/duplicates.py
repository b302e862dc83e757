"""Find images that are there more than once: the same bytes, or nearly the same pixels.

Bytes are compared by their SHA-256. For the rest, every pair of different files
is compared by its perceptual hash, and the few pairs whose hashes are close by
the correlation of their pixels. How much they must correlate depends on the
data: two written ones are more alike than two photographs of cats. Copies that
were mirrored, turned or cut are found by `ann_core.datasets.profile.altered`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ann_core.datasets.profile.altered import find_altered
from ann_core.datasets.profile.hashing import hashes_and_vectors
from ann_core.datasets.profile.steps import STEPS, part
from ann_core.datasets.profile.tolerance import tolerance
from ann_core.files import ProgressCallback, no_progress

MAX_BITS = 10  # of 63 by which the hashes of copies may differ

_BLOCK = 64
_PLAIN = 300  # of the steps of the progress: up to here, copies as they are
_SPLIT_ORDER = {"test": 0, "validation": 1, "train": 2}


@dataclass(frozen=True)
class Group:
    """One image that is there more than once.

    Attributes
    ----------
    rows : tuple of int
        Two rows of ``Dataset.images`` or more, ascending.
    kept : int
        The row to keep, see `keep`.
    likeness : float
        Lowest correlation of any of them with the one kept; 1 for the same bytes. If one was
        mirrored, turned or cut, the lowest of any with its next of kin, laid as that lies.
    how : str
        What some of them are beside resized, such as "mirrored and cut"; "" for nothing.
    """

    rows: tuple[int, ...]
    kept: int
    likeness: float = 1.0
    how: str = ""


def keep(rows: list[int], images: pd.DataFrame) -> int:
    """Choose the copy to keep.

    One in the test split if there is any, else validation, else train: the
    scores of a smaller test set are less certain, and scores stay comparable
    only as long as the test images are the same; among the many training
    images one is missed least. Within a split the copy with most pixels, then
    the one with most bytes, then the first file name.
    """
    columns = zip(*(images[name].iloc[rows] for name in _RANKED), strict=True)
    ranks = {
        row: (_SPLIT_ORDER[split], -width * height, -n_bytes, file)
        for row, (split, width, height, n_bytes, file) in zip(rows, columns, strict=True)
    }
    return min(rows, key=ranks.__getitem__)


_RANKED = ("split", "width", "height", "bytes", "file")


def exact_groups(images: pd.DataFrame) -> list[Group]:
    """Files with the same bytes, whatever their names say."""
    contents = images["sha256"].reset_index(drop=True)
    copies = contents[contents.duplicated(keep=False)]
    groups = [sorted(rows.tolist()) for rows in copies.groupby(copies).groups.values()]
    return [Group(tuple(rows), keep(rows, images)) for rows in sorted(groups)]


def near_groups(
    pixels: np.ndarray, images: pd.DataFrame, *, progress: ProgressCallback = no_progress
) -> list[Group]:
    """Different files that show nearly the same: resized, saved anew, mirrored, turned or cut.

    Plain images are compared by their bytes only: they have nothing that could be
    compared. If one image is like a second and that like a third, they are one group.

    Parameters
    ----------
    pixels : uint8 array, shape (n_images, 9216)
    progress : callable
        Called with thousandths done and 1,000.

    Returns
    -------
    list of Group
        Each with two different contents or more, and all copies of them.
    """
    names = images["sha256"].to_numpy(dtype=str)
    _, firsts, contents = np.unique(names, return_index=True, return_inverse=True)
    hashes, vectors = hashes_and_vectors(pixels, firsts)
    telling = np.flatnonzero(vectors.any(axis=1))
    allowed = tolerance(vectors[telling])
    labels = _connect(
        *(hashes[telling], vectors[telling]), allowed=allowed, progress=part(progress, 0, _PLAIN)
    )
    # One image stands for all that are like it: in a film nearly all are.
    _, alone = np.unique(labels, return_index=True)
    altered = find_altered(
        *(pixels, firsts[telling[alone]]), allowed=allowed, progress=part(progress, _PLAIN, STEPS)
    )
    labels = _join(labels, alone[altered.first], alone[altered.second])
    groups = []
    for members in _members(labels):
        alike = telling[members]
        rows = np.flatnonzero(np.isin(contents, alike)).tolist()
        kept = keep(rows, images)
        kin = np.isin(alone[altered.first], members)
        if kin.any():
            group = altered.take(kin)
            groups.append(Group(tuple(rows), kept, float(group.likeness.min()), group.how()))
            continue
        likeness = min(float((vectors[alike] @ vectors[contents[kept]]).min()), 1.0)
        groups.append(Group(tuple(rows), kept, likeness))
    return sorted(groups, key=lambda group: group.rows)


def _members(labels: np.ndarray) -> list[np.ndarray]:
    """List the groups of two images or more, each as places in `labels`."""
    order = np.argsort(labels, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(labels[order])) + 1)
    return [group for group in groups if len(group) > 1]


def _connect(
    hashes: np.ndarray, vectors: np.ndarray, *, allowed: float, progress: ProgressCallback
) -> np.ndarray:
    """Give images of one group the same number: int array, shape (n_images,)."""
    labels = np.arange(len(hashes))
    least = 1.0 - allowed
    for stop, first, second in _close_pairs(hashes):
        # In a film nearly all pairs are alike: those already joined need no second look.
        apart = labels[first] != labels[second]
        first, second = first[apart], second[apart]
        alike = _correlations(vectors, first, second) >= least
        labels = _join(labels, first[alike], second[alike])
        progress(stop, len(hashes))
    return labels


def _close_pairs(hashes: np.ndarray) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Pairs whose hashes differ in few bits, and how many hashes have been through."""
    for start in range(0, len(hashes), _BLOCK):
        stop = min(start + _BLOCK, len(hashes))
        bits = np.bitwise_count(hashes[start:stop, np.newaxis] ^ hashes[np.newaxis, start:])
        first, second = np.nonzero(bits <= MAX_BITS)
        later = second > first
        yield stop, first[later] + start, second[later] + start


def _correlations(vectors: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """float32 array, shape (n_pairs,): one table of all images in the pairs serves them all."""
    left, row = np.unique(first, return_inverse=True)
    right, column = np.unique(second, return_inverse=True)
    return np.asarray((vectors[left] @ vectors[right].T)[row, column])


def _join(labels: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    if not len(first):
        return labels
    links = (np.ones(len(first), dtype=bool), (labels[first], labels[second]))
    from scipy.sparse import coo_matrix  # here: pages open profiles, and need no SciPy for it
    from scipy.sparse.csgraph import connected_components

    _, joined = connected_components(coo_matrix(links, shape=(len(labels),) * 2), directed=False)
    return np.asarray(joined[labels])
