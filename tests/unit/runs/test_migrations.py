"""The tables of the registry come up to date, on SQLite and on PostgreSQL, whoever opens it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from ann_core.errors import RunError
from ann_core.runs.database import open_engine
from ann_core.runs.migrations import VERSIONS
from ann_core.runs.schema import events, metadata, metrics, runs

ROOT = Path(__file__).resolve().parents[3]

NEW_TABLES = ("test_looks", "bets", "experiments")  # since the first version

# What a Flatland without migrations made; the id of an event differs by database.
VERSION_1 = """
CREATE TABLE runs (
    id VARCHAR(16) NOT NULL, submit_key VARCHAR(64) NOT NULL, owner VARCHAR(64) NOT NULL,
    kind VARCHAR(16) NOT NULL, name VARCHAR(100) NOT NULL, config JSON NOT NULL,
    status VARCHAR(16) NOT NULL, want VARCHAR(8) NOT NULL, attempt INTEGER NOT NULL,
    lease FLOAT, pid INTEGER, phase VARCHAR(100) NOT NULL, epoch INTEGER NOT NULL,
    batch INTEGER NOT NULL, n_batches INTEGER NOT NULL, result JSON, error_kind VARCHAR(16),
    error TEXT, created FLOAT NOT NULL, started FLOAT, finished FLOAT,
    PRIMARY KEY (id), UNIQUE (submit_key)
);
CREATE INDEX ix_runs_status ON runs (status);
CREATE TABLE events (
    id {serial} NOT NULL, run VARCHAR(16) NOT NULL, at FLOAT NOT NULL, attempt INTEGER NOT NULL,
    what VARCHAR(32) NOT NULL, detail TEXT NOT NULL,
    PRIMARY KEY (id), FOREIGN KEY(run) REFERENCES runs (id) ON DELETE CASCADE
);
CREATE INDEX ix_events_run ON events (run);
CREATE TABLE metrics (
    run VARCHAR(16) NOT NULL, epoch INTEGER NOT NULL, attempt INTEGER NOT NULL,
    metrics JSON NOT NULL,
    PRIMARY KEY (run, epoch), FOREIGN KEY(run) REFERENCES runs (id) ON DELETE CASCADE
)
"""
ROWS = """
INSERT INTO runs VALUES ('AAAAAAAAAAAAAAA1', 'key 1', '', 'train', 'first try',
    '{"dataset": "toy"}', 'done', 'run', 1, NULL, 77, '', 2, 5, 5,
    '{"test": {"accuracy": 0.75}}', NULL, NULL, 1700000000.25, 1700000002.5, 1700000009.5);
INSERT INTO runs VALUES ('AAAAAAAAAAAAAAA2', 'key 2', '', 'train', '', '{"dataset": "toy"}',
    'queued', 'run', 0, NULL, NULL, '', 0, 0, 0, NULL, NULL, NULL, 1700000001.5, NULL, NULL);
INSERT INTO metrics VALUES ('AAAAAAAAAAAAAAA1', 1, 1, '{"loss": 0.7}');
INSERT INTO metrics VALUES ('AAAAAAAAAAAAAAA1', 2, 1, '{"loss": 0.5}');
INSERT INTO events (run, at, attempt, what, detail) VALUES
    ('AAAAAAAAAAAAAAA1', 1700000000.25, 0, 'queued', ''),
    ('AAAAAAAAAAAAAAA1', 1700000001.75, 1, 'claimed', ''),
    ('AAAAAAAAAAAAAAA1', 1700000009.5, 1, 'done', ''),
    ('AAAAAAAAAAAAAAA2', 1700000001.5, 0, 'queued', '')
"""
NEW = {"asked": None, "losses": 0, "host": "", "checkpoint": None, "notes": ""}
NEW |= {"session": None, "address": None}


@contextmanager
def connected(url: str) -> Iterator[sa.Connection]:
    """Talk to a database behind the back of our code, and leave."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        Path(str(parsed.database)).parent.mkdir(exist_ok=True)
    engine = sa.create_engine(parsed)
    with engine.begin() as db:
        yield db
    engine.dispose()


def make_version_1(url: str) -> None:
    with connected(url) as db:
        serial = "INTEGER" if db.dialect.name == "sqlite" else "SERIAL"
        for statement in (VERSION_1.replace("{serial}", serial) + ";" + ROWS).split(";"):
            db.exec_driver_sql(statement)


