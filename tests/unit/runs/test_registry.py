"""The run registry on real databases, SQLite and PostgreSQL, with competing processes."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier, Timer

import pytest
import sqlalchemy as sa

from ann_core.errors import RunError
from ann_core.runs.job import check_run_id, new_run_id
from ann_core.runs.registry import Registry
from ann_core.runs.schema import runs
from ann_core.training.precision import Precision
from ann_core.training.time_estimate import EpochSize
from tests.helpers.registry import CONFIG, EPOCH, RESULT, events, python, start, submit

UNKNOWN = "AAAAAAAAAAAAAAAA"


# Filing


def test_a_filed_run_waits_and_can_be_read_again(registry: Registry) -> None:
    run = registry.submit(CONFIG, submit_key="key", name="  first try ", owner="ann")

    assert registry.get(run.id) == run
    assert (run.status, run.requested, run.attempt, run.epoch) == ("queued", "run", 0, 0)
    assert (run.name, run.config, run.live, run.has_model) == ("first try", CONFIG, True, False)
    assert abs(run.created - datetime.now(UTC)) < timedelta(seconds=5)
    assert (run.started, run.finished, run.result, run.error) == (None, None, None, None)
    assert events(registry, run) == ["queued"]


def test_another_registry_on_the_same_file_sees_the_run(registry: Registry, url: str) -> None:
    run = submit(registry)
    other = Registry(url)

    assert other.get(run.id) == run
    other.close()


def test_the_same_key_gives_the_same_run(registry: Registry) -> None:
    first = submit(registry)
    changed = CONFIG.model_copy(update={"dataset": "other"})
    second = registry.submit(changed, submit_key="key", name="again")

    assert second == first
    assert [run.id for run in registry.recent()] == [first.id]


def test_eight_clicks_at_once_file_one_run(registry: Registry) -> None:
    together = Barrier(8)

    def click(_: int) -> str:
        together.wait()
        return submit(registry).id

    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(click, range(8)))

    assert len(ids) == 1
    assert len(registry.recent()) == 1


def test_the_newest_run_comes_first_and_owners_see_their_own(registry: Registry) -> None:
    for key in "abc":
        registry.submit(CONFIG, submit_key=key, name=key, owner="ann" if key == "b" else "bob")
        with (
            registry.store.engine.begin() as db
        ):  # a clock of milliseconds is too slow for this test
            db.execute(sa.text("UPDATE runs SET created = created - 10"))

    assert [run.name for run in registry.recent()] == ["c", "b", "a"]
    assert [run.name for run in registry.recent(limit=2)] == ["c", "b"]
    assert [run.name for run in registry.recent(owner="ann")] == ["b"]


@pytest.mark.parametrize("name", ["nul\0byte", "half a \ud83d", "x" * 5000])
def test_any_name_can_be_stored(registry: Registry, name: str) -> None:
    run = registry.submit(CONFIG, submit_key="key", name=name)
    registry.attempts.claim(1)
    registry.attempts.start(run.id, 1, pid=1)
    assert registry.attempts.heartbeat(run.id, 1, phase=name) == "run"
    registry.attempts.fail(run.id, 1, "bug", why=name)

    now = registry.get(run.id)
    assert now.name
    assert len(now.name) <= 100
    assert now.error and now.error[:3] == name[:3]


# Ids


@pytest.mark.parametrize(
    "run_id", ["../../etc/passwd", "", "AAAAAAAAAAAAAAA/", "AAAAAAAAAAAAAAA\n", "A" * 17, "é" * 16]
)
def test_no_malformed_id_reaches_the_database(registry: Registry, run_id: str) -> None:
    statements: list[str] = []
    sa.event.listen(
        registry.store.engine, "before_cursor_execute", lambda *call: statements.append(call[2])
    )
    for ask in (
        registry.get,
        registry.metrics,
        registry.events,
        registry.queue_position,
    ):
        with pytest.raises(RunError, match="Expected an id of 16 letters"):
            ask(run_id)
    assert not [statement for statement in statements if "runs" in statement]


def test_new_ids_are_no_options_of_a_command_and_end_where_a_link_ends() -> None:
    ids = [new_run_id() for _ in range(2000)]

    assert len(set(ids)) == 2000
    assert all(check_run_id(run_id) == run_id for run_id in ids)
    assert [i for i in ids if not (i[0].isalnum() and i[-1].isalnum())] == []
    assert any("-" in run_id for run_id in ids), "or this test proves nothing"


def test_an_unknown_id_is_refused(registry: Registry) -> None:
    with pytest.raises(RunError, match=f"Nothing here has the id '{UNKNOWN}'"):
        registry.get(UNKNOWN)
    assert registry.metrics(UNKNOWN) == []
    assert registry.events(UNKNOWN) == []
    assert registry.queue_position(UNKNOWN) == 0


# What earlier runs tell


@pytest.mark.parametrize(
    ("precision", "computed"),
    [(None, "float32"), ("float32", "float32"), ("bfloat16", "bfloat16")],  # None: of before
)
def test_ended_runs_tell_how_long_their_epochs_took(
    registry: Registry, precision: Precision | None, computed: str
) -> None:
    assert registry.past_runs() == []
    run = start(registry)
    for number, seconds in enumerate((9.0, 2.0, 3.0), start=1):
        registry.attempts.add_metrics(run.id, 1, replace(EPOCH, epoch=number, seconds=seconds))
    start(registry, "still at work")
    n_images = {"train": 80, "validation": 10, "test": 10}
    result = RESULT.model_copy(update={"n_parameters": 1234, "n_images": n_images})
    result = result.model_copy(update={"precision": precision})
    registry.attempts.finish(run.id, 1, "done", result=result)

    [past] = registry.past_runs()
    assert past.size == EpochSize(
        *(80, 1234, CONFIG.network.batch_size, computed),
        n_products=1234,
        n_values=9216,
        in_passes=computed == "float32",
    )
    assert past.seconds_per_epoch == 3.0
    ended = registry.get(run.id).finished
    assert ended is not None
    assert registry.past_runs(since=ended.timestamp() + 1) == []


def test_finished_runs_tell_how_long_they_took_besides_their_epochs(registry: Registry) -> None:
    for name, attempt in (("whole", 1), ("interrupted", 2)):
        run = start(registry, name)
        for number in (1, 2, 3):
            registry.attempts.add_metrics(run.id, 1, replace(EPOCH, epoch=number, seconds=2.0))
        registry.attempts.finish(run.id, 1, "done", result=RESULT)
        times = {"claimed": 100.0, "finished": 116.0 - attempt, "attempt": attempt}
        with registry.store.engine.begin() as db:
            db.execute(sa.update(runs).where(runs.c.id == run.id).values(times))
    assert [past.besides for past in registry.past_runs()] == [9.0, None]


def test_a_run_of_another_version_does_not_hide_the_others(registry: Registry) -> None:
    odd, good = submit(registry, "a"), submit(registry, "b")
    with registry.store.engine.begin() as db:
        update = sa.update(runs).where(runs.c.id == odd.id)
        db.execute(update.values(config={"of": "tomorrow"}))

    assert [run.id for run in registry.recent()] == [good.id]
    with pytest.raises(RunError, match="made by another version of Flatland"):
        registry.get(odd.id)


# The database


WRITE = """
import sys, time
from ann_core.runs.registry import Registry
from ann_core.training.history import EpochMetrics

