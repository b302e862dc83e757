"""Many pages that watch a run cost little more than one, and miss nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from ann_core.datasets.dataset import DatasetInfo
from tests.app.run_states import begin, file_run, metrics, registry
from ui import watching


def test_many_watchers_cost_one_reading(cartoons: DatasetInfo) -> None:
    run = begin(file_run(cartoons), n_epochs=3)
    watching.look_again(run.id)
    with counted() as first:
        view = watching.look(run.id)
    with counted() as again:
        assert all(watching.look(run.id) is view for _ in range(20))
    assert len(first) <= 4
    assert again == []


def test_an_epoch_is_seen_in_time_and_old_rows_are_not_read_again(cartoons: DatasetInfo) -> None:
    run = begin(file_run(cartoons), n_epochs=3)
    before = watching.look(run.id)
    registry().add_metrics(run.id, 1, metrics(4))
    time.sleep(watching.FRESH_SECONDS)
    after = watching.look(run.id)
    assert [m.epoch for m in after.history] == [1, 2, 3, 4]
    assert after.history[0] is before.history[0]
    time.sleep(watching.FRESH_SECONDS)
    assert watching.look(run.id).curves is after.curves


def test_a_run_that_went_back_to_its_checkpoint_is_read_anew(cartoons: DatasetInfo) -> None:
    run = begin(file_run(cartoons), n_epochs=4)
    watching.look(run.id)
    registry().lost(run.id, 1)
    begin(run)
    registry().rewind(run.id, 2, 2)
    watching.look_again(run.id)
    assert [m.epoch for m in watching.look(run.id).history] == [1, 2]
    registry().add_metrics(run.id, 2, metrics(3, seconds=9.0))
    watching.look_again(run.id)
    assert watching.look(run.id).history[-1].seconds == 9.0


def test_what_is_kept_in_mind_is_bounded(cartoons: DatasetInfo) -> None:
    for _ in range(watching.MAX_WATCHED + 3):
        watching.look(file_run(cartoons).id)
    assert len(watching._watched) == watching.MAX_WATCHED


@contextmanager
def counted() -> Iterator[list[str]]:
    """Collect the queries that the registry sends."""
    sent: list[str] = []

    def listen(_db: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("SELECT"):
            sent.append(statement)

    sa.event.listen(registry().engine, "before_cursor_execute", listen)
    yield sent
    sa.event.remove(registry().engine, "before_cursor_execute", listen)
