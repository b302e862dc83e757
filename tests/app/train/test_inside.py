"""What a network in training makes of some pictures, on its panel."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ann_core.datasets.catalog import INFO_FILE
from ann_core.datasets.dataset import DatasetInfo
from ann_core.datasets.features import load_features
from ann_core.evaluation.epoch_look import EpochLook, save_epoch_look
from ann_core.evaluation.first_layer import NOW, first_layer, save_first_layer
from ann_core.runs.folder import RunFolder
from ann_core.runs.owners import owner_digest
from ann_core.runs.run import Run
from tests.helpers.app_text import captions, page_text
from tests.helpers.run_states import KEY, STRANGER, begin, submit_run, watch
from tests.helpers.small_run import CARTOONS
from ui.base import services


@pytest.fixture
def run(cartoons: DatasetInfo, data_dir: Path) -> Run:
    """A run whose worker has looked at the network after its second epoch."""
    run = begin(submit_run(cartoons), n_epochs=2)
    dataset = services.catalog().load(cartoons.name)
    preprocess = run.config.preprocess
    load_features(dataset, preprocess, data_dir / "features")
    rows = dataset.indices("validation")[:3]
    look = EpochLook(
        epoch=2,
        rows=rows,
        labels=np.array([0, 0, 1]),
        probabilities=np.array([[0.9, 0.1], [0.2, 0.8], [0.4, 0.6]], dtype=np.float32),
        silent=np.array([0.25], dtype=np.float32),
        n_checked=6,
    )
    folder = RunFolder.of(data_dir / "runs", run.id)
    folder.path.mkdir(parents=True)
    folder.write_config(run.config, cartoons.class_names)
    save_epoch_look(look, folder.epoch_look)
    weights = np.random.default_rng(0).normal(size=(preprocess.n_features, 8))
    save_first_layer(first_layer(weights, preprocess), folder.first_layer, NOW)
    return run


def sheets(key: str, run: Run) -> list[str]:
    page = watch(run, key) if key else watch(run)
    assert page_text(page) == []
    return [each.proto.body for each in page.get("html") if "<figure" in each.proto.body]


def test_the_panel_shows_pictures_with_answers_and_the_first_layer(
    run: Run, cartoons: DatasetInfo
) -> None:
    first, second = cartoons.class_names
    page = watch(run)
    assert "What it makes of these pictures after epoch 2" in [s.value for s in page.subheader]
    images, weights = sheets("", run)
    assert images.count("<img") == 3
    for caption in (f"✓ {first} 90%", f"✗ {second} 80%", f"✓ {second} 60%"):
        assert f">{caption}</figcaption>" in images
    assert f'alt="A picture of {first}, predicted {second}"' in images
    assert weights.count("<img") == 8
    assert "Neurons that answer 0 to all of 6 validation pictures: 2 of 8" in captions(page)


def test_a_host_shows_strangers_the_weights_and_no_pictures(
    run: Run, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    about = data_dir / "datasets" / CARTOONS / INFO_FILE
    owned = {"source": "zip file pets.zip", "owner": owner_digest(KEY)}
    about.write_text(json.dumps(json.loads(about.read_text()) | owned))
    monkeypatch.setenv("ANN_PROFILE", "hosted")
    services.settings.cache_clear()
    [weights] = sheets(STRANGER, run)
    assert "Weights of neuron" in weights


def test_a_damaged_or_missing_look_is_left_out(run: Run, data_dir: Path) -> None:
    path = RunFolder.of(data_dir / "runs", run.id).epoch_look
    path.write_bytes(b"PK")
    assert sheets("", run) == []
    path.unlink()
    assert sheets("", run) == []
