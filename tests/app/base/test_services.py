"""The services of a web process: opened once, and given back at its end."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.open_files import open_files
from ui.base import services

THREAD = "pump"


def test_each_is_opened_once_and_closed_at_the_end(data_dir: Path) -> None:
    registry = services.registry()
    assert services.registry() is registry
    assert registry.recent() == []
    assert "registry.db" in open_files(data_dir)
    services.close()
    assert open_files(data_dir) == []
    services.close()  # a server that opened nothing has nothing to close
    assert services.registry() is not registry, "and it may be opened again"


def test_the_dispatcher_ends_before_its_registry(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with started(monkeypatch):
        assert len(dispatchers()) == 1
    assert dispatchers() == []
    assert open_files(data_dir) == []


def test_the_example_networks_are_whole_before_the_registry_closes(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANN_EXAMPLES", "1")
    with started(monkeypatch):
        pass
    assert open_files(data_dir) == []
    assert (data_dir / "examples.json").exists()


def test_no_other_account_reads_what_a_host_keeps(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANN_PROFILE", "hosted")
    data_dir.chmod(0o755)
    before = os.umask(0o022)
    try:
        with started(monkeypatch):
            modes = {path.name: path.stat().st_mode & 0o077 for path in data_dir.rglob("*")}
            (data_dir / "later").write_text("")
    finally:
        os.umask(before)
    assert "registry.db" in modes
    assert not any(modes.values())
    assert data_dir.stat().st_mode & 0o777 == 0o700
    assert (data_dir / "later").stat().st_mode & 0o777 == 0o600


def test_tracebacks_of_strange_messages_do_not_fill_the_log(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logger = logging.getLogger("streamlit.error_util")
    monkeypatch.setattr(logger, "filters", [])  # other tests may have used up this minute
    with started(monkeypatch):
        n_written = sum(
            logger.filter(logger.makeRecord("", logging.ERROR, "", 0, "no", (), None)) is not False
            for _ in range(1_000)
        )
    assert 0 < n_written <= 2 * services.TRACEBACKS_A_MINUTE  # where a minute begins meanwhile


@contextlib.contextmanager
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The services of a server that begins and ends here."""
    monkeypatch.setattr(services, "_started", False)
    interval = sys.getswitchinterval()
    try:
        services.start()
        yield
    finally:
        services.close()
        sys.setswitchinterval(interval)


def dispatchers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == THREAD]
