"""What came of an experiment, in a form that outlives its runs: a figure, numbers, a sentence."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Literal

import numpy as np

from ann_core.config import Config
from ann_core.evaluation.significance import wilson_interval


class Number(Config):
    """One number of a result.

    Attributes
    ----------
    what : str
        Of which network, or what else it says.
    value : float
    low, high : float or None
        Ends of its 95 % interval, if chance is in it.
    style : "share", "points", "count" or "plain"
        How it is written: 0.5 as 50.0 %, as 50.0 points, as 0, or as 0.5.
    about : str
        Of what it is, such as "of 200 test pictures".
    """

    what: str
    value: float
    low: float | None = None
    high: float | None = None
    style: Literal["share", "points", "count", "plain"] = "share"
    about: str = ""

    def text(self) -> str:
        """Write the number, and its interval if it has one."""
        unit = " points" if self.style == "points" else ""
        written = f"{_written(self.value, self.style)}{unit}"
        if self.low is None or self.high is None:
            return written
        return f"{written} ({_written(self.low, self.style)} to {_written(self.high, self.style)})"


class Line(Config):
    """Points of a figure that belong together.

    Attributes
    ----------
    x : tuple of float
        Or, in a figure of bars, none: `name` says it all.
    y, low, high : tuple of float
        The value and the ends of its 95 % interval, at each `x`.
    """

    name: str
    x: tuple[float, ...] = ()
    y: tuple[float, ...]
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()


class Figure(Config):
    """What the result looks like.

    Attributes
    ----------
    kind : "lines" or "bars"
    x_title, y_title : str
    log_x : bool
        Whether each step to the right multiplies.
    chance : float or None
        What guessing would reach.
    lines : tuple of Line
    """

    kind: Literal["lines", "bars"] = "lines"
    x_title: str = ""
    y_title: str = ""
    log_x: bool = False
    chance: float | None = None
    lines: tuple[Line, ...]


class Example(Config):
    """A test picture whose predicted class changed when the picture was changed.

    Attributes
    ----------
    row : int
        In ``Dataset.images``.
    truth, before, after : str
        Its class, and which one was predicted.
    strength : int
        How much it was changed, if there is a measure of that.
    """

    row: int
    truth: str
    before: str
    after: str
    strength: int = 0

    def text(self) -> str:
        """Say it in a few words."""
        return f"{self.truth}: predicted {self.before}, then {self.after}"


class Map(Config):
    """Which places of a picture matter, to be drawn over that picture.

    Attributes
    ----------
    name : str
        Of which network, and how it was found out.
    size : (height, width)
    image, values : str
        Bytes of the gray picture, and of how much each pixel matters, 0 to 255, as base64.
    """

    name: str
    size: tuple[int, int]
    image: str
    values: str

    @classmethod
    def of(cls, name: str, image: np.ndarray, values: np.ndarray) -> Map:
        """Keep a map; `image` and `values` are float arrays, shape (height, width)."""
        shown = 255 * values / max(float(values.max()), 1e-12)
        packed = [
            base64.b64encode(np.rint(each).astype(np.uint8).tobytes()).decode()
            for each in (image, shown)
        ]
        size = (image.shape[0], image.shape[1])
        return cls(name=name, size=size, image=packed[0], values=packed[1])

    def arrays(self) -> tuple[np.ndarray, np.ndarray]:
        """Unpack image and values: uint8 arrays, shape (height, width)."""
        image, values = (
            np.frombuffer(base64.b64decode(each), dtype=np.uint8).reshape(self.size)
            for each in (self.image, self.values)
        )
        return image, values


class Conclusion(Config):
    """What came out.

    Attributes
    ----------
    outcome : str
        Key of the bet that won.
    holds : bool
        Whether the claim held here.
    sentence : str
        The result in words, computed from the numbers, also where it contradicts the claim.
    figure : Figure
    numbers : tuple of Number
    examples : tuple of Example
        Pictures that show it, if it is about single pictures.
    maps : tuple of Map
        Places that matter, if it is about places.
    """

    outcome: str
    holds: bool
    sentence: str
    figure: Figure
    numbers: tuple[Number, ...]
    examples: tuple[Example, ...] = ()
    maps: tuple[Map, ...] = ()
    schema_version: int = 1


def share(what: str, n_correct: int, n_images: int, *, about: str = "") -> Number:
    """Make the number of a share of pictures, with its interval (Wilson 1927)."""
    low, high = wilson_interval(n_correct, n_images)
    about = about or f"{n_correct:,} of {n_images:,} test pictures"
    return Number(what=what, value=n_correct / n_images, low=low, high=high, about=about)


def bar(number: Number, name: str = "") -> Line:
    """Make the bar of a number that has an interval; its name is what the number is of."""
    assert number.low is not None and number.high is not None, "a bar shows its interval"
    return Line(name=name or number.what, y=(number.value,), low=(number.low,), high=(number.high,))


def accuracy_bars(accuracies: Sequence[Number], *, n_classes: int) -> Figure:
    """Draw test accuracies as bars, and what guessing would reach."""
    lines = tuple(bar(number) for number in accuracies)
    return Figure(kind="bars", y_title="test accuracy", chance=1 / n_classes, lines=lines)


def share_line(name: str, x: Sequence[float], shares: Sequence[float], *, n_images: int) -> Line:
    """Make a line of shares, each of so many pictures, with their intervals."""
    ends = [wilson_interval(round(y * n_images), n_images) for y in shares]
    return Line(
        name=name,
        x=tuple(map(float, x)),
        y=tuple(map(float, shares)),
        low=tuple(low for low, _ in ends),
        high=tuple(high for _, high in ends),
    )


def _written(value: float, style: str) -> str:
    if style == "share":
        return f"{value:.1%}"
    if style == "points":
        return f"{100 * value:.1f}"
    return f"{value:,.0f}" if style == "count" else f"{value:.3g}"
