"""Databases are opened alike, tell the time alike, and fail in words."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
import sqlalchemy as sa

from ann_core.errors import RunError
from ann_core.runs.database import now, open_engine
from ann_core.runs.schema import events, runs
from tests.helpers.databases import PostgresServer

OPEN_FILES = Path("/proc/self/fd")
RUN = {"id": "AAAAAAAAAAAAAAAA", "config": {}, "status": "queued", "created": 0.0}


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


def read(engine: sa.Engine, statement: str) -> object:
    with engine.connect() as db:
        return db.scalar(sa.text(statement))


def test_the_database_knows_the_time(engine: sa.Engine) -> None:
    with engine.connect() as db:
        before = time.time()
        moments = [db.scalar(sa.select(now(engine))) for _ in range(2) if not time.sleep(0.01)]
        after = time.time()

    assert [type(moment) for moment in moments] == [float, float]
    # SQLite counts milliseconds.
    assert before - 0.001 <= moments[0] < moments[1] <= after + 0.001, "even within one transaction"


def test_a_time_that_the_database_writes_can_be_compared_with_it(engine: sa.Engine) -> None:
    with engine.begin() as db:
        lease = {"submit_key": "key", "lease": now(engine) + 30.0}
        db.execute(sa.insert(runs).values(**RUN, **lease))
        left = db.scalar(sa.select(runs.c.lease - now(engine)))
        expired = db.scalars(sa.select(runs.c.id).where(runs.c.lease < now(engine))).all()

    assert left is not None and 29 < left <= 30
    assert expired == []


def test_of_eight_rows_with_one_key_one_is_filed(engine: sa.Engine) -> None:
    together = Barrier(8)

    def file(number: int) -> str:
        run = RUN | {"id": f"AAAAAAAAAAAAAAA{number}", "submit_key": "key"}
        together.wait()
        try:
            with engine.begin() as db:
                db.execute(sa.insert(runs).values(**run))
                note = {"run": run["id"], "at": 0.0, "attempt": 0, "what": "queued"}
                db.execute(sa.insert(events).values(**note))
        except sa.exc.IntegrityError:
            with engine.connect() as db:
                return db.scalars(sa.select(runs.c.id)).one()
        return str(run["id"])

    with ThreadPoolExecutor(8) as pool:
        filed = set(pool.map(file, range(8)))

    assert len(filed) == 1
    with engine.connect() as db:
        assert set(db.scalars(sa.select(events.c.run))) == filed


def test_sqlite_keeps_readers_and_keys_in_order(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'registry.db'}")
    names = ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")

    assert [read(engine, f"PRAGMA {name}") for name in names] == ["wal", 1, 1, 15000]
    engine.dispose()


@pytest.mark.parametrize("name", ["a b", "a?mode=ro", "a#b", "100%", "a%20b", "%s", "Bücher & @:"])
def test_a_folder_may_have_any_name(tmp_path: Path, name: str) -> None:
    file = tmp_path / name / "registry.db"
    url = sa.URL.create("sqlite", database=str(file)).render_as_string(hide_password=False)
    for _ in range(2):
        open_engine(url).dispose()

    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert file.is_file()


def test_a_restarted_server_is_found_again(postgres_server: PostgresServer) -> None:
    with postgres_server.database() as url:
        engine = open_engine(url)
        before = read(engine, "SELECT pg_backend_pid()")
        postgres_server.hang_up()

        assert read(engine, "SELECT pg_backend_pid()") != before
        engine.dispose()


def test_a_server_that_is_stricter_by_default_is_asked_for_less(
    postgres_server: PostgresServer,
) -> None:
    with postgres_server.database() as url:
        name = sa.make_url(url).database
        strict = "SET default_transaction_isolation = 'serializable'"
        postgres_server.execute(f"ALTER DATABASE {name} {strict}")
        engine = open_engine(url)

        assert read(engine, "SHOW default_transaction_isolation") == "serializable"
        assert read(engine, "SHOW transaction_isolation") == "read committed"
        engine.dispose()


@pytest.mark.skipif(not OPEN_FILES.is_dir(), reason="needs Linux' list of open files")
def test_a_worker_inherits_no_connection(database_url: str) -> None:
    before = open_files()
    engine = open_engine(database_url)
    with engine.connect():
        ours = open_files() - before
        # Without close_fds, which would hide what a driver lets through.
        list_files = ["ls", "-l", OPEN_FILES]
        moments = subprocess.run(list_files, close_fds=False, stdout=subprocess.PIPE, text=True)
    engine.dispose()

    assert any("registry.db" in file or "socket:" in file for file in ours)
    assert [file for file in ours if file in moments.stdout] == []


def open_files() -> set[str]:
    links = (file for file in OPEN_FILES.iterdir() if file.is_symlink())
    return {str(file.readlink()) for file in links} - {str(OPEN_FILES.resolve())}


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ann:secret@127.0.0.1:1/runs",
        "postgresql://ann@127.0.0.1:1/runs?password=secret",
        "postgresql://ann:top@secret@127.0.0.1:1/runs",
        "postgresql://ann:a@b:secret@127.0.0.1/runs",
        "postgresql://ann:secret@127.0.0.1:port/runs",
        "postgresql://ann:secret@127.0.0.1:1/runs?unheard=of",
        "postgresql:/ann:secret@127.0.0.1/runs",
        "mongodb://ann:secret@127.0.0.1/runs",
    ],
)
def test_an_address_that_leads_nowhere_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(RunError, match="The run registry cannot be opened: ") as caught:
        open_engine(url)

    assert "ANN_DATABASE_URL" in str(caught.value)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)
