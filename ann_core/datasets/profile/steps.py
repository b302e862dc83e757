"""The progress of several stages as one."""

from __future__ import annotations

from ann_core.files import ProgressCallback

STEPS = 1000  # of all stages together


def part(progress: ProgressCallback, start: int, stop: int) -> ProgressCallback:
    """Report a stage as the part from `start` to `stop` of all steps."""

    def report(done: int, total: int) -> None:
        progress(start + (stop - start) * done // max(total, 1), STEPS)

    return report
