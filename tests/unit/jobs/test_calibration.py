"""A computer is timed once, after a training of a server, while nobody trains."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import IO

import pytest

from ann_core.jobs import calibration
from ann_core.jobs.calibration import MODULE, calibrate, read_calibration
from ann_core.jobs.engine import LocalEngine, Process
from ann_core.settings import Settings
from ann_core.training.network_config import NetworkConfig
from ann_core.training.time_estimate import TYPICAL, Calibration

TINY = NetworkConfig(hidden_units=(4,), batch_size=8, epochs=1000)


class Ending:
    """A worker that ends when the test says so."""

    pid = os.getpid()
    returncode: int | None = None

    def poll(self) -> int | None:
        return self.returncode


class EndingEngine(LocalEngine):
    """Starts no process, and remembers which it would have started."""

    def __init__(self, settings: Settings, *, keeps_warm: bool) -> None:
        super().__init__(settings, keeps_warm=keeps_warm)
        self.started: list[tuple[str, Ending]] = []

    def _start(self, command: list[str], log: IO[bytes]) -> Process:
        self.started.append((command[command.index("-m") + 1], Ending()))
        return self.started[-1][1]

    def train(self, run_id: str) -> list[str]:
        """Begin and end a training; return what was started, the worker left out."""
        n_before = len(self.started)
        self.launch(run_id, 1)
        self.started[-1][1].returncode = 0
        assert [ended.run_id for ended in self.poll()] == [run_id]
        return [module for module, _ in self.started[n_before + 1 :]]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, database_url="", warm_worker="off")


def test_a_server_times_its_computer_once(settings: Settings) -> None:
    engine = EndingEngine(settings, keeps_warm=True)
    assert engine.poll() == []
    assert engine.started == [], "not before the first training"
    assert engine.train("A" * 16) == [MODULE]
    engine.started[-1][1].returncode = 1
    assert engine.train("B" * 16) == [MODULE], "it did not come to an end"
    engine.started[-1][1].returncode = 0
    keep(settings, computer=calibration._computer(settings))
    assert engine.train("C" * 16) == []


def test_a_command_times_nothing(settings: Settings) -> None:
    assert EndingEngine(settings, keeps_warm=False).train("A" * 16) == []


def test_what_was_measured_elsewhere_or_cannot_be_read_does_not_count(settings: Settings) -> None:
    assert read_calibration(settings) is None
    here = calibration._computer(settings)
    keep(settings, computer=here)
    assert read_calibration(settings) == Calibration(TYPICAL, 5.0)
    for wrong in (
        {"computer": [*here[:-1], -1]},
        {"prices": [1.0]},
        {"prices": None},
        {"since": ""},
    ):
        keep(settings, **({"computer": here} | wrong))
        assert read_calibration(settings) is None
    (settings.data_dir / "calibration.json").write_text("{")
    assert read_calibration(settings) is None


def test_timed_batches_become_prices(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    half = TINY.model_copy(update={"precision": "bfloat16"})  # left out where there is no unit
    monkeypatch.setattr(calibration, "_CASES", ((TINY, 8, 80), (half, 8, 80)))
    measured = calibrate(settings)
    assert read_calibration(settings) == measured
    assert all(price > 0 for price in measured.prices)
    assert measured.prices[2:] == pytest.approx(TYPICAL[2:], rel=0.5), "it had hardly a product"


def test_precisions_are_timed_apart() -> None:
    timed = {case[0].precision for case in calibration._CASES}
    assert timed == {"float32", "bfloat16"}, "none is left to what the processor would choose"


def keep(settings: Settings, **values: object) -> None:
    stored = {"prices": TYPICAL, "since": 5.0} | values
    (settings.data_dir / "calibration.json").write_text(json.dumps(stored))