registry = Registry(sys.argv[1])
for epoch in range(1, 151):
    time.sleep(0.005)
    metrics = EpochMetrics(epoch, 0.5, 0.5, 0.5, 0.5, 1.0)
    assert registry.attempts.add_metrics(sys.argv[2], 1, metrics)
    assert registry.attempts.heartbeat(sys.argv[2], 1, batch=epoch) == "run"
"""


def test_pages_read_while_workers_write(registry: Registry, url: str) -> None:
    run = start(registry)
    writer = python(WRITE, url, run.id)
    seen: set[int] = set()
    while writer.poll() is None:
        epochs = [epoch.epoch for epoch in registry.metrics(run.id)]
        assert epochs == list(range(1, len(epochs) + 1)), "always whole epochs, from the first"
        assert registry.get(run.id).epoch >= len(epochs)
        seen.add(len(epochs))
        registry.submit(CONFIG, submit_key=f"key {len(seen)}")

    writer.communicate()
    assert writer.returncode == 0
    assert len(seen) > 2, "or the two never met"
    assert registry.get(run.id).epoch == 150
    if registry.store.engine.dialect.name == "sqlite":
        with registry.store.engine.connect() as db:
            assert db.scalar(sa.text("PRAGMA journal_mode")) == "wal"


def test_a_new_registry_may_be_opened_twice_at_the_same_moment(tmp_path: Path) -> None:
    # SQLite refuses to change a file's mode at once, without waiting, while
    # another process that is also new to the file writes to it.
    other = sqlite3.connect(tmp_path / "new.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    Timer(0.4, other.execute, ["COMMIT"]).start()

    registry = Registry(f"sqlite:///{tmp_path / 'new.db'}")
    assert submit(registry).status == "queued"
    registry.close()
    other.close()


@pytest.mark.parametrize("kind", ["a folder", "no database", "no such driver", "no address"])
def test_a_registry_that_cannot_be_opened_says_so(tmp_path: Path, kind: str) -> None:
    (tmp_path / "text.db").write_text("This is no database. " * 100)
    url = {
        "a folder": f"sqlite:///{tmp_path}",
        "no database": f"sqlite:///{tmp_path / 'text.db'}",
        "no such driver": "postgresql+unheardof://ann:secret@localhost/runs",
        "no address": "somewhere",
    }[kind]
    with pytest.raises(RunError, match="The run registry cannot be opened: ") as caught:
        Registry(url)

    assert "ANN_DATABASE_URL" in str(caught.value)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)
