"""Out of distribution: an image unlike all that a network was trained on is told as such.

A network of dense layers always answers; its probabilities add up to 1 for a kitchen too.
Both rules compare an image with the validation images, which the network has not learned.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from ann_core.datasets.features import FeatureSet
from ann_core.evaluation.knn import nearest
from ann_core.files import write_text

CONFIDENT_SHARE = 0.05
"""Share of the validation images that got a less confident prediction than the floor."""

NEAR_SHARE = 0.99
"""Share of the validation images that lie nearer to a training image than the limit."""

_SAMPLE = 200  # validation images whose nearest training images are looked for


@dataclass(frozen=True)
class OodThresholds:
    """Where the predictions of a network begin to be doubtful.

    Attributes
    ----------
    confidence_floor : float
        Largest probability below which a prediction is unsure, 0..1.
    distance_limit : float
        Distance to the nearest training image, over intensities 0 to 255, beyond which
        an image lies outside of what was learned.
    """

    confidence_floor: float
    distance_limit: float

    def warnings(self, confidence: float, distance: float | None) -> list[str]:
        """Say what speaks for "none of these"; nothing for an image like the others.

        Parameters
        ----------
        confidence : float
            The largest probability.
        distance : float or None
            To the nearest training image, if it is known.
        """
        sentences = []
        if confidence < self.confidence_floor:
            sentences.append(
                f"It is unsure: of 20 validation pictures, 19 got an answer with "
                f"{self.confidence_floor:.0%} or more, this one with {confidence:.0%}."
            )
        if distance is not None and distance > self.distance_limit:
            sentences.append(
                "It is unlike all it was trained on: of 100 validation pictures, 99 lie within "
                f"{self.distance_limit:,.0f} of a training picture, this one is {distance:,.0f} "
                "away."
            )
        return sentences

    def no_warning(self, *, distance_known: bool) -> str:
        """Say by which rules there is no warning.

        Parameters
        ----------
        distance_known : bool
            Whether the distance to the nearest training image could be measured.
        """
        confident = (
            f"No warning: of 20 validation pictures, 19 got an answer with "
            f"{self.confidence_floor:.0%} or more, and so did this one"
        )
        if not distance_known:
            return (
                f"{confident}. How unlike the training pictures it is cannot be told: they are "
                "not here."
            )
        return (
            f"{confident}; of 100, 99 lie within {self.distance_limit:,.0f} of a training picture "
            "(root of the sum of squared differences), and so does this one."
        )


def fit_ood_thresholds(data: FeatureSet, validation_probabilities: np.ndarray) -> OodThresholds:
    """Find both limits on the validation split.

    Parameters
    ----------
    validation_probabilities : float array, shape (n_validation, n_classes)
    """
    feature_rows = data.indices("validation")
    if len(feature_rows) > _SAMPLE:
        feature_rows = feature_rows[
            np.linspace(0, len(feature_rows) - 1, _SAMPLE).round().astype(np.int64)
        ]
    _, distances = nearest(data.features[feature_rows], data.features, data.indices("train"), k=1)
    confidence = validation_probabilities.max(axis=1)
    # Values that occur, so that the shares are reached also by few images.
    floor = np.quantile(confidence, CONFIDENT_SHARE, method="lower")
    limit = np.quantile(distances[:, 0], NEAR_SHARE, method="higher")
    return OodThresholds(float(floor), float(limit))


def save_ood_thresholds(thresholds: OodThresholds, path: Path) -> None:
    """Write them as JSON."""
    write_text(path, json.dumps(asdict(thresholds), indent=2) + "\n")


def load_ood_thresholds(path: Path) -> OodThresholds | None:
    """Read them; None if they are not there or damaged, for a page does without."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        floor, limit = float(values["confidence_floor"]), float(values["distance_limit"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return OodThresholds(floor, limit) if np.isfinite([floor, limit]).all() else None
