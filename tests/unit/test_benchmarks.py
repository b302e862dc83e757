"""Benchmarks run each way in a process of its own, and hold the figures against the goals."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from benchmarks.data import BenchmarkData, write_zip
from benchmarks.features import seconds_for_features
from benchmarks.importing import seconds_to_import
from benchmarks.results import Outcome, disagreements, outcomes, read, stored, table, write
from benchmarks.timing import ROOT, Benchmark, Measured, Row, Way, run, take_turns

ROWS = (
    Row("twice as fast", "ours", ("slow", "slower"), at_least=2),
    Row("nearly as fast", "ours", ("fast",), at_most=1.5, inverse=True),
    Row("under a second", "ours", at_most=1),
)
BENCHMARK = Benchmark("example", "s", (), ROWS)


def figures(**medians: float) -> dict[str, Measured]:
    return {name: Measured([figure], [0.5]) for name, figure in medians.items()}


def test_each_way_is_run_in_turns_and_its_last_number_counts() -> None:
    lines: list[str] = []
    ways = (Way("ours", ("-c", "print('3 notes'); print('took 1.5e-1 s')")),)
    ways += (Way("memory", ("-c", "b = bytearray(10); print(2)"), timed="outside"),)
    measured = take_turns(ways, 2, say=lines.append)
    assert measured["ours"].figures == [0.15, 0.15]
    assert measured["ours"].notes == ["3 notes"]
    assert 0 < measured["memory"].median < 60
    assert [line.split(":")[1].strip() for line in lines] == ["ours", "memory"] * 2


def test_memory_counts_children_too() -> None:
    grown = "import time; held = b'1' * 80_000_000; time.sleep(0.6)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {grown!r}])"
    measured, _, _ = run(Way("ours", ("-c", f"{parent}\nprint(7)"), timed="both"))
    assert measured["ours"] == 7
    assert 80 < measured["ours, memory"] < 200


def test_a_way_that_fails_says_why() -> None:
    with pytest.raises(RuntimeError, match="no such pictures"):
        run(Way("ours", ("-c", "raise SystemExit('no such pictures')")))
    with pytest.raises(RuntimeError, match="expected a number on the last line, got 'done'"):
        run(Way("ours", ("-c", "print(1); print('done')")))


def test_figures_are_held_against_the_goals() -> None:
    first, second, third = outcomes(BENCHMARK, figures(ours=1.1, slow=3, slower=4, fast=0.5))
    assert (first.compared_with, first.met) == ("slow", True)
    assert first.measured == pytest.approx(3 / 1.1)
    assert (second.met, second.goal) == (False, "at most 1.5 times")
    assert second.measured == pytest.approx(2.2)
    assert (third.compared_with, third.measured, third.met) == ("", 1.1, False)
    assert table([second]).splitlines()[-1] == (
        "| nearly as fast | fast | at most 1.5 times | 2.20 times | **no** |"
    )


def test_rows_without_a_figure_are_left_out() -> None:
    assert [row.what for row in outcomes(BENCHMARK, figures(ours=1, slow=3))] == [
        "twice as fast",
        "under a second",
    ]


def test_results_are_written_added_to_and_compared(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    rows = write(BENCHMARK, figures(ours=1, slow=3), one, add=False)
    assert stored(one) == rows
    write(BENCHMARK, figures(ours=2, fast=2), one, add=True)
    ways = read(one / "example.json")["ways"]
    assert ways["ours"]["figures"] == [1, 2]
    assert ways["ours"]["spread"] == pytest.approx(0.667)
    assert ways["slow"]["figures"] == [3]
    write(BENCHMARK, figures(ours=1.5, slow=3.3, fast=2.5), other, add=False)
    assert disagreements(one, other) == ["nearly as fast: 0.750 and 0.600"]
    assert disagreements(one, one) == []


def test_results_do_not_name_the_computer(tmp_path: Path) -> None:
    import socket

    write(BENCHMARK, figures(ours=1), tmp_path, add=False)
    text = (tmp_path / "example.json").read_text()
    assert {"processor", "cores", "memory_gb"} <= json.loads(text)["machine"].keys()
    assert str(tmp_path) not in text and str(ROOT) not in text and socket.gethostname() not in text


def test_stored_results_can_be_read() -> None:
    assert all(isinstance(row, Outcome) for row in stored(ROOT / "benchmarks/results"))


def test_pictures_are_made_imported_and_turned_into_features(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ZIP", "FULLSIZE_ZIP"):
        monkeypatch.delenv(f"FLATLAND_BENCH_{name}", raising=False)
    data = BenchmarkData(tmp_path, n_images=40, n_full_size=24)
    assert len({path.read_bytes() for path in data.unpacked().rglob("*.jpg")}) == 40
    assert seconds_to_import(data.archive(), tmp_path, again=True) > 0
    assert seconds_for_features(data.full_size_data_dir()) > 0
    assert not list(tmp_path.glob("tmp*"))  # what was measured is gone


def test_a_zip_that_is_named_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_zip(tmp_path / "mine.zip", 4, (20, 10))
    with zipfile.ZipFile(tmp_path / "mine.zip") as archive:
        assert "PetImages/Dog/1.jpg" in archive.namelist()
    monkeypatch.setenv("FLATLAND_BENCH_ZIP", str(tmp_path / "mine.zip"))
    monkeypatch.setenv("FLATLAND_BENCH_FULLSIZE_ZIP", str(tmp_path / "mine.zip"))
    data = BenchmarkData(tmp_path / "made", n_full_size=6)
    assert data.archive() == tmp_path / "mine.zip"
    assert len(list(data.full_size().rglob("*.jpg"))) == 6
