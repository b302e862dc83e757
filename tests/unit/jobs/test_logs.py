"""Names of strangers forge no lines of a log, and a flood of records stays short."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from ann_core.jobs.logs import LineFormatter, RateLimit, keep_end, visible, without_folders

FORGED = "cat.png\n2026-11-26 10:00:00,000 forged\r\u2028\x1b[31mred\u202e"


@pytest.fixture
def log() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    logger, lines = logging.Logger("test"), io.StringIO()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(LineFormatter("%(asctime)s %(message)s"))
    logger.addHandler(handler)
    yield logger, lines
    handler.close()


def test_a_name_stays_in_its_line(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, lines = log
    logger.info("fingerprint %s of %s", "12ab", FORGED)
    assert len(lines.getvalue().splitlines()) == 1
    assert (
        r"of cat.png\n2026-11-26 10:00:00,000 forged\r\u2028\x1b[31mred\u202e" in lines.getvalue()
    )


def test_lines_of_a_traceback_do_not_begin_at_the_margin(
    log: tuple[logging.Logger, io.StringIO],
) -> None:
    logger, lines = log
    try:
        raise ValueError(FORGED)
    except ValueError:
        logger.exception("it failed")
    first, *others = lines.getvalue().splitlines()
    assert first.endswith("it failed")
    assert len(others) > 2
    assert all(line.startswith("    ") for line in others)
    assert "\x1b" not in lines.getvalue()


def test_ordinary_text_is_left_alone() -> None:
    assert visible("Büro\t猫 (1).png") == "Büro\t猫 (1).png"


def test_a_flood_is_counted_not_written(
    log: tuple[logging.Logger, io.StringIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    logger, lines = log
    logger.addFilter(RateLimit(5))
    now = [60.0]
    monkeypatch.setattr("ann_core.jobs.logs.time.monotonic", lambda: now[0])
    for number in range(100):
        logger.error("number %d", number)
    now[0] = 130.0
    logger.error("a minute later")
    written = lines.getvalue().splitlines()
    assert len(written) == 6
    assert written[-1].endswith("(95 more were not written) a minute later")


def test_a_log_keeps_its_end_in_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "worker.log"
    keep_end(path, 100)
    path.write_text("".join(f"line {number}\n" for number in range(1_000)))
    keep_end(path, 100)
    lines = path.read_text().splitlines()
    assert path.stat().st_size <= 100
    assert lines == [f"line {number}" for number in range(1_000 - len(lines), 1_000)]


def test_folders_of_the_host_are_left_out() -> None:
    text = 'File "/srv/app/ann_core/jobs/x.py", no file /var/data/runs/1 in /var/data'
    shown = without_folders(text, [Path("/srv/app"), Path("/var/data"), Path("/var"), Path("/")])
    assert shown == 'File "ann_core/jobs/x.py", no file runs/1 in …'
