"""What a run archive holds: names, sizes, and what stands in its JSON files."""

from __future__ import annotations

import re
from typing import Annotated, Literal

import pydantic
from pydantic import Field

from ann_core import stored_names
from ann_core.config import Config
from ann_core.training.precision import Precision

FORMAT = 1
"""Of the members; counted up when they mean something else."""

CODE_FILE = "predict.py"
"""Of the programs of a run, which are a zip file too, and no archive."""

MANIFEST = "manifest.json"
RUN = "run.json"
CONFIG = "config.json"
PREPROCESSING = "preprocessing.json"
CLASS_NAMES = "class_names.json"
HISTORY = "history.csv"
EVALUATION = "evaluation.json"
CONFUSION = "confusion_matrix.csv"
OOD_THRESHOLDS = stored_names.OOD_THRESHOLDS_FILE
FINGERPRINTS = "fingerprints.json"
PREDICTIONS = stored_names.PREDICTIONS_FILE
PIXELS = "pixels.npz"
MODEL = "model.tflite"
SCALING = "scaling.npz"
OOD_RULE = "ood_rule.json"
FIRST_LAYER = "first_layer/final.npz"  # of every dense network, and of no other

REQUIRED = frozenset(
    {
        RUN,
        CONFIG,
        PREPROCESSING,
        CLASS_NAMES,
        HISTORY,
        EVALUATION,
        CONFUSION,
        OOD_THRESHOLDS,
        FINGERPRINTS,
    }
    | {PREDICTIONS, PIXELS, MODEL}
)
OPTIONAL = frozenset({SCALING, OOD_RULE, FIRST_LAYER})
_SNAPSHOT = re.compile(r"first_layer/epoch-\d{4}\.npz")

MAX_MEMBERS = 40
MAX_TEXT = 2_000_000
"""Bytes of a JSON or CSV file."""


class RunRecord(Config):
    """What the registry knew of a run, but its owner.

    Attributes
    ----------
    created : str
        When it was filed, ISO 8601.
    seconds : float
        Of training.
    """

    name: str = Field(default="", max_length=100)
    notes: str = Field(default="", max_length=5_000)
    status: Literal["done", "stopped"]
    created: pydantic.AwareDatetime
    seconds: float = Field(ge=0, le=1e9)
    kept_epoch: int | None = Field(default=None, ge=1)
    cut_batches: int = Field(default=0, ge=0)
    n_threads: int = Field(default=1, ge=1, le=4096)
    precision: Precision | None = None
    n_skipped: int = Field(default=0, ge=0)
    # The one sentence that the worker writes; pages show it as it is.
    ended_by: Annotated[
        str,
        Field(
            pattern=r"^(It was stopped after [0-9,]{1,12} seconds of training, the most that this "
            r"server allows a run\.)?$"
        ),
    ] = ""


class EpochRecord(Config):
    """A line of the history."""

    epoch: int = Field(ge=1)
    loss: float
    accuracy: float = Field(ge=0, le=1)
    val_loss: float
    val_accuracy: float = Field(ge=0, le=1)
    seconds: float = Field(ge=0)


class OodRecord(Config):
    """Where answers begin to be doubtful."""

    confidence_floor: float = Field(ge=0, le=1)
    distance_limit: float = Field(ge=0)


def is_snapshot(name: str) -> bool:
    """Whether a member holds the weights of the first layer after some epoch."""
    return _SNAPSHOT.fullmatch(name) is not None


def is_known(name: str) -> bool:
    """Whether an archive may have a member of this name."""
    return name in REQUIRED or name in OPTIONAL or is_snapshot(name)
