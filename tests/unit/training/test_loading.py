"""TensorFlow is loaded without what no training needs."""

from __future__ import annotations

import gc
import importlib
import sys

import pytest

from ann_core.training.loading import _hidden, _without_collecting


def test_a_hidden_package_looks_as_if_it_were_not_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    with _hidden("colorsys"), pytest.raises(ImportError):
        importlib.import_module("colorsys")
    assert importlib.import_module("colorsys").rgb_to_hsv


def test_one_that_is_loaded_already_stays() -> None:
    with _hidden("sys"):
        assert importlib.import_module("sys") is sys
    assert sys.modules["sys"] is sys


def test_garbage_is_collected_again_after_the_loading() -> None:
    assert gc.isenabled()
    n_before = gc.get_freeze_count()
    with _without_collecting():
        assert not gc.isenabled()
        kept = [[number] for number in range(1000)]
    assert gc.isenabled()
    assert gc.get_freeze_count() >= n_before + len(kept)
