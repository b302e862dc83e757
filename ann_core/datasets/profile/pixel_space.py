"""Images as points: 9,216 pixels are 9,216 coordinates, seen from where they differ most.

To a dense network an image is such a point. Two images are near each other if
they have like intensities at like places, whatever they show.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ann_core.files import ProgressCallback, no_progress

MAX_SAMPLE = 5000
N_AXES, N_NEIGHBOURS = 10, 8

_BLOCK = 1024  # features, or images, at a time
_SMALL = 256  # up to here all axes are computed, for it takes no time


@dataclass(frozen=True, eq=False)
class PixelSpace:
    """A sample of images and how they lie to each other.

    Attributes
    ----------
    rows : int64 array, shape (n,)
        The sample: rows of ``Dataset.images``, ascending.
    coordinates : float32 array, shape (n, 10)
        Along the principal axes, the first one first; 0 is the mean image.
    explained : float64 array, shape (10,)
        Share of the variance along each axis, 0..1.
    axes : float32 array, shape (10, 9216)
        Directions of length 1, as images of 96 x 96.
    neighbours : int32 array, shape (n, 8)
        Rows of ``Dataset.images`` of the nearest others in the sample, the
        nearest first; fewer columns if there are fewer others.
    distances : float32 array, shape (n, 8)
        Euclidean, over 9,216 intensities 0 to 255. Divided by 96 it is the root
        mean square difference of a pixel.
    """

    rows: np.ndarray
    coordinates: np.ndarray
    explained: np.ndarray
    axes: np.ndarray
    neighbours: np.ndarray
    distances: np.ndarray

    def agreement(self, labels: np.ndarray) -> float:
        """Share of the sample whose nearest neighbour is of the same class, 0..1.

        Parameters
        ----------
        labels : int array
            ``Dataset.labels``.
        """
        if not self.neighbours.size:
            return float("nan")
        return float((labels[self.neighbours[:, 0]] == labels[self.rows]).mean())

    def chance_agreement(self, labels: np.ndarray) -> float:
        """Share of pairs of the sample that are of one class, 0..1: `agreement` by chance.

        No image is its own neighbour, so pairs are of two different ones.
        """
        _, counts = np.unique(labels[self.rows], return_counts=True)
        n = int(counts.sum())
        return float((counts * (counts - 1)).sum() / (n * (n - 1))) if n > 1 else float("nan")

    def separates_classes(self, labels: np.ndarray) -> bool:
        """Whether agreement lies nearer to 1 than to chance."""
        return self.agreement(labels) > (1 + self.chance_agreement(labels)) / 2

    def n_same_class(self, labels: np.ndarray, index: int) -> int:
        """Count the neighbours of the image at `index` of the sample that are of its class."""
        return int((labels[self.neighbours[index]] == labels[self.rows[index]]).sum())

    @property
    def rms_distances(self) -> np.ndarray:
        """float64 array, shape (n, 8): root mean square difference of a pixel, 0 to 255."""
        return np.asarray(self.distances.astype(np.float64) / np.sqrt(self.axes.shape[1]))


def sample_rows(
    labels: np.ndarray, rows: np.ndarray, *, size: int = MAX_SAMPLE, seed: int = 0
) -> np.ndarray:
    """Draw images so that each class keeps its share, and none is left out.

    Parameters
    ----------
    labels : int array, shape (n_images,)
    rows : int64 array
        Images to draw from.

    Returns
    -------
    int64 array, ascending, at most `size` of `rows`
    """
    order = np.random.default_rng(seed).permutation(rows)
    order = order[np.argsort(labels[order], kind="stable")]
    classes, starts, counts = np.unique(labels[order], return_index=True, return_counts=True)
    index = np.searchsorted(classes, labels[order])
    through = (np.arange(len(order)) - starts[index]) / counts[index]  # 0..1 within the class
    return np.sort(order[np.argsort(through, kind="stable")[:size]])


def embed(
    pixels: np.ndarray, rows: np.ndarray, progress: ProgressCallback = no_progress
) -> PixelSpace:
    """Find principal axes and nearest neighbours of a sample.

    Both follow from one table, the products of all images with each other,
    taken from their mean: its eigenvectors are the coordinates, and a distance
    is ``a.a + b.b - 2 a.b``.

    Parameters
    ----------
    pixels : uint8 array, shape (n_images, n_features)
    rows : int64 array, shape (n,)
        The sample; `sample_rows`.
    """
    sample = np.asarray(pixels[rows])
    mean = sample.mean(axis=0, dtype=np.float64)
    products = _products(sample, mean, progress)
    coordinates, explained = _principal(products)
    indices, distances = _nearest(sample, products)
    return PixelSpace(
        rows=rows,
        coordinates=coordinates.astype(np.float32),
        explained=explained,
        axes=_axes(sample, mean, coordinates),
        neighbours=rows[indices].astype(np.int32),
        distances=distances,
    )


def _products(sample: np.ndarray, mean: np.ndarray, progress: ProgressCallback) -> np.ndarray:
    """float64 array, shape (n, n): products of centred images, some features at a time."""
    n_features = sample.shape[1]
    products = np.zeros((len(sample), len(sample)))
    for start in range(0, n_features, _BLOCK):
        block = slice(start, start + _BLOCK)
        centred = (sample[:, block] - mean[block]).astype(np.float32)
        products += centred @ centred.T
        progress(min(start + _BLOCK, n_features), n_features)
    return products


def _principal(products: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates, shape (n, 10), and shares of variance, shape (10,); 0 where there is none."""
    from scipy import linalg  # here: pages open profiles, and need no SciPy for it
    from scipy.sparse import linalg as sparse_linalg

    n_images = len(products)
    variance = float(np.trace(products))
    coordinates, explained = np.zeros((n_images, N_AXES)), np.zeros(N_AXES)
    if variance < 1.0:  # all the same: one intensity apart would be more
        return coordinates, explained
    if n_images <= _SMALL:
        values, vectors = linalg.eigh(products)
    else:
        start = np.random.default_rng(0).standard_normal(n_images)
        values, vectors = sparse_linalg.eigsh(products, k=N_AXES, v0=start)
    order = np.argsort(values)[::-1][:N_AXES]
    values = np.maximum(values[order], 0.0)
    vectors = vectors[:, order] * np.sqrt(values)
    # An axis has no sign of its own: let the farthest image lie on the positive side.
    farthest = vectors[np.abs(vectors).argmax(axis=0), np.arange(len(order))]
    coordinates[:, : len(order)] = vectors * np.where(farthest < 0, -1.0, 1.0)
    explained[: len(order)] = values / variance
    return coordinates, explained


