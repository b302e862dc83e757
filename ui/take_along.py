"""Everything of a run that can be taken along, and a run that was brought from elsewhere."""

from __future__ import annotations

from ann_core.runs.run import Run


def take_along(run: Run) -> None:
    """Offer the files of a run."""


def offer_archive_import() -> None:
    """Offer to open a run that was taken along from another Flatland."""
