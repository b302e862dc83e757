"""The smallest move of an image that changes what a network says of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ann_core.files import counted
from ann_core.imaging.perturbation import Predict, max_shift, shift
from ann_core.imaging.preprocessing import flatten

_BATCH = 64  # moves tried at once: a network whose answer changes soon is not asked much more


@dataclass(frozen=True)
class SmallestMove:
    """What was found among all moves, by pixels of the network's image.

    Attributes
    ----------
    right, down : int
        The shortest move after which another class is predicted; both 0 if there is none.
    before, after : int
        Index of the class that is predicted without and with this move.
    probability : float
        Of the class `after`; without such a move the smallest that `before` has after any.
    limit : tuple of int
        How far to each side, and how far up and down, was tried.
    """

    right: int
    down: int
    before: int
    after: int
    probability: float
    limit: tuple[int, int]

    @property
    def changes(self) -> bool:
        """Whether any move changes the prediction."""
        return self.before != self.after


def smallest_move(image: np.ndarray, predict: Predict) -> SmallestMove:
    """Try moves from the shortest to the longest, as far as the map of all shifts goes.

    What leaves the image is gone, what comes in has the mean colour of its edge.

    Parameters
    ----------
    image : uint8 array, shape (height, width, n_channels)
    predict : callable
        As `ann_core.imaging.perturbation.shift_map` takes it.
    """
    limit = max_shift(image.shape[1]), max_shift(image.shape[0])
    before = int(predict(flatten(image[np.newaxis]))[0].argmax())
    moves, least = _shortest_first(*limit), 1.0
    for start in range(0, len(moves), _BATCH):
        batch = moves[start : start + _BATCH]
        moved = np.stack([shift(image, right, down) for right, down in batch])
        probabilities = predict(flatten(moved))
        other = np.flatnonzero(probabilities.argmax(axis=1) != before)
        if len(other):
            first = int(other[0])
            after = int(probabilities[first].argmax())
            return SmallestMove(
                *batch[first], before, after, float(probabilities[first, after]), limit
            )
        least = min(least, float(probabilities[:, before].min()))
    return SmallestMove(0, 0, before, before, least, limit)


def describe_move(move: SmallestMove, class_names: Sequence[str]) -> str:
    """Say what the network does when this image moves.

    Parameters
    ----------
    class_names : sequence of str
        As they can stand in the sentence.
    """
    before, after = class_names[move.before], class_names[move.after]
    if move.changes:
        return (
            f"The smallest move that changes its answer to this picture is {_in_words(move)}: then "
            f"it predicts {after} ({move.probability:.0%}) and no longer {before}. To you it is "
            "still the same picture; to a dense network every pixel now lands on another weight."
        )
    across, along = move.limit
    far = f"{across} pixels" if across == along else f"{across} pixels to the sides and {along} up"
    far += "" if across == along else " or down"
    return (
        f"No move of up to {far} changes its answer to this picture: it always predicts {before}, "
        f"with at least {move.probability:.0%}. Every pixel lands on another weight all the same, "
        "so this answer rests on what such moves leave largely unchanged, for instance broad "
        "patches of light and dark."
    )


def _shortest_first(across: int, along: int) -> list[tuple[int, int]]:
    """All moves but none at all, to the right and down; of equals, those along one axis first."""
    right, down = np.meshgrid(np.arange(-across, across + 1), np.arange(-along, along + 1))
    moves = np.stack([right.ravel(), down.ravel()], axis=1)
    moves = moves[np.abs(moves).sum(axis=1) > 0]
    order = np.lexsort([np.abs(moves).min(axis=1), np.square(moves).sum(axis=1)])
    return [(int(r), int(d)) for r, d in moves[order]]


def _in_words(move: SmallestMove) -> str:
    """Name a move, such as "1 pixel to the right and 2 down"."""
    parts = [
        (abs(move.right), "to the right" if move.right > 0 else "to the left"),
        (abs(move.down), "down" if move.down > 0 else "up"),
    ]
    (size, way), *second = [part for part in parts if part[0]]
    words = f"{counted(size, 'pixel')} {way}"
    return words + "".join(f" and {size} {way}" for size, way in second)
