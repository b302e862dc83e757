"""What the first version left behind opens with everything in it, and shows the same figures."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import PIL
import pytest

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.features import find_table
from ann_core.datasets.integrity import check_unchanged
from ann_core.export.archive.archive import write_archive
from ann_core.export.archive.archive_format import CONFUSION
from ann_core.export.archive.import_run import import_archive
from ann_core.runs.folder import RunFolder
from ann_core.runs.owners import OPERATOR, NotYoursError, owner_digest
from ann_core.runs.registry import Registry
from ann_core.runs.run import Run
from ann_core.settings import Settings
from tests.helpers.runs import Workshop
from tests.helpers.version_1 import (
    ARCHIVE,
    KEY,
    OTHER_KEY,
    assert_near,
    digest,
    expected,
    folder_figures,
    load_dump,
    registry_figures,
    run_figures,
    unpack,
)

EXPECTED = expected()
NAMES: dict[str, str] = EXPECTED["names"]
RUNS: dict[str, dict[str, Any]] = {run["id"]: run for run in EXPECTED["registry"]["runs"]}

OLDER = {
    "0001": ("done", "linear", "stopped", "failed", "queued"),
    "0002": ("done", "stopped", "diverged", "paused", "interrupted", "queued"),
}
"""Runs in the registries of earlier revisions."""

LATER = {
    "0001": {"notes": "", "checkpoint": None, "losses": 0},
    "0002": {"notes": ""},
}
"""Columns that these did not have."""

WHOLE_EPOCHS = {"paused": 4, "interrupted": 8}
"""What the checkpoints hold."""

# A training that is repeated on another processor differs a little more with every step.
TRAINED_ANEW = 1e-4


@pytest.fixture(autouse=True)
def same_pillow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables are named after the Pillow that made them; a later one would make them anew."""
    monkeypatch.setattr(PIL, "__version__", EXPECTED["pillow"])


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A copy of the data folder."""
    return unpack(tmp_path / "data")


@contextmanager
def opened(url: str) -> Iterator[Registry]:
    registry = Registry(url)
    try:
        yield registry
    finally:
        registry.close()


@pytest.fixture
def registry(settings: Settings) -> Iterator[Registry]:
    """The registry in the copy."""
    with opened(settings.registry_url) as registry:
        yield registry


def plain(figures: Any) -> Any:
    return json.loads(json.dumps(figures))


def test_the_registry_of_the_folder_says_the_same(registry: Registry) -> None:
    assert_near(plain(registry_figures(registry)), EXPECTED["registry"])


def test_the_registry_in_postgresql_says_the_same(postgres_server: Any) -> None:
    with postgres_server.database() as url:
        load_dump("0003", url)
        with opened(url) as registry:
            assert_near(plain(registry_figures(registry)), EXPECTED["registry"])


@pytest.mark.parametrize("revision", sorted(OLDER))
def test_registries_of_earlier_revisions_keep_their_runs(database_url: str, revision: str) -> None:
    load_dump(revision, database_url)
    with opened(database_url) as registry:
        actual = {run.id: plain(run_figures(registry, run)) for run in registry.recent()}
        assert sorted(actual) == sorted(NAMES[name] for name in OLDER[revision])
        assert registry.data_jobs() == []
    for run_id, figures in actual.items():
        assert_near(figures, RUNS[run_id] | LATER[revision])


@pytest.mark.parametrize("part", ["dataset", "profile", "baselines", "models", "predictions"])
def test_the_files_say_the_same(settings: Settings, registry: Registry, part: str) -> None:
    actual = folder_figures(settings, registry)[part]
    assert actual, "there is something to compare"
    assert_near(actual, EXPECTED[part])


@pytest.mark.parametrize("name", ["done", "linear", "stopped"])
def test_the_keras_model_has_the_same_weights_and_predictions(
    settings: Settings, registry: Registry, name: str
) -> None:
    weights, probabilities = load_and_predict(registry.get(NAMES[name]), settings)
    assert digest(b"".join(weight.tobytes() for weight in weights)) == EXPECTED["weights"][name]
    assert_near(probabilities, EXPECTED["models"][NAMES[name]]["probabilities"])


def load_and_predict(run: Run, settings: Settings) -> tuple[list[np.ndarray], list[list[float]]]:
    """The weights of a saved model, and what it says about all images."""
    import keras

    folder, config = RunFolder.of(settings.runs_dir, run.id), run.config
    model = keras.models.load_model(folder.keras_model)
    table = find_table(config.fingerprint, config.preprocess, settings.features_dir)
    assert table is not None
    predicted = model.predict(np.asarray(table.features), verbose=0)
    return model.get_weights(), predicted.tolist()


def test_a_copy_of_the_images_counts_as_unchanged(settings: Settings) -> None:
    dataset = Catalog(settings.datasets_dir).load("sky")
    imported = datetime.fromisoformat(dataset.info.created).timestamp()
    assert dataset.path(0).stat().st_mtime > imported, "a copy is newer"
    check_unchanged(dataset)


def test_owners_manage_their_runs_and_no_others(registry: Registry) -> None:
    registry.commands.describe(NAMES["done"], by=KEY, name="mine")
    assert registry.get(NAMES["done"]).name == "mine"
    with pytest.raises(NotYoursError):
        registry.commands.describe(NAMES["done"], by=OTHER_KEY, name="not mine")
    with pytest.raises(NotYoursError):
        registry.commands.delete(NAMES["stopped"], by=KEY)  # it is the operator's
    registry.commands.delete(NAMES["stopped"], by=OPERATOR)
    assert NAMES["stopped"] not in [run.id for run in registry.recent()]


def test_the_archive_opens_elsewhere_with_the_same_figures(tmp_path: Path) -> None:
    trained = RUNS[NAMES["imported"]]["result"]["trained"]
    assert_is_the_imported_one(ARCHIVE, tmp_path / "elsewhere", trained)


@pytest.mark.parametrize("name", ["done", "imported"])
def test_a_run_can_be_packed_again(
    settings: Settings, registry: Registry, tmp_path: Path, name: str
) -> None:
    archive, run = tmp_path / "again.zip", registry.get(NAMES[name])
    with archive.open("w+b") as file:
        write_archive(run, settings, file)
    assert_is_the_imported_one(archive, tmp_path / "elsewhere", run.created.isoformat())


def assert_is_the_imported_one(archive: Path, data_dir: Path, trained: str) -> None:
    """Open an archive in an empty folder; compare with the run that the old code made of it."""
    settings = Settings(data_dir=data_dir, database_url="")
    with opened(settings.registry_url) as registry:
        owner = owner_digest(OTHER_KEY)
        run = import_archive(archive, settings, registry, owner=owner, submit_key="archive")
        actual = plain(run_figures(registry, run))
    imported = RUNS[NAMES["imported"]]
    result = imported["result"] | {"trained": trained}
    assert_near(actual, imported | {"id": run.id, "result": result})
    old = EXPECTED["models"][NAMES["imported"]]["files"]
    folder = RunFolder.of(settings.runs_dir, run.id)
    files = {name: (folder.path / name).read_bytes() for name in old}
    # Today it has a mark and quotes, for spreadsheets.
    files[CONFUSION] = pd.read_csv(folder.confusion_matrix, index_col=0).to_csv().encode()
    assert {name: digest(content) for name, content in files.items()} == old


def test_what_waits_is_next(registry: Registry) -> None:
    assert registry.attempts.claim(1) is None, "the interrupted one still has its slot"
    assert registry.attempts.claim(2) == (NAMES["queued"], 1)
    run = registry.attempts.start(NAMES["queued"], 1, pid=1)
    assert isinstance(run, Run)
    assert_near(plain(run.config.model_dump(mode="json")), RUNS[run.id]["config"])


def test_what_was_paused_or_lost_goes_on_to_the_same_end(tmp_path: Path) -> None:
    settings = unpack(tmp_path / "data")
    workshop = Workshop(settings.data_dir)
    try:
        workshop.registry.commands.stop(NAMES["queued"], by=KEY)
        workshop.registry.commands.resume(NAMES["paused"], by=KEY)
        for name, whole_epochs in WHOLE_EPOCHS.items():
            run = workshop.wait_for_end(workshop.registry.get(NAMES[name]))
            assert (run.status, run.error) == ("done", None), run.error
            assert_went_on(workshop, run, whole_epochs)
    finally:
        workshop.close()


def assert_went_on(workshop: Workshop, run: Run, whole_epochs: int) -> None:
    """Compare a run with the one of the same settings that nothing happened to."""
    assert run.attempt == 2
    actual = plain(run_figures(workshop.registry, run))
    history, before = actual["history"], RUNS[run.id]["history"][:whole_epochs]
    assert history[:whole_epochs] == before, "to the second: they were not trained again"
    other = RUNS[NAMES["done"]]
    untimed = [[{**epoch, "seconds": 0.0} for epoch in run["history"]] for run in (actual, other)]
    assert_near(*untimed, within=TRAINED_ANEW)
    for name in ("test", "accuracy", "best_epoch", "kept_epoch"):
        assert_near(actual["result"][name], other["result"][name], within=TRAINED_ANEW)
    _, probabilities = load_and_predict(run, workshop.settings)
    same = EXPECTED["models"][NAMES["done"]]["probabilities"]
    assert_near(probabilities, same, within=TRAINED_ANEW)
