"""A warm process that has loaded nothing, and what is forked from it: a line of Python.

``python -m tests.helpers.light_process`` serves; a process that it forks runs its first argument.
"""

from __future__ import annotations

import os
import sys

from ann_core.jobs import warm_process

if __name__ == "__main__":
    if sys.argv[1] == warm_process.TITLE_ROOM:
        warm_process.main(())
        os._exit(0)
    exec(sys.argv[1])
