"""The networks that come with Flatland: who has trained nothing yet has something to look at.

They are archives of runs like any other (``scripts/make_examples.py`` makes them), opened once
in an installation. Who deletes one is not given it again.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path

from ann_core.errors import FlatlandError
from ann_core.export.archive.import_run import import_archive
from ann_core.files import locked, write_text
from ann_core.runs.owners import EXAMPLE_OWNER
from ann_core.runs.registry import Registry
from ann_core.settings import Settings

FOLDER = Path(__file__).with_name("examples")

log = logging.getLogger(__name__)


def install_examples(registry: Registry, settings: Settings) -> None:
    """Open the archives that were not opened here yet; whatever hinders it is only logged.

    Parameters
    ----------
    registry : Registry
    settings : Settings
        With ``ANN_EXAMPLES=0``, nothing is done.
    """
    if not settings.examples:
        return
    try:
        with locked(settings.data_dir):
            _install(registry, settings)
    except (FlatlandError, OSError) as error:
        log.warning("the examples could not be opened: %s", error)


def _install(registry: Registry, settings: Settings) -> None:
    record = settings.data_dir / "examples.json"
    opened = _read(record)
    for archive in sorted(FOLDER.glob("*.zip")):
        if archive.stem not in opened:
            key = f"example:{archive.stem}"
            import_archive(archive, settings, registry, owner=EXAMPLE_OWNER, submit_key=key)
            opened.append(archive.stem)
            write_text(record, json.dumps(opened) + "\n")


def _read(record: Path) -> list[str]:
    """Read which examples were opened; none where the list is not there or damaged."""
    try:
        opened = json.loads(record.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return [str(name) for name in opened] if isinstance(opened, list) else []
