"""Runs that were trained elsewhere, in the registry: finished, owned, and filed once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ann_core.errors import RunError
from ann_core.runs import adoption
from ann_core.runs.adoption import FinishedTraining
from ann_core.runs.job import new_run_id
from ann_core.runs.owners import new_owner_key, owner_digest
from ann_core.runs.registry import Registry
from ann_core.runs.run import Run
from tests.helpers.registry import CONFIG, EPOCH, RESULT, events, start

KEY, STRANGER = new_owner_key(), new_owner_key()
HISTORY = [EPOCH, replace(EPOCH, epoch=2)]


def adopt(registry: Registry, key: str = "job:run", **changes: Any) -> Run:
    values: dict[str, Any] = {"run_id": new_run_id(), "config": CONFIG, "status": "done"}
    values |= {"result": RESULT, "history": HISTORY, "name": "a\0name"}
    owner = changes.pop("owner", owner_digest(KEY))
    training = FinishedTraining(**values | changes)
    return adoption.adopt(registry.store, training, submit_key=key, owner=owner)


def test_a_run_from_elsewhere_is_finished_and_has_its_history(registry: Registry) -> None:
    run = adopt(registry, notes="of a friend")
    assert (run.status, run.epoch, run.attempt, run.has_model) == ("done", 2, 0, True)
    assert (run.config, run.result, run.name, run.notes) == (
        *(CONFIG, RESULT, "aname", "of a friend"),
    )
    assert registry.metrics(run.id) == HISTORY
    assert events(registry, run) == ["brought"]
    assert run.finished is not None
    assert registry.attempts.claim(100) is None


def test_it_belongs_to_whoever_brought_it(registry: Registry) -> None:
    run = adopt(registry)
    assert [mine.id for mine in registry.recent(owner=KEY)] == [run.id]
    assert registry.recent(owner=STRANGER) == []
    with pytest.raises(RunError):
        registry.commands.delete(run.id, by=STRANGER)
    registry.commands.delete(run.id, by=KEY)
    assert registry.recent() == []


def test_the_same_key_gives_the_run_that_was_first(registry: Registry) -> None:
    first, second = adopt(registry), adopt(registry)
    assert first == second
    assert adopt(registry, "another").id != first.id
    assert registry.metrics(first.id) == HISTORY


def test_a_stopped_run_may_have_no_whole_epoch(registry: Registry) -> None:
    run = adopt(registry, status="stopped", history=[])
    assert (run.status, run.epoch, registry.metrics(run.id)) == ("stopped", 0, [])


def test_it_says_nothing_of_the_pace_of_this_computer(registry: Registry) -> None:
    adopt(registry)
    assert registry.past_runs() == []
    own = start(registry)
    registry.attempts.add_metrics(own.id, 1, EPOCH)
    registry.attempts.finish(own.id, 1, "done", result=RESULT)
    assert len(registry.past_runs()) == 1
