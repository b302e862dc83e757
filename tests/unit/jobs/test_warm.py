"""A process that workers are forked from: what it does, and what each of its faults does."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from ann_core import machine
from ann_core.jobs import warm
from ann_core.jobs.engine import LocalEngine
from ann_core.jobs.warm import ForkedWorker, WarmProcess
from ann_core.runs.attempts import Worker
from ann_core.settings import Settings
from tests.helpers.runs import wait_for
from tests.helpers.warm_engine import WorkerEngine

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux forks safely")

ROOT = Path(__file__).resolve().parents[3]
LIGHT = "tests.helpers.light_process"
"""A warm process that loads nothing: it starts at once."""

OWNER = """
import sys, time
from ann_core.jobs.warm import WarmProcess
from tests.unit.jobs.test_warm import ENVIRONMENT, LIGHT, SLEEP, ready
warm = ready(WarmProcess("on", ENVIRONMENT, LIGHT))
worker = warm.fork(SLEEP, ENVIRONMENT, open(sys.argv[1], "wb"))
print(warm.pid, worker.pid, flush=True)
time.sleep(600)
"""
ENVIRONMENT = dict(os.environ) | {"PYTHONPATH": str(ROOT)}


def command(code: str) -> list[str]:
    """Run a line of Python, as a module that is given it."""
    return [sys.executable, "-P", "-m", LIGHT, code]


SLEEP = command("import time; print('begun', flush=True); time.sleep(600)")


def ready(process: WarmProcess) -> WarmProcess:
    """Start it, as the dispatcher does, and wait until it has loaded."""
    process.expect()

    def look() -> bool:
        process.tick()
        return process.is_ready

    wait_for(look, 60, "a warm process")
    return process


@pytest.fixture(scope="module")
def light() -> Iterator[WarmProcess]:
    """A warm process without TensorFlow, for tests that let it live."""
    process = ready(WarmProcess("on", ENVIRONMENT, LIGHT))
    yield process
    process.close()


@pytest.fixture
def another() -> Iterator[WarmProcess]:
    """One that the test may end."""
    process = WarmProcess("auto", ENVIRONMENT, LIGHT)
    yield process
    process.close()


def fork(process: WarmProcess, code: list[str], log: Path) -> ForkedWorker:
    with log.open("ab") as output:
        worker = process.fork(code, ENVIRONMENT, output)
    assert worker is not None
    return worker


def ended(worker: ForkedWorker) -> int:
    wait_for(lambda: worker.poll() is not None, 60, "the end of the worker")
    assert worker.returncode is not None
    return worker.returncode


def alive(pid: int) -> bool:
    """Whether a process works, which its parent may not have buried yet."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False


def begun(log: Path) -> bool:
    return "begun" in log.read_text()


@pytest.mark.parametrize(
    ("code", "returncode"),
    [("", 0), ("raise SystemExit(5)", 5), ("1 / 0", 1), ("import os; os.abort()", -6)],
)
def test_it_tells_how_a_worker_ended(
    light: WarmProcess, tmp_path: Path, code: str, returncode: int
) -> None:
    worker = fork(light, command(code), tmp_path / "log")
    assert ended(worker) == returncode
    assert ("ZeroDivisionError" in (tmp_path / "log").read_text()) == (returncode == 1)


def test_a_worker_is_as_one_that_starts_by_itself(light: WarmProcess, tmp_path: Path) -> None:
    log = tmp_path / "log"
    code = "import os; print(os.getsid(0) == os.getpid(), sorted(os.environ), os.getcwd())"
    code += "; print(os.listdir('/proc/self/fd')); import sys; print(sys.stdin.read(), end='')"
    with log.open("wb") as output:
        worker = light.fork(command(code), {"ONLY": "this"}, output)
    assert worker is not None
    assert ended(worker) == 0
    first, files = log.read_text().splitlines()
    assert first == f"True ['ONLY'] {Path.cwd()}"
    assert len(files.split(",")) <= 6, "its own three, the list itself, and two of the signals"


def test_nobody_waits_for_a_worker_that_is_looked_at(light: WarmProcess, tmp_path: Path) -> None:
    worker = fork(light, SLEEP, tmp_path / "log")
    begin = time.monotonic()
    assert [worker.poll() for _ in range(4)] == [None] * 4
    assert time.monotonic() - begin < warm._REPLY_SECONDS
    os.kill(worker.pid, signal.SIGKILL)


def test_a_killed_worker_is_noticed_and_its_log_stays(light: WarmProcess, tmp_path: Path) -> None:
    log = tmp_path / "log"
    worker = fork(light, SLEEP, log)
    wait_for(lambda: begun(log), 60, "its beginning")
    assert worker.poll() is None
    os.kill(worker.pid, signal.SIGKILL)
    assert ended(worker) == -signal.SIGKILL


