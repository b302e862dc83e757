"""Workers that are not heard of: one that is starved goes on, one that hangs is ended first."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import psutil
import pytest

from ann_core.jobs.dispatcher import UNRESPONSIVE, Dispatcher
from ann_core.jobs.engine import LocalEngine
from ann_core.runs.attempts import Worker
from ann_core.runs.registry import Registry
from ann_core.settings import Settings
from tests.helpers.registry import events, expire, submit
from tests.helpers.runs import wait_for

STARVED = "while True: pass"  # it works, and has no moment to speak
HANGING = "import time; time.sleep(600)"

BY_ITSELF = """
import os
from ann_core.jobs.priority import lower_priority
lower_priority()
print(os.sched_getscheduler(0) == os.SCHED_BATCH, os.getpriority(os.PRIO_PROCESS, 0))
"""


class SilentEngine(LocalEngine):
    """Starts workers that do `code`, and never speak to the registry."""

    code = STARVED
    workers: list[subprocess.Popen[bytes]]

    def _start(self, command: list[str], log: IO[bytes]) -> subprocess.Popen[bytes]:
        worker = subprocess.Popen([sys.executable, "-S", "-c", self.code, *command[-3:]])
        self.workers.append(worker)
        return worker


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    with Registry(f"sqlite:///{tmp_path / 'registry.db'}") as registry:
        yield registry


@pytest.fixture
def dispatcher(registry: Registry, tmp_path: Path) -> Iterator[Dispatcher]:
    settings = Settings(data_dir=tmp_path, slots=1, database_url="")
    engine = SilentEngine(settings)
    engine.workers = []
    yield Dispatcher(registry, engine, settings)
    for worker in engine.workers:
        worker.kill()
        worker.wait()


@pytest.mark.parametrize("begun", [False, True])
def test_a_starved_worker_is_kept(registry: Registry, dispatcher: Dispatcher, begun: bool) -> None:
    run = submit(registry)
    dispatcher.tick()
    (worker,) = dispatcher.engine.workers
    if begun:  # else it has not even told its number
        registry.attempts.start(run.id, 1, pid=worker.pid)
    for _ in range(9):  # faster than a clock of the processor ticks
        expire(registry, run)
        dispatcher.tick()

        assert registry.attempts.silent() == [], "its lease is renewed"
        now = registry.get(run.id)
        assert (now.attempt, now.losses, now.live) == (1, 0, True)
    assert dispatcher.engine.workers == [worker]
    assert worker.poll() is None


def test_a_worker_that_hangs_is_gone_before_another_starts(
    registry: Registry, dispatcher: Dispatcher
) -> None:
    dispatcher.engine.code = HANGING
    run = submit(registry)
    dispatcher.tick()
    (old,) = dispatcher.engine.workers
    registry.attempts.start(run.id, 1, pid=old.pid)
    wait_for(lambda: psutil.Process(old.pid).status() == psutil.STATUS_SLEEPING, 60, "its sleep")
    expire(registry, run)
    dispatcher.tick()  # all leases may be over at once, if the clock has leapt: it is watched
    assert registry.get(run.id).attempt == 1
    expire(registry, run)
    dispatcher.tick()

    old, new = dispatcher.engine.workers
    assert old.poll() is not None
    assert new.poll() is None
    assert registry.get(run.id).attempt == 2
    assert events(registry, run) == ["queued", "claimed", "started", "lost", "claimed"]
    assert registry.events(run.id)[3].detail == UNRESPONSIVE, "memory was not the reason"


def test_only_the_process_of_this_attempt_on_this_computer_counts(
    registry: Registry, dispatcher: Dispatcher
) -> None:
    run = submit(registry)
    dispatcher.tick()
    (worker,) = dispatcher.engine.workers
    here = Worker(run.id, 1, socket.gethostname(), None)
    others = [
        here._replace(host="elsewhere"),
        here._replace(attempt=2),
        here._replace(run_id="A" * 16),
        here._replace(pid=os.getpid()),
    ]
    later = LocalEngine(dispatcher.settings)  # of a server that did not start it
    wait_for(lambda: later.works(here), 60, "its own name")
    assert later.works(here._replace(pid=worker.pid)) is not None
    for other in others:
        assert later.works(other) is None
        assert not later.kill(other)
    assert worker.poll() is None
    assert later.kill(here)
    assert worker.wait(10) == -9


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no batch class")
def test_a_worker_is_no_idle_process() -> None:
    """Beside busy processes in a container, the idle class would leave it nothing."""
    ended = subprocess.run(
        [sys.executable, "-c", BY_ITSELF], capture_output=True, text=True, check=True
    )
    assert ended.stdout.split() == ["True", "19"]