def rows(url: str) -> dict[str, list[dict[str, Any]]]:
    """Everything in all tables, whatever their columns are."""
    with connected(url) as db:
        names = sorted(sa.inspect(db).get_table_names())
        tables = {name: db.execute(sa.text(f"SELECT * FROM {name}")).mappings() for name in names}
        return {name: [dict(row) for row in table] for name, table in tables.items()}


def differences(url: str) -> list[Any]:
    with connected(url) as db:
        return list(compare_metadata(MigrationContext.configure(db), metadata))


def columns(url: str) -> dict[str, dict[str, str]]:
    with connected(url) as db:
        look = sa.inspect(db)
        return {
            name: {column["name"]: str(column) for column in look.get_columns(name)}
            for name in metadata.tables
            if look.has_table(name)
        }


def test_an_empty_database_gets_all_tables(database_url: str) -> None:
    open_engine(database_url).dispose()

    assert differences(database_url) == []
    assert rows(database_url) == {
        **{name: [] for name in metadata.tables},
        "alembic_version": [{"version_num": VERSIONS[-1]}],
    }


def test_the_tables_of_the_first_version_keep_their_rows(database_url: str) -> None:
    make_version_1(database_url)
    assert differences(database_url)
    before = rows(database_url)
    open_engine(database_url).dispose()

    assert differences(database_url) == []
    after = rows(database_url)
    assert after.pop("alembic_version") == [{"version_num": VERSIONS[-1]}]
    claimed = {"AAAAAAAAAAAAAAA1": 1700000001.75, "AAAAAAAAAAAAAAA2": None}
    assert len(before["runs"]) == 2
    for run in before["runs"]:
        run |= NEW | {"claimed": claimed[run["id"]]}
    # Every list showed its test accuracy then.
    look = {"run": "AAAAAAAAAAAAAAA1", "split": "", "owner": "", "at": 1700000009.5}
    assert after.pop("test_looks") == [look]
    assert after.pop("experiments") == after.pop("bets") == []
    assert after == before


def test_old_and_new_databases_end_up_the_same(database_url: str) -> None:
    open_engine(database_url).dispose()
    fresh = columns(database_url)
    with connected(database_url) as db:
        for name in (*NEW_TABLES, "metrics", "events", "runs", "alembic_version"):
            db.exec_driver_sql(f"DROP TABLE {name}")
    make_version_1(database_url)
    open_engine(database_url).dispose()

    assert columns(database_url) == fresh


def test_an_older_flatland_that_still_runs_goes_on_filing(database_url: str) -> None:
    open_engine(database_url).dispose()
    columns = (
        "id, submit_key, owner, kind, name, config, status, want, attempt, lease, pid, phase, "
        "epoch, batch, n_batches, result, error_kind, error, created, started, finished"
    )
    with connected(database_url) as db:
        for statement in ROWS.replace("runs VALUES", f"runs ({columns}) VALUES").split(";"):
            db.exec_driver_sql(statement)

    assert [run["losses"] for run in rows(database_url)["runs"]] == [0, 0]
    assert [run["notes"] for run in rows(database_url)["runs"]] == ["", ""]


@pytest.mark.parametrize(
    ("version", "missing"),
    [("0002", ("notes", "session", "address")), ("0003", ("session", "address"))],
)
def test_tables_without_the_newest_columns_get_them_and_keep_the_rest(
    database_url: str, version: str, missing: tuple[str, ...]
) -> None:
    make_version_1(database_url)
    open_engine(database_url).dispose()
    before = rows(database_url)
    with connected(database_url) as db:
        for column in missing:
            db.exec_driver_sql(f"ALTER TABLE runs DROP COLUMN {column}")
        for name in NEW_TABLES:
            db.exec_driver_sql(f"DROP TABLE {name}")
        db.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{version}'")
    open_engine(database_url).dispose()

    assert differences(database_url) == []
    assert rows(database_url) == before


def test_opening_again_changes_nothing(database_url: str) -> None:
    make_version_1(database_url)
    open_engine(database_url).dispose()
    before, shape = rows(database_url), columns(database_url)
    open_engine(database_url).dispose()

    assert (rows(database_url), columns(database_url)) == (before, shape)


