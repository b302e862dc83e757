"""A worker steps back: the web server answers first, and is the last to be ended."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

import psutil

NICENESS = 19
OOM_SCORE = 900  # of 1000: when memory ends, Linux takes the process with the highest


def lower_priority() -> None:
    """Lower the priority of this process, and offer it first when memory ends.

    On Linux it works in what others leave: a page that wants the processor gets it
    at once, which made the slowest moves of sliders an eighth quicker than the
    lowest niceness alone, at the same speed of training (benchmarks/latency.py).
    """
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    else:
        psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
    if sys.platform == "linux":
        with contextlib.suppress(OSError):  # a container may not allow either
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
        with contextlib.suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text(str(OOM_SCORE))