def _axes(sample: np.ndarray, mean: np.ndarray, coordinates: np.ndarray) -> np.ndarray:
    """float32 array, shape (10, n_features): the directions behind the coordinates."""
    squares = (coordinates**2).sum(axis=0)
    axes = np.zeros((N_AXES, sample.shape[1]))
    for start in range(0, len(sample), _BLOCK):
        block = slice(start, start + _BLOCK)
        axes += coordinates[block].T @ (sample[block] - mean)
    squares[squares == 0] = np.inf  # no variance along it: no direction
    return np.asarray(axes / squares[:, np.newaxis], dtype=np.float32)


def _nearest(sample: np.ndarray, products: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Places in the sample and distances of the nearest others, both of shape (n, 8).

    The products are rounded, so they only name candidates, twice as many as
    needed; these are compared in whole numbers.
    """
    n_images = len(sample)
    n_neighbours = min(N_NEIGHBOURS, n_images - 1)
    n_candidates = min(2 * N_NEIGHBOURS, n_images - 1)
    indices = np.zeros((n_images, n_neighbours), dtype=np.int64)
    distances = np.zeros((n_images, n_neighbours), dtype=np.float32)
    squares = np.diagonal(products)
    for index in range(n_images if n_neighbours else 0):
        far = squares - 2 * products[index]
        far[index] = np.inf
        candidates = np.sort(np.argpartition(far, n_candidates - 1)[:n_candidates])
        differences = sample[candidates].astype(np.int32) - sample[index]
        exact = (differences**2).sum(axis=1)
        order = np.argsort(exact, kind="stable")[:n_neighbours]
        indices[index], distances[index] = candidates[order], np.sqrt(exact[order])
    return indices, distances
