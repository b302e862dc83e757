"""The services of a web process: opened once, and given back at its end."""

from __future__ import annotations

import sys
import threading
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
    monkeypatch.setattr(services, "_started", False)
    interval = sys.getswitchinterval()
    try:
        services.start()
        assert len(dispatchers()) == 1
    finally:
        services.close()
        sys.setswitchinterval(interval)
    assert dispatchers() == []
    assert open_files(data_dir) == []


def dispatchers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == THREAD]
