"""What is said of a shift test is what its numbers say, in each branch."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from ann_core.evaluation.shift_result import Moved, Reaction, ShiftTest
from ann_core.evaluation.shift_sentences import (
    describe_shift,
    describe_shift_curve,
    images_text,
    judge_shift,
    n_won,
)
from ann_core.plots.shift_plots import shift_chart


def moves(n: int, n_correct: int, **tenths: tuple[int, int]) -> dict[str, Any]:
    """Moves of 96 pixels; those that are not named change nothing."""
    both: dict[str, Any] = {}
    for axis, (plus, minus) in {"right": ("right", "left"), "down": ("down", "up")}.items():
        named = {10: tenths.get(plus), -10: tenths.get(minus)}
        both[axis] = tuple(
            Moved(pixels=pixels, n_correct=right, n_lost=n_lost, n_changed=min(n, n_lost + 1))
            for pixels in (-19, -14, -10, -5, 5, 10, 14, 19)
            for right, n_lost in [named.get(pixels) or (n_correct, 0)]
        )
    return both


def made(n: int, n_correct: int, *, patches: int = 0, **tenths: tuple[int, int]) -> ShiftTest:
    """A test of two equally frequent classes; a move is (n_correct, n_lost)."""
    return ShiftTest(
        split="test",
        image_size=(96, 96),
        n_images=n,
        n_split_images=n,
        n_correct=n_correct,
        n_guessed=n // 2,
        n_classes=2,
        patches=Reaction(n_correct=patches, n_lost=n_correct, n_changed=n),
        **moves(n, n_correct, **tenths),
    )


CARTOONS = made(200, 180, right=(103, 90), left=(110, 80), up=(150, 40))
PHOTOGRAPHS = made(2_250, 1_377, patches=1_330, right=(1_296, 300))


@pytest.mark.parametrize(
    ("test", "verdict"),
    [
        (CARTOONS, "gone"),
        (made(200, 180, down=(130, 60)), "mostly gone"),
        (made(200, 180, down=(150, 35)), "falls"),
        (PHOTOGRAPHS, "falls"),
        (made(200, 180, down=(178, 10)), "chance"),
        (made(200, 180), "holds"),
        (made(200, 104, left=(60, 50)), "nothing learned"),
        (made(6, 6, left=(0, 6)), "too few"),
        # The worst of four moves by chance alone: one test would have called this a fall.
        (made(200, 180, up=(168, 20)), "chance"),
    ],
)
def test_the_verdict_is_that_of_the_counts(test: ShiftTest, verdict: str) -> None:
    assert judge_shift(test) == verdict


def test_a_network_that_falls_to_guessing_is_told_so_with_its_own_numbers() -> None:
    words = describe_shift(CARTOONS)
    assert words.startswith(
        "**Of its 200 test pictures, 90.0% are right as they are. Move every one 10 pixels to the "
        "right, and 51.5% are: no better than guessing (50.0%).**"
    )


def test_one_that_keeps_its_lead_is_told_why() -> None:
    words = describe_shift(PHOTOGRAPHS)
    assert "61.2% are right as they are. Move every one 10 pixels to the right" in words
    assert "57.6% are: it falls, but keeps 68% of its lead over guessing (50.0%)" in words
    assert "broad patches of light and dark: with only 8 × 8 patches left" in words
    assert "59.1% are right" in words
    assert "301 pictures all the same: 300 right answers lost, 219 won" in words

    fine = describe_shift(made(200, 180, patches=105))
    assert "are: it does not fall.**" in fine
    assert "It reads more than broad patches" in fine
    assert "changes its answer to 1 picture all the same: 0 right answers lost, 0 won" in fine


def test_what_cannot_be_told_is_not_claimed() -> None:
    assert "could be chance" in describe_shift(made(200, 180, down=(178, 10)))
    assert "With 6 pictures, it cannot be told" in describe_shift(made(6, 6, left=(0, 6)))
    assert "nothing to lose" in describe_shift(made(200, 104, left=(60, 50)))
    tiny = made(200, 180).model_copy(update={"image_size": (16, 16), "right": (), "down": ()})
    small = Moved(pixels=2, n_correct=180, n_lost=0, n_changed=0)
    both = (small.model_copy(update={"pixels": -2}), small)
    words = describe_shift(tiny.model_copy(update={"right": both, "down": both}))
    assert "2 pixels to the right" in words
    assert "patches" not in words
    assert words.endswith("The move changes its answer to none of the pictures.")


def test_a_draw_is_called_one() -> None:
    assert images_text(CARTOONS) == "its 200 test pictures"
    drawn = CARTOONS.model_copy(update={"n_split_images": 2_250, "split": "validation"})
    assert images_text(drawn) == "200 drawn from its 2,250 validation pictures"


def test_a_network_that_moves_do_nothing_to_is_rarely_said_to_fall() -> None:
    """Each way loses and wins at random: a fall is seen in 5 of 100 tests at most."""
    rng, n_falls, n_trials = np.random.default_rng(5), 0, 1_000
    for _ in range(n_trials):
        flips = rng.binomial(40, 0.5, 4)
        ways = zip(("right", "left", "down", "up"), flips.tolist(), strict=True)
        test = made(400, 300, **{way: (340 - 2 * n_lost, n_lost) for way, n_lost in ways})
        assert n_won(test, test.worst.reaction) >= 0
        n_falls += judge_shift(test) not in ("chance", "holds")
    assert 0 < n_falls / n_trials <= 0.05


def test_the_chart_shows_what_its_description_says() -> None:
    spec = shift_chart(CARTOONS)
    points = spec["data"]["values"]
    assert len(points) == 2 * 9
    alt = describe_shift_curve(CARTOONS)
    stated = [f"{float(share):.1f}" for share in re.findall(r"[+-]\d+: ([\d.]+)%", alt)]
    drawn = [f"{100 * each['accuracy']:.1f}" for each in points if each["pixels"]]
    assert stated == drawn
    assert all(each["low"] < each["accuracy"] < each["high"] for each in points)
    assert "guessing: 50%" in str(spec)
