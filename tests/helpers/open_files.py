"""What a process holds open, as the operating system sees it."""

from __future__ import annotations

from pathlib import Path

import psutil


def open_files(folder: Path) -> list[str]:
    """Names of the files under a folder that this process has open."""
    files = (Path(file.path) for file in psutil.Process().open_files())
    return sorted(file.name for file in files if file.is_relative_to(folder))
