"""The warm process of the tests: ``python -m tests.helpers.warm_process``.

As that of the product, but that its workers keep the priority of the tests, so that a busy
computer does not starve them, and compute in one thread each, as several tests share the computer;
and it has loaded what any worker imports when it needs it.
"""

from __future__ import annotations

import os

from ann_core.jobs import priority, warm_process
from ann_core.training import loading

LOADED_LATE = (
    *("ann_core.datasets.profile.profile", "ann_core.evaluation.baseline_fitting"),
    *("ann_core.datasets.parquet", "ann_core.jobs.import_job", "sklearn.neighbors"),
)

if __name__ == "__main__":
    priority.lower_priority = lambda *_: None
    use_threads = loading.use_threads
    loading.use_threads = lambda _: use_threads(1)
    warm_process.main((*warm_process.LOADED, *LOADED_LATE))
    os._exit(0)
