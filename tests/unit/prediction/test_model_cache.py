"""Networks that stay open: as many as memory allows, and none that was replaced."""

from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest

from ann_core.errors import RunError
from ann_core.prediction.model_cache import ModelCache
from ann_core.runs.folder import RunFolder
from tests.helpers.untrained_run import SIDE, save_untrained_run

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    return save_untrained_run(tmp_path_factory.mktemp("run"))


@pytest.fixture
def copies(folder: RunFolder, tmp_path: Path) -> list[RunFolder]:
    return [
        RunFolder(Path(shutil.copytree(folder.path, tmp_path / f"run{number}")))
        for number in range(5)
    ]


def test_the_least_used_network_is_let_go_first(copies: list[RunFolder]) -> None:
    model_cache = ModelCache(max_open=3)
    first = model_cache.open(copies[0])
    model_cache.open(copies[1])
    model_cache.open(copies[2])
    assert model_cache.open(copies[0]) is first
    model_cache.open(copies[3])
    assert model_cache.opened == [copies[n].path for n in (2, 0, 3)], (
        "the second one was waiting longest"
    )
    assert model_cache.open(copies[0]) is first


def test_large_networks_make_room_for_each_other(copies: list[RunFolder]) -> None:
    size = copies[0].litert_model.stat().st_size
    model_cache = ModelCache(max_open=5, max_bytes=2 * size)
    for copy in copies:
        model_cache.open(copy)
    assert model_cache.opened == [copies[3].path, copies[4].path]
    smaller = ModelCache(max_bytes=1)
    smaller.open(copies[0])
    smaller.open(copies[1])
    assert smaller.opened == [copies[1].path], "the one that is asked stays, however large"


def test_a_model_that_was_replaced_is_opened_anew(copies: list[RunFolder]) -> None:
    model_cache = ModelCache()
    before = model_cache.open(copies[0])
    os.utime(copies[0].litert_model, ns=(1, 1))
    assert model_cache.open(copies[0]) is not before
    copies[0].litert_model.unlink()
    with pytest.raises(RunError, match="not trained yet"):
        model_cache.open(copies[0])


def test_a_large_question_has_the_memory_for_itself(copies: list[RunFolder]) -> None:
    model_cache = ModelCache()
    model_cache.open(copies[0])
    waited = threading.Event()

    def another() -> None:
        with model_cache.for_batch(copies[1]):
            waited.set()

    with model_cache.for_batch(copies[0]) as classifier:
        assert model_cache.opened == []
        assert classifier.predict_features(np.zeros((2, SIDE * SIDE * 3), np.uint8)).shape[0] == 2
        thread = threading.Thread(target=another)
        thread.start()
        assert not waited.wait(0.2)
    thread.join(10)
    assert waited.is_set()
