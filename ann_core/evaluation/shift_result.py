"""What the shift test of a network has found, as it lies in the folder of its run."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Literal, NamedTuple, Self

from pydantic import Field, model_validator

from ann_core.config import Config
from ann_core.errors import ConfigError
from ann_core.files import counted
from ann_core.runs.folder import write_json

SplitName = Literal["validation", "test"]

_WAYS = (("to the right", "to the left"), ("down", "up"))


class Reaction(Config):
    """How a network takes one change of all images.

    Attributes
    ----------
    n_correct : int
        Right answers after the change.
    n_lost : int
        Images that were right before it, and no more.
    n_changed : int
        Images with another answer than before, right or wrong.
    """

    n_correct: int = Field(ge=0)
    n_lost: int = Field(ge=0)
    n_changed: int = Field(ge=0)


class Move(NamedTuple):
    """A move in words, such as "10 pixels to the right", and how a network takes it."""

    words: str
    reaction: Reaction


class Moved(Reaction):
    """How a network takes a move of all images by so many pixels."""

    pixels: int


class ShiftTest(Config):
    """Right answers of one network on images that were moved.

    Attributes
    ----------
    split : "validation" or "test"
    image_size : (height, width)
    n_images : int
        Images that were moved: all of the split, or a draw from it.
    n_split_images : int
        Images of the split.
    n_correct : int
        Right answers on the images as they are.
    n_guessed : int
        Right answers of always naming the class that is most frequent among them.
    n_classes : int
    right, down : tuple of Moved
        By pixels, ascending, without 0; below zero to the left, and up.
    patches : Reaction
        To images of which only the mean of each of 8 x 8 patches is left.
    """

    split: SplitName
    image_size: tuple[int, int]
    n_images: int = Field(ge=1)
    n_split_images: int = Field(ge=1)
    n_correct: int = Field(ge=0)
    n_guessed: int = Field(ge=0)
    n_classes: int = Field(ge=2)
    right: tuple[Moved, ...] = Field(min_length=2)
    down: tuple[Moved, ...] = Field(min_length=2)
    patches: Reaction

    @model_validator(mode="after")
    def _counts_fit(self) -> Self:
        fit = all(
            each.n_correct <= self.n_images
            and each.n_correct + each.n_lost >= self.n_correct >= each.n_lost <= each.n_changed
            for each in self.reactions
        )
        pixels = [[each.pixels for each in moves] for moves in (self.right, self.down)]
        ascending = all(each == sorted({*each} - {0}) for each in pixels)
        sizes = [tenth(side) for side in self.image_size[::-1]]
        tenths = all({-n, n} <= {*each} for n, each in zip(sizes, pixels, strict=True))
        if not (fit and ascending and tenths and self.n_images <= self.n_split_images):
            raise ValueError("expected counts that fit each other")
        if max(self.n_correct, self.n_guessed) > self.n_images:
            raise ValueError("expected no more right answers than pictures")
        return self

    @property
    def reactions(self) -> tuple[Reaction, ...]:
        """To all moves and to the patches."""
        return (*self.right, *self.down, self.patches)

    @property
    def accuracy(self) -> float:
        """Share of right answers on the images as they are, 0..1."""
        return self.n_correct / self.n_images

    @property
    def guessing(self) -> float:
        """What guessing reaches, or always naming the most frequent class if that is more; 0..1."""
        return max(1 / self.n_classes, self.n_guessed / self.n_images)

    def share(self, reaction: Reaction) -> float:
        """Share of right answers after a change, 0..1."""
        return reaction.n_correct / self.n_images

    @property
    def worst(self) -> Move:
        """Of the four moves by a tenth, the one that leaves the fewest right answers.

        Of equals, the first of right, left, down and up.
        """
        height, width = self.image_size
        by_pixels = ({each.pixels: each for each in moves} for moves in (self.right, self.down))
        moves = [
            Move(counted(size, "pixel") + f" {way}", moved[sign * size])
            for moved, size, ways in zip(by_pixels, map(tenth, (width, height)), _WAYS, strict=True)
            for sign, way in zip((1, -1), ways, strict=True)
        ]
        return min(moves, key=lambda move: move.reaction.n_correct)


class ShiftTests(Config):
    """The shift tests of one run.

    Attributes
    ----------
    test : ShiftTest
        Looking at it is a look at the test result.
    validation : ShiftTest or None
        None of a run from elsewhere, whose validation images are not here.
    """

    test: ShiftTest
    validation: ShiftTest | None = None


def tenth(side: int) -> int:
    """Count the pixels of the move that sentences and tables name: a tenth of the side."""
    return max(1, round(side / 10))


def save_shift_tests(tests: ShiftTests, path: Path) -> None:
    """Write them as JSON.

    Raises
    ------
    DiskFullError
    """
    write_json(path, tests.model_dump(mode="json"))


def load_shift_tests(path: Path) -> ShiftTests | None:
    """Read them; None if they are not there or damaged: an older Flatland did not make them."""
    try:
        now = path.stat()
        return _read(path, (now.st_ino, now.st_size, now.st_mtime_ns))
    except (OSError, ValueError, RecursionError, ConfigError):
        return None


@functools.lru_cache(maxsize=256)
def _read(path: Path, _now: tuple[int, ...]) -> ShiftTests:
    """Read a file that a table of many runs looks into again and again."""
    return ShiftTests.parse(json.loads(path.read_text(encoding="utf-8")))
