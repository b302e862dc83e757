"""What is said of a prediction that may be none of the classes, or is unsure.

`ann_core.imaging.ood_rule` decides whether an image is unlike the training images. Runs of older
versions have a limit of distance to the nearest training image instead, which misses much.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from ann_core.datasets.features import FeatureSet
from ann_core.evaluation.knn import nearest
from ann_core.evaluation.sampling import evenly
from ann_core.files import write_text
from ann_core.imaging.ood_rule import OodRule, Share

CONFIDENT_SHARE = 0.05
"""Share of the validation images that got a less confident prediction than the floor."""

NEAR_SHARE = 0.99
"""Share of the validation images that lie nearer to a training image than the limit."""

GOOD = 0.9
"""Share of pictures of another kind from which on a rule is said to notice them."""

UNLIKE = (
    "This picture is unlike those that the network was trained on: the answer only tells which "
    "class is least unlike."
)

OLD_RULE = (
    "An older Flatland made this rule; it overlooks most pictures of something else, plain white "
    "too. Train the network again for a better one."
)

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

    def unsure(self, confidence: float) -> str:
        """Say that an answer is less sure than usual; "" if it is not."""
        if confidence >= self.confidence_floor:
            return ""
        return (
            f"It is not confident: of 20 validation pictures, 19 got a prediction with "
            f"{self.confidence_floor:.0%} or more, this one with {confidence:.0%}."
        )

    def warnings(self, confidence: float, distance: float | None) -> list[str]:
        """Say what speaks for "none of these"; nothing for an image like the others.

        Parameters
        ----------
        confidence : float
            The largest probability.
        distance : float or None
            To the nearest training image, if it is known.
        """
        sentences = [unsure] if (unsure := self.unsure(confidence)) else []
        if distance is not None and distance > self.distance_limit:
            sentences.append(
                "It is unlike all it was trained on: of 100 validation pictures, 99 lie within "
                f"{self.distance_limit:,.0f} of a training picture, this one is {distance:,.0f} "
                "away."
            )
        return sentences

    def no_warning(self, *, distance_known: bool) -> str:
        """Say by which rules nothing is noticed, and that this is no approval.

        Parameters
        ----------
        distance_known : bool
            Whether the distance to the nearest training image could be measured.
        """
        confident = (
            f"The rules of this network notice nothing, which does not make it one of the classes. "
            f"They warn below {self.confidence_floor:.0%}, as 1 of 20 validation pictures is "
            "answered"
        )
        if not distance_known:
            return (
                f"{confident}. How unlike the training pictures it is remains unknown: they are "
                "not here."
            )
        return (
            f"{confident}, and beyond a distance of {self.distance_limit:,.0f} from all training "
            "pictures (root of the sum of squared differences), where 1 of 100 lies."
        )


def fit_ood_thresholds(data: FeatureSet, validation_probabilities: np.ndarray) -> OodThresholds:
    """Find both limits on the validation split.

    Parameters
    ----------
    validation_probabilities : float array, shape (n_validation, n_classes)
    """
    feature_rows = evenly(data.indices("validation"), _SAMPLE)
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


def describe_silence(class_names: Sequence[str]) -> str:
    """Say what it means that no warning is given: not that the image is one of the classes.

    Parameters
    ----------
    class_names : sequence of str
        As they can stand in the sentence.
    """
    choice = (
        f"only two answers, {class_names[0]} or {class_names[1]}, and cannot say 'neither'"
        if len(class_names) == 2
        else f"only the answers of its {len(class_names):,} classes, and none for anything else"
    )
    return (
        f"It has {choice}. Our check for strange pictures noticed nothing here, but that does not "
        "prove that the picture shows one of them."
    )


def describe_rule(rule: OodRule) -> str:
    """Say how often a warning is wrong and what it finds, as measured for this run."""
    noticed = _listed([_counted(kind, share) for kind, share in rule.others.items()])
    own = f"{rule.own.n_warned:,} ({rule.own.share:.1%}), wrongly" if rule.own.n_warned else "none"
    words = (
        f"Of {rule.own.n_images:,} of its own test pictures, this rule warned of {own}. Tried on "
        f"pictures of something else, it warned of {noticed}."
    )
    missed = [_KINDS[kind] for kind, share in rule.others.items() if share.share < GOOD]
    if missed:
        words += (
            f" So **no warning means little for {_listed(missed)}**: the rule looks at light, "
            "colours and textures, not at what is shown."
        )
    return words


_KINDS = {
    "plain colours": "plain colours and gradients",
    "noise": "pictures of noise",
    "blurred noise": "pictures of blurred noise",
    "cartoons": "cartoons",
    "digits": "scanned digits",
    "photographs": "photographs of something else (a temple and a flower)",
}


def _counted(kind: str, share: Share) -> str:
    counted = f"all {share.n_images:,}" if share.share == 1 else str(share)
    return f"{counted} {_KINDS[kind]}"


def _listed(parts: list[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)
