"""The results of one run."""

from __future__ import annotations

from ann_core.runs.run import Run


def show_results(run: Run) -> None:
    """Show what one network learned."""
