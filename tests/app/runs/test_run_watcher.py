"""Many pages that watch a run cost little more than one, and miss nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from ann_core.datasets.dataset import DatasetInfo
from tests.helpers.run_states import begin, metrics, registry, submit_run
from ui.runs import run_watcher


def test_many_watchers_cost_one_reading(cartoons: DatasetInfo) -> None:
    run = begin(submit_run(cartoons), n_epochs=3)
    run_watcher.look_again(run.id)
    with counted() as first:
        view = run_watcher.look(run.id)
    with counted() as again:
        assert all(run_watcher.look(run.id) is view for _ in range(20))
    assert len(first) <= 4
    assert again == []


def test_an_epoch_is_seen_in_time_and_old_rows_are_not_read_again(cartoons: DatasetInfo) -> None:
    run = begin(submit_run(cartoons), n_epochs=3)
    before = run_watcher.look(run.id)
    registry().attempts.add_metrics(run.id, 1, metrics(4))
    time.sleep(run_watcher.FRESH_SECONDS)
    after = run_watcher.look(run.id)
    assert [m.epoch for m in after.history] == [1, 2, 3, 4]
    assert after.history[0] is before.history[0]
    time.sleep(run_watcher.FRESH_SECONDS)
    assert run_watcher.look(run.id).curves is after.curves


def test_a_run_that_went_back_to_its_checkpoint_is_read_anew(cartoons: DatasetInfo) -> None:
    run = begin(submit_run(cartoons), n_epochs=4)
    run_watcher.look(run.id)
    registry().attempts.recover_lost(run.id, 1)
    begin(run)
    registry().attempts.rewind(run.id, 2, 2)
    run_watcher.look_again(run.id)
    assert [m.epoch for m in run_watcher.look(run.id).history] == [1, 2]
    registry().attempts.add_metrics(run.id, 2, metrics(3, seconds=9.0))
    run_watcher.look_again(run.id)
    assert run_watcher.look(run.id).history[-1].seconds == 9.0


def test_what_is_kept_in_mind_is_bounded(cartoons: DatasetInfo) -> None:
    for _ in range(run_watcher.MAX_WATCHED + 3):
        run_watcher.look(submit_run(cartoons).id)
    assert len(run_watcher._watched) == run_watcher.MAX_WATCHED


@contextmanager
def counted() -> Iterator[list[str]]:
    """Collect the queries that the registry sends."""
    sent: list[str] = []

    def listen(_db: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("SELECT"):
            sent.append(statement)

    sa.event.listen(registry().store.engine, "before_cursor_execute", listen)
    yield sent
    sa.event.remove(registry().store.engine, "before_cursor_execute", listen)