def test_workers_outlive_it_and_another_takes_its_place_when_it_is_killed_or_hangs(
    another: WarmProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "log"
    worker = fork(ready(another), SLEEP, log)
    wait_for(lambda: begun(log), 60, "its beginning")
    first = another.pid
    assert first
    os.kill(first, signal.SIGKILL)
    with (tmp_path / "other").open("wb") as output:
        wait_for(lambda: not alive(first), 60, "its end")
        assert another.fork(SLEEP, ENVIRONMENT, output) is None, "others start without it"
    assert worker.poll() is None, "it works on"
    os.kill(worker.pid, signal.SIGKILL)
    assert ended(worker) == -signal.SIGKILL

    another.tick()
    assert another.pid is None, "not at once: it may die again"
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 2 * warm.RETRY_SECONDS)
    another.expect()
    another.tick()
    monkeypatch.undo()
    second = ready(another).pid
    assert second not in (None, first)
    assert second
    monkeypatch.setattr(warm, "_REPLY_SECONDS", 0.2)
    os.kill(second, signal.SIGSTOP)
    with (tmp_path / "other").open("wb") as output:
        assert another.fork(SLEEP, ENVIRONMENT, output) is None
    assert not alive(second), "so that nothing starts twice"
    assert (tmp_path / "other").read_bytes() == b""


def test_one_that_nobody_waits_for_does_not_begin(light: WarmProcess, tmp_path: Path) -> None:
    """Whoever asks may be killed between the fork and the word that it shall begin."""
    log = tmp_path / "log"
    asking = f"import os; from pathlib import Path; Path({str(log)!r}).write_text('begun')"
    script = (
        "import json, os, socket, sys, time\n"
        "requests = socket.socket(fileno=int(sys.argv[1]))\n"
        "ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)\n"
        f"request = {{'command': {command(asking)!r}, 'environment': {{}}, 'folder': '/'}}\n"
        "files = [theirs.fileno(), 2]\n"
        "socket.send_fds(requests, [json.dumps(request).encode()], files)\n"
        "print(ours.recv(64).split()[1].decode())\n"
    )
    client = subprocess.run(
        [sys.executable, "-c", script, str(light.descriptor)],
        pass_fds=[light.descriptor],
        capture_output=True,
        text=True,
        check=True,
    )
    wait_for(lambda: not psutil.pid_exists(int(client.stdout)), 60, "its end")
    assert not log.exists()


def test_the_end_of_the_server_ends_it_and_no_worker(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, str(log)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout
        pid, worker = (int(word) for word in server.stdout.readline().split())
        wait_for(lambda: begun(log), 60, "its beginning")
        server.kill()
    wait_for(lambda: not psutil.pid_exists(pid), 60, "the end of the warm process")
    assert psutil.pid_exists(worker)
    os.kill(worker, signal.SIGKILL)


def test_a_worker_is_found_by_servers_that_did_not_start_it(
    light: WarmProcess, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    worker = fork(light, [*SLEEP, "ann_core.jobs.worker", "A" * 16, "3"], log)
    later = LocalEngine(Settings(data_dir=tmp_path, database_url=""))
    mine = Worker("A" * 16, 3, os.uname().nodename, None)
    assert later.works(mine) is not None
    assert later.works(mine._replace(attempt=4)) is None
    assert later.kill(mine)
    assert ended(worker) == -signal.SIGKILL


def test_it_starts_when_somebody_may_train_and_ends_when_nobody_does(
    another: WarmProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(free: int) -> bool:
        monkeypatch.setattr(machine, "memory_available", lambda: free)
        another.tick()
        return another.pid is not None

    assert not look(10**10), "nobody is expected"
    another.expect()
    assert not look(10**9), "there is too little memory"
    assert look(10**10)
    assert not look(10**8), "others need its memory"
    assert look(10**10)
    worker = fork(ready(another), SLEEP, tmp_path / "log")
    monkeypatch.setattr(warm, "IDLE_SECONDS", 0.0)
    assert look(10**8), "it stays as long as its workers"
    os.kill(worker.pid, signal.SIGKILL)
    ended(worker)
    assert not look(10**10), "it was idle"


@pytest.mark.parametrize("setting", ["off", "on", 10**6])
def test_without_it_workers_start_by_themselves(
    setting: str | int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANN_WARM_WORKER", str(setting))
    settings = Settings(data_dir=tmp_path, database_url="")
    assert settings.warm_worker == setting
    engine = LocalEngine(settings, keeps_warm=setting != "on")
    engine.expect()
    assert engine.poll() == []
    assert engine.warm.pid is None, "and a command that trains keeps none either"
    with (tmp_path / "log").open("wb") as output:
        assert engine.warm.fork(SLEEP, ENVIRONMENT, output) is None


def test_it_waits_for_a_training_that_started_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = WarmProcess("on", ENVIRONMENT, LIGHT)
    with (tmp_path / "log").open("wb") as output:
        assert process.fork(SLEEP, ENVIRONMENT, output) is None
    process.tick()
    assert process.pid is None, "both would load TensorFlow, and the training later"
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 60)
    process.tick()
    assert process.pid is not None
    process.close()


def test_the_one_of_the_tests_has_loaded_tensorflow_and_no_threads_of_it(tmp_path: Path) -> None:
    shared = WorkerEngine(Settings(data_dir=tmp_path, database_url="")).warm
    code = "import sys; print('tensorflow' in sys.modules, 'ann_core.runs.registry' in sys.modules)"
    code += "; import tensorflow as tf; tf.config.threading.set_intra_op_parallelism_threads(1)"
    worker = fork(shared, command(code), tmp_path / "log")
    assert ended(worker) == 0, "it could not set threads, had anything been computed"
    assert (tmp_path / "log").read_text().startswith("True True")
