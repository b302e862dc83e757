"""The command line as its users start it, and what came of its main way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from tests.helpers.warm_engine import share_warm_process

ROOT = Path(__file__).resolve().parents[2]


QUICK = ["--image-size", "8", "--hidden-units", "8", "--batch-size", "8", "--epochs", "40"]


LONG = ["--image-size", "8", "--hidden-units", "8", "--batch-size", "1", "--epochs", "1000"]


UNKNOWN = "AAAAAAAAAAAAAAAA"


class Output(NamedTuple):
    code: int
    out: str
    err: str


class CommandLine:
    """`python -m ann_core` over a data folder of its own."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.environment = os.environ | {"ANN_DATA_DIR": str(data_dir), "ANN_SLOTS": "1"}
        self.environment.pop("ANN_DATABASE_URL", None)

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command in a process group of its own, as a terminal does."""
        warm, descriptors = share_warm_process()
        return subprocess.Popen(
            [sys.executable, "-m", "ann_core", *arguments],
            cwd=ROOT,
            env=self.environment | warm,
            pass_fds=descriptors,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            # A shell that puts the tests in the background makes them deaf to Ctrl-C.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    def run(self, *arguments: str) -> Output:
        process = self.begin(*arguments)
        out, err = process.communicate(timeout=120)
        return Output(process.returncode, out, err)


@dataclass
class Session:
    """What came of the main way through the commands."""

    line: CommandLine
    imported: Output
    trained: Output
    stopped: Output
    heard: list[str]

    @property
    def run(self) -> dict[str, Any]:
        run: dict[str, Any] = json.loads(self.trained.out)
        return run

    @property
    def stopped_id(self) -> str:
        return self.heard[0].split()[1]


def assert_one_sentence(output: Output, *words: str) -> None:
    assert output.code == 1, output
    assert output.out == ""
    assert output.err.endswith(".\n"), output.err
    assert output.err.count("\n") == 1, output.err
    assert "Traceback" not in output.err
    for word in words:
        assert word in output.err
