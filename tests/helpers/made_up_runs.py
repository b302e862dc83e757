"""Runs with results that nobody trained for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.runs.job import new_run_id
from ann_core.runs.run import Run, RunConfig
from ann_core.training.network_config import NetworkConfig
from tests.helpers.registry import RESULT

N_TEST = 200


def config(**changes: Any) -> RunConfig:
    """Settings of a run; `changes` of any of its three parts."""
    values: dict[str, Any] = {"dataset": "toy", "fingerprint": "0" * 32}
    for part, kind in (("network", NetworkConfig), ("preprocess", PreprocessConfig)):
        own = {name: value for name, value in changes.items() if name in kind.model_fields}
        values[part] = kind.parse(own)
    values |= {name: value for name, value in changes.items() if name in RunConfig.model_fields}
    return RunConfig.parse(values)


def run(accuracy: float | None = 0.5, status: str = "done", name: str = "", **changes: Any) -> Run:
    """A run with a result, or without one; it is filed on `day` of January."""
    day, validation = changes.pop("day", 1), changes.pop("validation", 0.6)
    result = None
    if accuracy is not None:
        result = RESULT.model_copy(
            update={
                "test": replace(RESULT.test, accuracy=accuracy, n_images=N_TEST),
                "n_parameters": 10,
                "seconds": 2.0,
                "best_epoch": 3,
                "accuracy": {"train": 0.9, "validation": validation, "test": accuracy},
            }
        )
    values: dict[str, Any] = {"id": new_run_id(), "name": name, "owner": "", "attempt": 1}
    values |= {"losses": 0, "requested": "run", "phase": "", "batch": 0, "n_batches": 0}
    values |= {"error_kind": None, "error": None, "started": None, "finished": None}
    values |= {"created": datetime(2026, 1, day, tzinfo=UTC), "epoch": 7, "checkpoint": None}
    return Run(status=status, result=result, config=config(**changes), **values)  # type: ignore[arg-type]
