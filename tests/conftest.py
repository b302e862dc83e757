"""What holds for all tests."""

from __future__ import annotations

import gc


def pytest_collection_finish() -> None:
    """Spare the collector of garbage the thousands of tests: they stay to the end."""
    gc.collect()
    gc.freeze()
