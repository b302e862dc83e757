"""The smallest move that changes an answer is found for the image at hand, and nothing promised."""

from __future__ import annotations

import numpy as np
import pytest

from ann_core.imaging.perturbation import Predict, shift_map
from ann_core.imaging.smallest_move import SmallestMove, describe_move, smallest_move

SIDE = 16
NAMES = ("cat", "dog")


def spot(x: int, y: int, side: int = SIDE) -> np.ndarray:
    image = np.zeros((side, side, 1), np.uint8)
    image[y, x] = 255
    return image


def says_dog_at(*targets: tuple[int, int]) -> Predict:
    """A network that says dog (80 %) if one of these pixels is bright, else cat (70 %)."""

    def predict(features: np.ndarray) -> np.ndarray:
        bright = features.reshape(-1, SIDE, SIDE)[
            :, [y for _, y in targets], [x for x, _ in targets]
        ]
        dog = np.where((bright > 128).any(axis=1), 0.8, 0.3)
        return np.stack([1 - dog, dog], axis=1)

    return predict


def always_cat(features: np.ndarray) -> np.ndarray:
    return np.tile([0.9, 0.1], (len(features), 1))


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ((9, 8), "is 1 pixel to the right: then it predicts dog (80%) and no longer cat."),
        ((5, 8), "is 3 pixels to the left: then it predicts dog (80%)"),
        ((8, 6), "is 2 pixels up: then"),
        ((5, 12), "is 3 pixels to the left and 4 down: then"),
    ],
)
def test_the_smallest_move_is_named(target: tuple[int, int], words: str) -> None:
    move = smallest_move(spot(8, 8), says_dog_at(target, (15, 15)))
    assert words in describe_move(move, NAMES)


def test_a_sure_network_that_no_move_changes_is_not_said_to_change_its_mind() -> None:
    """As 286 photographs of 286 whose answer was at least 70 % sure, for three pixels."""
    move = smallest_move(spot(8, 8), always_cat)
    assert not move.changes
    words = describe_move(move, NAMES)
    assert words.startswith(
        "No move of up to 8 pixels changes its answer to this picture: it always predicts cat, "
        "with at least 90%."
    )


def test_a_picture_that_is_not_square_moves_less_far_one_way() -> None:
    move = SmallestMove(0, 0, before=1, after=1, probability=0.6, limit=(20, 7))
    assert "up to 20 pixels to the sides and 7 up or down changes" in describe_move(move, NAMES)


@pytest.mark.parametrize("seed", range(4))
def test_it_agrees_with_the_map_of_all_shifts(seed: int) -> None:
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 256, (12, 20, 1), dtype=np.uint8)
    weights = rng.normal(0, 0.002, (image.size, 3))

    def predict(features: np.ndarray) -> np.ndarray:
        e = np.exp(features.astype(np.float64) @ weights)
        return np.asarray(e / e.sum(axis=1, keepdims=True))

    move, shifts = smallest_move(image, predict), shift_map(image, predict)
    other = shifts.probabilities.argmax(axis=2) != move.before
    down, right = np.meshgrid(shifts.down, shifts.right, indexing="ij")
    assert move.changes
    assert move.right**2 + move.down**2 == (right**2 + down**2)[other].min()
    at = shifts.probabilities[shifts.down == move.down, shifts.right == move.right][0]
    assert (int(at.argmax()), float(at.max())) == (move.after, pytest.approx(move.probability))
