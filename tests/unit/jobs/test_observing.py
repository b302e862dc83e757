"""What a worker writes down for those who watch: in time, and never at the training's cost."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ann_core.evaluation.epoch_look import load_epoch_look
from ann_core.evaluation.first_layer import NOW, load_first_layer, snapshots
from ann_core.evaluation.weight_histograms import load_weight_histograms
from ann_core.jobs.observing import MAX_UNITS, Observer
from ann_core.runs.folder import RunFolder
from ann_core.training.network import build
from ann_core.training.network_config import NetworkConfig
from tests.helpers.runs import toy_features

DATA = toy_features()


@pytest.fixture(scope="module")
def model() -> Any:
    return build(NetworkConfig(hidden_units=(40, 4)), DATA.n_features, 2)


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return RunFolder(tmp_path)


def test_after_an_epoch_there_is_something_to_see_and_in_the_end_what_stays(
    model: Any, folder: RunFolder
) -> None:
    observer = Observer(model, DATA, folder)
    observer.begin(0, fresh=True)
    observer.epoch_ended(1)
    assert load_epoch_look(folder.epoch_look, 2).epoch == 1
    layer = load_first_layer(folder.first_layer / f"{NOW}.npz", DATA.n_features)
    assert (len(layer.units), layer.n_units) == (MAX_UNITS, 40)
    drawn = layer.weights[-1] * layer.scales[-1]
    kernel = np.asarray(model.get_layer("hidden_1").kernel)[:, layer.units[-1]]
    np.testing.assert_allclose(drawn, kernel, atol=float(layer.scales[-1]))
    assert snapshots(folder.first_layer) == {}, "it is none of those that stay"
    observer.end()
    assert load_weight_histograms(folder.weight_histograms).epochs == [0, 1]
    assert not folder.epoch_look.exists()
    assert list(folder.first_layer.iterdir()) == []


def test_short_epochs_are_not_all_looked_at_but_all_counted(model: Any, folder: RunFolder) -> None:
    observer = Observer(model, DATA, folder)
    observer.begin(0, fresh=True)
    for epoch in range(1, 7):
        observer.epoch_ended(epoch)
    assert load_epoch_look(folder.epoch_look, 2).epoch == 2, "a hundredth of the time is over"
    observer.write()
    assert load_weight_histograms(folder.weight_histograms).epochs == [*range(7)]


def test_who_goes_on_keeps_what_was_counted_before(model: Any, folder: RunFolder) -> None:
    observer = Observer(model, DATA, folder)
    observer.begin(0, fresh=True)
    for epoch in (1, 2, 3):
        observer.epoch_ended(epoch)
    observer.write()
    second = Observer(model, DATA, folder)
    second.begin(1, fresh=False)  # from a checkpoint after the first epoch
    second.epoch_ended(2)
    second.end()
    assert load_weight_histograms(folder.weight_histograms).epochs == [0, 1, 2]
    folder.weight_histograms.write_bytes(b"PK")
    third = Observer(model, DATA, folder)
    third.begin(2, fresh=False)
    third.epoch_ended(3)
    third.end()
    assert load_weight_histograms(folder.weight_histograms).epochs == [3]


def test_what_cannot_be_written_stops_no_training(
    model: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    nowhere = tmp_path / "file"
    nowhere.write_text("no folder")
    observer = Observer(model, DATA, RunFolder(nowhere))
    with caplog.at_level(logging.WARNING, logger="ann_core.worker"):
        observer.begin(0, fresh=True)
        observer.epoch_ended(1)
        observer.write()
        observer.end()
    assert "could not be written" in caplog.text
