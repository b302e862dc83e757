"""`session` (the main way, once) and `quick` (a command in this process)."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ann_core.cli import main
from tests.helpers.command_line import (
    LONG,
    QUICK,
    CommandLine,
    Output,
    Session,
)
from tests.helpers.runs import Workshop, write_images


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """Import images; train; train a second time behind the first, until Ctrl-C."""
    folder = tmp_path_factory.mktemp("cli")
    line = CommandLine(folder / "data")
    images = write_images(folder / "light and dark", n_images=60)
    (images / "dark" / "broken.png").write_text("no picture")
    imported = line.run("import", str(images), "--name", "toy", "--split", "article", "--json")
    assert imported.code == 0, imported.err
    first = line.begin(
        *("train", "toy", *QUICK, "--scaling", "standard", "--json", "--name", "[red] first")
    )
    assert first.stderr and first.stderr.readline().startswith("run ")
    second = line.begin("train", "toy", *LONG)
    assert second.stderr
    heard = []
    for text in second.stderr:
        heard.append(text)
        if text.startswith("epoch 2/"):
            os.killpg(second.pid, signal.SIGINT)  # what a terminal does
            break
    out, err = second.communicate(timeout=60)
    heard += err.splitlines(keepends=True)
    stopped = Output(second.returncode, out, "".join(heard))
    out, err = first.communicate(timeout=60)
    yield Session(line, imported, Output(first.returncode, out, err), stopped, heard)
    Workshop(line.data_dir).close()


@pytest.fixture
def quick(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Any:
    """Run a command within this process: `quick("runs", "--json")`."""
    monkeypatch.setenv("ANN_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("ANN_DATABASE_URL", raising=False)

    def run(*arguments: str, data_dir: Path | None = None) -> Output:
        if data_dir:
            monkeypatch.setenv("ANN_DATA_DIR", str(data_dir))
        monkeypatch.setattr(sys, "argv", ["ann_core", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            main()
        return Output(int(left.value.code or 0), *capsys.readouterr())

    return run
