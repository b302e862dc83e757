"""Lines of a log that say what happened: none is forged by a name, none floods the rest."""

from __future__ import annotations

import logging
import time
import unicodedata
from collections.abc import Iterable
from pathlib import Path

_CONTINUED = "\n    "


class LineFormatter(logging.Formatter):
    """Write a record as lines of its own: what a stranger named begins none.

    Control characters and separators of lines are shown by their escapes; the lines of a
    traceback are indented, so that only what we log begins at the margin, with a time.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Render one record."""
        message = visible(super().formatMessage(self._with_message(record)))
        if record.exc_info:
            lines = self.formatException(record.exc_info).split("\n")
            message += "".join(_CONTINUED + visible(line) for line in lines)
        return message

    def _with_message(self, record: logging.LogRecord) -> logging.LogRecord:
        record.message = record.getMessage()
        record.asctime = self.formatTime(record, self.datefmt)
        return record


class RateLimit(logging.Filter):
    """Let a number of records a minute pass, and say how many did not."""

    def __init__(self, a_minute: int) -> None:
        super().__init__()
        self._a_minute = a_minute
        self._minute = 0
        self._n_records = 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record is written."""
        minute = int(time.monotonic() // 60)
        if minute != self._minute:
            more = self._n_records - self._a_minute
            if more > 0:
                record.msg = f"({more:,} more were not written) {record.msg}"
            self._minute, self._n_records = minute, 0
        self._n_records += 1
        return self._n_records <= self._a_minute


def visible(text: str) -> str:
    r"""Show control characters by their escapes: ``"a\nb"`` is written with a backslash."""
    return "".join(
        each.encode("unicode_escape").decode() if _is_hidden(each) else each for each in text
    )


def keep_end(path: Path, n_bytes: int) -> None:
    """Cut the beginning of a log off if it is longer than `n_bytes`; nobody writes to it now."""
    try:
        if path.stat().st_size <= n_bytes:
            return
        with path.open("r+b") as file:
            file.seek(-n_bytes, 2)
            end = file.read()
            file.seek(0)
            file.write(end[end.find(b"\n") + 1 :])
            file.truncate()
    except FileNotFoundError:
        return


def without_folders(text: str, folders: Iterable[Path]) -> str:
    """Leave out where on a computer things lie: ``/srv/app/ann_core/x.py`` is ``ann_core/x.py``."""
    for folder in sorted({str(each) for each in folders}, key=len, reverse=True):
        if len(folder) > 1:
            text = text.replace(f"{folder}/", "").replace(folder, "…")
    return text


def _is_hidden(character: str) -> bool:
    # Tabs are harmless; directional marks would turn a line round.
    return character != "\t" and unicodedata.category(character) in {"Cc", "Cf", "Zl", "Zp", "Cs"}