def test_a_database_of_a_newer_flatland_is_left_alone(database_url: str) -> None:
    open_engine(database_url).dispose()
    with connected(database_url) as db:
        db.exec_driver_sql("UPDATE alembic_version SET version_num = '0999'")
    before = rows(database_url)
    with pytest.raises(RunError, match=r"expected version \d{4} .* got 0999\. Update Flatland"):
        open_engine(database_url)

    assert rows(database_url) == before


def test_a_step_that_fails_undoes_those_before_it(database_url: str) -> None:
    make_version_1(database_url)
    with connected(database_url) as db:  # its name is wanted by the last command of step 2
        db.exec_driver_sql("CREATE INDEX ix_runs_owner ON runs (name)")
    before, shape = rows(database_url), columns(database_url)
    with pytest.raises(RunError, match=r"cannot be opened: .*ix_runs_owner.* already exists"):
        open_engine(database_url)
    assert (rows(database_url), columns(database_url)) == (before, shape)

    with connected(database_url) as db:
        db.exec_driver_sql("DROP INDEX ix_runs_owner")
    open_engine(database_url).dispose()
    assert differences(database_url) == []


def test_a_table_of_somebody_else_is_left_alone(database_url: str) -> None:
    with connected(database_url) as db:
        db.exec_driver_sql("CREATE TABLE runs (distance FLOAT)")
    before = columns_of_runs(database_url)
    with pytest.raises(RunError, match=r"cannot be opened: .*runs.* already exists"):
        open_engine(database_url)

    assert columns_of_runs(database_url) == before == ["distance"]


def columns_of_runs(url: str) -> list[str]:
    with connected(url) as db:
        return [column["name"] for column in sa.inspect(db).get_columns("runs")]


COMPETE = """
import logging, os, sys
import ann_core.runs.migrations.upgrade
from ann_core.runs.database import open_engine

class Told(logging.Handler):
    def emit(self, record):
        if record.getMessage().startswith("Running upgrade"):
            os.write(1, f"{os.getpid()} {record.getMessage()}\\n".encode())

log = logging.getLogger("alembic.runtime.migration")
log.setLevel("INFO")
log.addHandler(Told())
start, go = os.pipe()
workers = []
for _ in range(5):
    workers.append(os.fork())
    if not workers[-1]:
        os.close(go)
        os.read(start, 1)  # ends for all at the same moment, when the last writer is gone
        open_engine(sys.argv[1]).dispose()
        os._exit(0)
os.close(go)
sys.exit(any([os.waitpid(worker, 0)[1] for worker in workers]))
"""


@pytest.mark.parametrize("old", [False, True], ids=["empty", "version 1"])
def test_of_many_processes_that_open_it_at_once_one_does_the_work(
    database_url: str, old: bool
) -> None:
    if old:
        make_version_1(database_url)
    command = [sys.executable, "-c", COMPETE, database_url]
    printed = subprocess.check_output(command, cwd=ROOT, text=True, timeout=60).splitlines()

    assert len({line.split()[0] for line in printed}) == 1, "one process took all steps"
    assert len(printed) == (len(VERSIONS) - 1 if old else len(VERSIONS))
    assert differences(database_url) == []
    assert [run["losses"] for run in rows(database_url)["runs"]] == ([0, 0] if old else [])


def test_alembic_is_not_even_imported_where_nothing_is_to_be_done(database_url: str) -> None:
    code = "import sys; from ann_core.runs.database import open_engine; "
    code += "open_engine(sys.argv[1]).dispose(); print('alembic' in sys.modules)"
    command = [sys.executable, "-c", code, database_url]
    printed = [subprocess.check_output(command, cwd=ROOT, text=True).strip() for _ in range(2)]

    assert printed == ["True", "False"]


def test_what_belongs_to_a_run_goes_with_it(database_url: str) -> None:
    make_version_1(database_url)
    engine = open_engine(database_url)
    with engine.begin() as db:
        db.execute(sa.delete(runs).where(runs.c.id == "AAAAAAAAAAAAAAA1"))

    with engine.connect() as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(metrics)) == 0
        assert list(db.scalars(sa.select(events.c.run))) == ["AAAAAAAAAAAAAAA2"]
    engine.dispose()


def test_the_known_versions_are_those_that_there_are_steps_for() -> None:
    config = Config()
    config.set_main_option("script_location", "ann_core.runs:migrations")
    steps = ScriptDirectory.from_config(config).walk_revisions()

    assert tuple(step.revision for step in reversed(list(steps))) == VERSIONS
