"""Runs beside each other."""

from __future__ import annotations


def show_comparison() -> None:
    """Show a table of runs, and what makes those that are chosen different."""
