"""What came of a job: typed here, plain values in the registry, the same after both ways."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from ann_core.errors import ConfigError, RunError
from ann_core.runs.job import JobResult
from ann_core.runs.job_results import (
    ArchiveImportResult,
    BaselinesResult,
    ImportResult,
    ProfileResult,
    TableResult,
)
from ann_core.runs.job_types import JOBS
from ann_core.runs.registry import Registry
from ann_core.runs.result import RunResult
from tests.helpers.registry import RESULT, TEST, start, submit

WHOLE = RESULT.model_copy(
    update={
        "kept_epoch": None,
        "cut_batches": 3,
        "n_threads": 2,
        "ended_by": "It was stopped after 9 seconds.",
        "n_skipped": 1,
        "accuracy": {"train": 0.1, "validation": 0.2, "test": 0.75},
        "seconds": 0.1 + 0.2,
        "precision": "bfloat16",
        "trained": "2026-01-01T00:00:00+00:00",
    }
)
OLD = {"test": TEST.as_dict(), "best_epoch": 2, "kept_epoch": None}
OLD |= {"n_parameters": 9, "n_images": {"train": 5}, "n_skipped": 0, "seconds": 1.0}
"""As the first version wrote it."""


def stored(result: JobResult) -> Any:
    return json.loads(json.dumps(result.as_dict()))


@pytest.mark.parametrize(
    "result",
    [
        RESULT,
        WHOLE,
        ImportResult(dataset="toy", n_images=5, n_skipped=1),
        ImportResult(dataset="toy", n_images=5, n_skipped=1, run="a" * 16),
        ProfileResult(dataset="toy"),
        TableResult(file="toy-train.parquet", n_rows=3, n_columns=65, bytes=1234),
        BaselinesResult(dataset="toy", accuracies={"centroid": 0.1 + 0.2}),
        ArchiveImportResult(run="a" * 16),
    ],
    ids=lambda result: type(result).__name__,
)
def test_a_result_is_the_same_after_json(result: JobResult) -> None:
    again = type(result).parse(stored(result))
    assert again == result
    assert stored(again) == stored(result)


def test_every_value_is_stored_by_its_name() -> None:
    values = stored(WHOLE)
    assert values.keys() == RunResult.model_fields.keys()
    assert values["test"]["confusion"] == [[1, 1], [0, 2]]
    assert values["test"]["classes"][1]["class_name"] == "dog"
    assert "trained" not in stored(RESULT), "it was trained here"


def test_a_result_of_the_first_version_is_read_and_stays_as_it_was() -> None:
    old = RunResult.parse(json.loads(json.dumps(OLD)))
    assert (old.accuracy, old.n_threads, old.cut_batches, old.ended_by) == ({}, None, 0, "")
    assert (old.best_epoch, old.test) == (2, TEST)
    assert stored(old) == json.loads(json.dumps(OLD))


@pytest.mark.parametrize(
    ("best", "kept", "words"),
    [
        (4, 4, "epoch 4, the best by validation loss"),
        (4, 10, "the last epoch, 10, not of the best by validation loss, 4"),
        (None, 10, "the last epoch, 10"),
        (4, None, "the moment it was stopped"),
        (None, None, "the moment it was stopped"),
    ],
)
def test_it_says_which_weights_were_kept(best: int | None, kept: int | None, words: str) -> None:
    assert RESULT.model_copy(update={"best_epoch": best, "kept_epoch": kept}).kept == words


def test_a_result_without_a_test_is_none() -> None:
    with pytest.raises(ConfigError, match="test"):
        RunResult.parse({name: value for name, value in OLD.items() if name != "test"})


def test_the_registry_gives_back_what_it_was_given(registry: Registry) -> None:
    run = start(registry)
    assert run.result is None
    assert registry.attempts.finish(run.id, 1, "done", result=WHOLE)
    assert registry.get(run.id).result == WHOLE
    assert registry.get(run.id).learned == WHOLE
    assert [run.result for run in registry.recent()] == [WHOLE]


def test_what_has_not_learned_says_so(registry: Registry) -> None:
    run = submit(registry)
    with pytest.raises(RunError, match="is not trained yet"):
        _ = run.learned
    assert replace(run, result=RESULT).learned == RESULT


def test_every_kind_of_job_has_a_result_of_its_own() -> None:
    types = [job.result_type for job in JOBS.values()]
    assert len(set(types)) == len(JOBS)
