"""Out of distribution: a picture unlike all that a network was trained on is told as such.

A network of dense layers always answers; its probabilities add up to 1 for a kitchen too. So
the picture itself is asked: its plain statistics lie among those of the training pictures, or
they do not.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ann_core.files import write_text
from ann_core.imaging.statistics import image_statistics, statistic_names

DISTANCE = "distance"
"""Name of the first score; the others bear the name of the kind they look for."""

OTHER_KINDS = ("plain colours", "noise", "blurred noise", "cartoons", "digits", "photographs")
"""Pictures that show none of a run's classes, which a rule is tried on."""


_LARGE = 1e15  # no statistic comes near; products of larger ones would overflow


@dataclass(frozen=True)
class Share:
    """Pictures that a rule warned of, among those it was tried on."""

    n_warned: int
    n_images: int

    def __str__(self) -> str:
        return f"{self.n_warned:,} of {self.n_images:,}"

    @property
    def share(self) -> float:
        """0..1."""
        return self.n_warned / self.n_images


@dataclass(frozen=True, eq=False)
class OodRule:
    """Says which pictures are unlike the training pictures of a run, and how often it is right.

    Attributes
    ----------
    mean, deviation : float64 arrays, shape (n_statistics,)
        Of the statistics of the training pictures.
    precision : float64 array, shape (n_statistics, n_statistics)
        Inverse covariance of the standardised statistics.
    directions : dict of kind to float64 array, shape (n_statistics,)
        Where pictures of another kind lie, seen from the training pictures.
    limits : dict of score to float
        Beyond any of these there is a warning.
    own : Share
        Test pictures, for which a warning is a false alarm.
    others : dict of kind to Share
        Pictures that show none of the classes; the warning is right.
    """

    mean: np.ndarray
    deviation: np.ndarray
    precision: np.ndarray
    directions: Mapping[str, np.ndarray]
    limits: Mapping[str, float]
    own: Share
    others: Mapping[str, Share]

    def scores(self, statistics: np.ndarray) -> dict[str, np.ndarray]:
        """Tell how unlike pictures are, in several ways.

        Parameters
        ----------
        statistics : float64 array, shape (..., n_statistics)

        Returns
        -------
        dict of score to float64 array, shape (...)
            First the distance of Mahalanobis (1936) from the training pictures, then how far
            each lies towards another kind of pictures (Fisher 1936).
        """
        z = (statistics - self.mean) / self.deviation
        scores = {DISTANCE: np.sqrt(np.maximum((z @ self.precision * z).sum(axis=-1), 0))}
        return scores | {kind: z @ direction for kind, direction in self.directions.items()}

    def is_unlike(self, image: np.ndarray) -> bool:
        """Whether one picture is unlike the training pictures.

        Parameters
        ----------
        image : uint8 array, shape (height, width, n_channels)
            As the network is given it.
        """
        scores = self.scores(image_statistics(image))
        return any(bool(scores[name] > limit) for name, limit in self.limits.items())

    def as_dict(self) -> dict[str, Any]:
        """Write it as values of JSON."""
        return {
            "mean": self.mean.tolist(),
            "deviation": self.deviation.tolist(),
            "precision": self.precision.tolist(),
            "directions": {kind: values.tolist() for kind, values in self.directions.items()},
            "limits": dict(self.limits),
            "own": [self.own.n_warned, self.own.n_images],
            "others": {kind: [s.n_warned, s.n_images] for kind, s in self.others.items()},
        }


def parse_ood_rule(values: Any, image_shape: tuple[int, int, int]) -> OodRule:
    """Read what `OodRule.as_dict` wrote.

    Parameters
    ----------
    image_shape : (height, width, n_channels)
        Of the pictures that it is for.

    Raises
    ------
    ValueError
        If it is damaged, or for pictures of another shape.
    """
    try:
        n = len(statistic_names(image_shape))
        directions = {str(k): _floats(v, (n,)) for k, v in values["directions"].items()}
        limits = {str(name): float(_floats(v, ())) for name, v in values["limits"].items()}
        rule = OodRule(
            mean=_floats(values["mean"], (n,)),
            deviation=_floats(values["deviation"], (n,)),
            precision=_floats(values["precision"], (n, n)),
            directions=directions,
            limits=limits,
            own=_share(values["own"]),
            others={str(kind): _share(share) for kind, share in values["others"].items()},
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("a part is missing") from error
    if set(limits) != {DISTANCE, *directions} or not (rule.deviation > 0).all():
        raise ValueError("its parts do not fit each other")
    if not {*directions, *rule.others} <= set(OTHER_KINDS):
        raise ValueError("it knows a kind of pictures that there is not")
    return rule


def save_ood_rule(rule: OodRule, path: Path) -> None:
    """Write it as JSON."""
    write_text(path, json.dumps(rule.as_dict()) + "\n")


def load_ood_rule(path: Path, image_shape: tuple[int, int, int]) -> OodRule | None:
    """Read it; None if it is not there or damaged, for a prediction does without."""
    try:
        return parse_ood_rule(json.loads(path.read_text(encoding="utf-8")), image_shape)
    except (OSError, ValueError, RecursionError):
        return None


def _floats(values: Any, shape: tuple[int, ...]) -> np.ndarray:
    array = np.array(values)
    if array.shape != shape or array.dtype.kind not in "if" or not (np.abs(array) < _LARGE).all():
        raise ValueError(f"expected numbers with shape {shape}, got {array.shape}")
    return array.astype(np.float64)


def _share(values: Any) -> Share:
    n_warned, n_images = values
    if type(n_warned) is not int or type(n_images) is not int or not 0 <= n_warned <= n_images:
        raise ValueError("a count is no whole number, or larger than its whole")
    if not 0 < n_images < 10**9:
        raise ValueError("it was tried on no picture")
    return Share(n_warned, n_images)
