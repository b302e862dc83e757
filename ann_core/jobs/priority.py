"""A worker steps back: the web server answers first, and is the last to be ended."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

import psutil

NICENESS = 19
LARGE_PAGES = "glibc.malloc.hugetlb=1"
"""For ``GLIBC_TUNABLES``: memory in pages of 2 MB, where Linux gives them to those who ask.

Adam walks over gigabytes a second, and in pages of 4 kB it waits for their addresses.
"""

OOM_SCORE = 900  # of 1000: when memory ends, Linux takes the process with the highest


def lower_priority(oom_score: int = OOM_SCORE) -> None:
    """Lower the priority of this process, and offer it first when memory ends.

    On Linux it is also scheduled as a batch process, which waits a little before it is given
    the processor back. Not as an idle one: where it shares a group with busy processes, as in
    a container, that would leave it 3 parts of 1,000, too little to load TensorFlow in minutes
    or to be heard of; the lowest niceness leaves it 15.
    """
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    else:
        psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
    if sys.platform == "linux":
        with contextlib.suppress(OSError):  # a container may not allow either
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
        with contextlib.suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text(str(oom_score))
