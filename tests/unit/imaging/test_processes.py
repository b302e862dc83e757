"""A function called in several processes: in order, and nobody stays behind."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil
import pytest

from ann_core.imaging.processes import call_in_order
from tests.helpers.child_functions import end_elsewhere, number_and_process

ROOT = Path(__file__).resolve().parents[3]


def test_results_come_in_order_from_several_processes_that_end_with_the_iterator() -> None:
    results = call_in_order(number_and_process, itertools.count(), n_processes=2)
    with contextlib.closing(results):
        seen: set[int] = set()
        for expected, (number, process) in enumerate(results):
            assert number == expected
            seen |= {process}
            if len(seen) == 3:  # this one, while the others were starting, and both of them
                break
    assert os.getpid() in seen
    assert [pid for pid in seen if psutil.pid_exists(pid)] == [os.getpid()]


@pytest.mark.parametrize(
    ("code", "error", "match"),
    [(-signal.SIGKILL, MemoryError, "was killed"), (3, RuntimeError, "code 3")],
)
def test_a_process_that_is_lost_is_an_error(code: int, error: type[Exception], match: str) -> None:
    orders = itertools.repeat((os.getpid(), code))
    with pytest.raises(error, match=match):
        list(call_in_order(end_elsewhere, orders, n_processes=2))


def test_a_process_that_is_killed_leaves_none_behind() -> None:
    script = """
        import itertools
        from ann_core.imaging.processes import call_in_order
        from tests.helpers.child_functions import number_and_process
        seen = set()
        for _, process in call_in_order(number_and_process, itertools.count(), n_processes=2):
            if process not in seen:
                print(process, flush=True)
            seen.add(process)
    """
    command = [sys.executable, "-c", textwrap.dedent(script)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        pids = [int(process.stdout.readline()) for _ in range(3)]
        process.kill()
    give_up = time.monotonic() + 30
    while any(map(psutil.pid_exists, pids)):
        assert time.monotonic() < give_up
        time.sleep(0.01)
