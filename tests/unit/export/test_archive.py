"""A run as one file: whole again elsewhere, or refused with a sentence and nothing left."""

from __future__ import annotations

import io
import json
import secrets
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from ann_core.cli.app import app
from ann_core.datasets.standardizing import load_standardiser
from ann_core.errors import ArchiveError, LimitError, RunError, TargetError
from ann_core.evaluation.first_layer import load_first_layer, snapshots
from ann_core.evaluation.report import report
from ann_core.evaluation.run_inputs import load_run_inputs
from ann_core.evaluation.shift_result import ShiftTests, load_shift_tests
from ann_core.evaluation.stored_predictions import load_predictions, save_predictions
from ann_core.export.archive.archive import check_complete, write_archive
from ann_core.export.archive.import_run import import_archive
from ann_core.export.archive.packing import unpack
from ann_core.prediction.classifier import Classifier
from ann_core.runs.folder import RunFolder
from ann_core.runs.job_results import ArchiveImportResult
from ann_core.runs.job_types import ArchiveImportConfig, ArchiveImportJob
from ann_core.runs.registry import Registry
from ann_core.runs.run import Run
from ann_core.settings import Settings
from tests.helpers.exported_run import (
    OWNER,
    Trained,
    arrays_of,
    members_of,
    open_upload,
    repacked,
    stored,
    train,
)
from tests.helpers.hostile_archives import hostile_archives
from tests.helpers.runs import Workshop
from tests.helpers.uploads import store_zip

ALIKE = (
    *("config.json", "preprocessing.json", "class_names.json", "history.csv", "evaluation.json"),
    *("confusion_matrix.csv", "reach.json", "fingerprints.json", "answers.npz", "model.tflite"),
    "ood_rule.json",
)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return train(tmp_path_factory.mktemp("trained") / "data")


@pytest.fixture(scope="module")
def good(trained: Trained) -> bytes:
    return trained.packed()


@dataclass(frozen=True)
class Elsewhere:
    """Another installation, with nothing in it."""

    settings: Settings
    registry: Registry

    def bring(self, content: bytes) -> Run:
        """Upload an archive, and do what the worker does with it."""
        token = store_zip(io.BytesIO(content), self.settings.uploads_dir)
        key = secrets.token_hex(8)
        return self.registry.get(open_upload(token, self.settings, self.registry, key))

    def folder(self, run: Run) -> RunFolder:
        return RunFolder.of(self.settings.runs_dir, run.id)

    def files(self) -> list[str]:
        """All that lies in the folders of runs and uploads."""
        roots = (self.settings.runs_dir, self.settings.uploads_dir)
        return [str(path) for root in roots for path in root.rglob("*")]


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Elsewhere]:
    yield from _installation(tmp_path / "elsewhere")


def _installation(data_dir: Path) -> Iterator[Elsewhere]:
    settings = Settings(data_dir=data_dir, database_url="")
    registry = Registry(settings.registry_url)
    yield Elsewhere(settings, registry)
    registry.close()


@pytest.fixture(scope="module")
def hostile(good: bytes) -> dict[str, bytes]:
    return hostile_archives(good)


def test_a_run_is_the_same_elsewhere(trained: Trained, good: bytes, elsewhere: Elsewhere) -> None:
    imported = elsewhere.bring(good)
    here, there = trained.folder, elsewhere.folder(imported)
    assert imported.id != trained.run.id
    for name in ALIKE:
        assert (there.path / name).read_bytes() == (here.path / name).read_bytes(), name
    assert (imported.status, imported.config, imported.epoch) == ("done", trained.run.config, 3)
    expected, result = trained.run.learned.as_dict(), imported.learned.as_dict()
    assert {name: result[name] for name in expected} == expected
    before = Registry(trained.settings.registry_url)
    assert elsewhere.registry.metrics(imported.id) == before.metrics(trained.run.id)
    before.close()
    assert [path.name for path in elsewhere.settings.uploads_dir.iterdir()] == []
    figures = [
        report(load_predictions(folder.predictions, 2), tuple(folder.read_class_names()))
        for folder in (here, there)
    ]
    assert figures[0].splits == figures[1].splits
    assert figures[0].interval == figures[1].interval
    moved = [load_shift_tests(folder.shift_test) for folder in (here, there)]
    assert moved[0] is not None
    assert moved[1] == ShiftTests(test=moved[0].test)  # its validation images are not here


def test_a_convolution_answers_the_same_elsewhere(tmp_path: Path, elsewhere: Elsewhere) -> None:
    import keras

    trained = train(tmp_path / "trained", kind="convolution", hidden_units=(3, 4), epochs=1)
    members = members_of(trained.packed())
    imported = elsewhere.bring(repacked(members))
    rows = np.random.default_rng(0).integers(0, 256, (20, 64), dtype=np.uint8)
    here, there = (
        Classifier(folder).predict_features(rows)
        for folder in (trained.folder, elsewhere.folder(imported))
    )
    np.testing.assert_array_equal(there, here)
    expected = keras.models.load_model(trained.folder.keras_model).predict_on_batch(rows)
    np.testing.assert_allclose(there, expected, atol=1e-5)
    weights = {"first_layer/final.npz": members["answers.npz"]}
    with pytest.raises(ArchiveError, match="no weight for each pixel"):
        elsewhere.bring(repacked(members | weights))


def test_its_images_and_weights_come_along(
    trained: Trained, good: bytes, elsewhere: Elsewhere
) -> None:
    imported = elsewhere.bring(good)
    here, there = trained.folder, elsewhere.folder(imported)
    rows = load_predictions(there.predictions, 2).of("test").rows
    own = load_run_inputs(here, imported.config, trained.settings.features_dir)
    other = load_run_inputs(there, imported.config, elsewhere.settings.features_dir)
    assert own is not None
    assert other is not None
    assert np.array_equal(own.of(rows), other.of(rows))
    with pytest.raises(RunError, match="test split only"):
        other.of(np.array([0, 1, 2]))
    assert list(snapshots(there.first_layer)) == ["0", "1", "2", "final"]
    for name, path in snapshots(there.first_layer).items():
        mine = load_first_layer(snapshots(here.first_layer)[name], 64)
        assert np.array_equal(load_first_layer(path, 64).weights, mine.weights)
    scaling = load_standardiser(
        imported.config.fingerprint, imported.config.preprocess, trained.settings.features_dir
    )
    with np.load(there.scaling) as arrays:
        assert scaling is not None
        assert np.array_equal(arrays["mean"], scaling.mean)
        assert np.array_equal(arrays["std"], scaling.std)
    predicted = Classifier(there).predict_features(own.of(rows))
    assert (
        np.abs(predicted - load_predictions(here.predictions, 2).of("test").probabilities).max()
        < 1e-5
    )


def test_what_was_brought_can_be_taken_along_again(good: bytes, elsewhere: Elsewhere) -> None:
    imported = elsewhere.bring(good)
    again = io.BytesIO()
    write_archive(imported, elsewhere.settings, again)
    changes = {"run.json"}  # it was filed later
    first, second = members_of(good), members_of(again.getvalue())
    assert first.keys() == second.keys()
    assert {name for name in first if first[name] != second[name]} <= changes
    assert elsewhere.bring(again.getvalue()).result is not None


def test_it_is_no_pace_of_this_computer(good: bytes, elsewhere: Elsewhere) -> None:
    elsewhere.bring(good)
    assert elsewhere.registry.past_runs() == []


def test_a_worker_opens_it_for_its_owner(good: bytes, tmp_path: Path) -> None:
    workshop = Workshop(tmp_path / "data")
    try:
        token = store_zip(io.BytesIO(good), workshop.settings.uploads_dir)
        owner = "k" * 32
        job = workshop.registry.submit_data_job(
            ArchiveImportConfig(upload=token), submit_key="open", owner=owner
        )
        ended = workshop.wait_for_end(job)
        assert isinstance(ended, ArchiveImportJob)
        assert (ended.status, ended.error) == ("done", None)
        [run] = workshop.registry.recent(owner=owner)
        assert ended.result == ArchiveImportResult(run=run.id)
        bad = store_zip(io.BytesIO(good[:-1]), workshop.settings.uploads_dir)
        ended = workshop.wait_for_end(workshop.request(ArchiveImportConfig(upload=bad)))
        assert (ended.status, ended.error_kind) == ("failed", "data")
        assert "This is no saved network as Flatland writes them" in (ended.error or "")
        assert list(workshop.settings.uploads_dir.iterdir()) == []
    finally:
        workshop.close()


def test_the_same_key_files_one_run(good: bytes, elsewhere: Elsewhere, tmp_path: Path) -> None:
    archive = tmp_path / "run.zip"
    archive.write_bytes(good)
    runs = [
        import_archive(
            archive, elsewhere.settings, elsewhere.registry, owner=OWNER, submit_key="job:run"
        )
        for _ in range(2)
    ]
    assert runs[0] == runs[1]
    assert [run.id for run in elsewhere.registry.recent()] == [runs[0].id]
    assert [path.name for path in elsewhere.settings.runs_dir.iterdir()] == [runs[0].id]


def test_there_are_more_than_a_hundred_hostile_archives(hostile: dict[str, bytes]) -> None:
    assert len(hostile) > 100


def test_every_hostile_archive_is_refused_and_leaves_nothing(
    hostile: dict[str, bytes], elsewhere: Elsewhere, tmp_path: Path
) -> None:
    archive = tmp_path / "run.zip"
    settings, registry = elsewhere.settings, elsewhere.registry
    sentences = {}
    for name, content in hostile.items():
        archive.write_bytes(content)
        try:
            import_archive(archive, settings, registry, owner=OWNER, submit_key=name)
        except ArchiveError as error:
            sentences[name] = str(error)
        assert (elsewhere.files(), registry.recent()) == ([], []), name
    assert [name for name in hostile if name not in sentences] == []
    lying = {path.name for path in tmp_path.iterdir()}
    assert lying == {"run.zip", "elsewhere"}
    unclear = {n: s for n, s in sentences.items() if not s.startswith("This is no saved network")}
    assert unclear == {}
    # Each kind is found out by what is wrong with it, not by chance.
    assert "answers that stand beside it" in sentences["model of other weights"]
    assert "does what no network of Flatland does (LOG_SOFTMAX)" in sentences["model strange"]
    assert "no finite numbers" in sentences["answers NaN"]
    assert (
        "plain arrays" in sentences["answers pickled"]
        or "other numbers" in sentences["answers pickled"]
    )
    assert "claims another size" in sentences["shape 0"]
    assert "is packed" in sentences["pixels a bomb"]
    assert "is a link" in sentences["a link"]
    assert "belongs to no network" in sentences["with '../evil.json'"]
    assert "belongs to no network" in sentences["with 'model.keras'"]
    assert "run.json says what cannot be" in sentences["run with a tracking picture"]
    assert "answers that stand beside it" in sentences["last pixels white"]


@pytest.mark.parametrize("name", ["bit 7 ", "with '../evil.json'", "answers NaN", "model strange"])
def test_no_upload_is_left_of_what_was_refused(
    hostile: dict[str, bytes], elsewhere: Elsewhere, name: str
) -> None:
    content = next(content for case, content in hostile.items() if case.startswith(name))
    with pytest.raises(ArchiveError):
        elsewhere.bring(content)
    assert (elsewhere.files(), elsewhere.registry.recent()) == ([], [])


def test_the_limits_of_an_installation_hold(good: bytes, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data", database_url="", max_parameters=100)
    registry = Registry(settings.registry_url)
    archive = tmp_path / "run.zip"
    archive.write_bytes(good)
    with pytest.raises(LimitError, match="allows 100 parameters"):
        import_archive(archive, settings, registry, owner=OWNER, submit_key="key")
    assert list(settings.runs_dir.iterdir()) == []
    assert registry.recent() == []
    registry.close()


def test_answers_about_other_images_than_those_here(
    good: bytes, trained: Trained, tmp_path: Path
) -> None:
    """Where the data set is here too, pages lead from answers to its images."""
    members = members_of(good)
    predictions = arrays_of(members["answers.npz"])
    predictions["rows"][-1] += 1000
    archive = tmp_path / "run.zip"
    archive.write_bytes(repacked(members | {"answers.npz": stored(predictions)}))
    registry = Registry(trained.settings.registry_url)
    n_runs = len(registry.recent())
    with pytest.raises(ArchiveError, match="other pictures than its data set has"):
        import_archive(archive, trained.settings, registry, owner=OWNER, submit_key="key")
    assert len(registry.recent()) == n_runs
    registry.close()


def test_the_command_line_packs_and_opens(
    trained: Trained,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    archive, programs = tmp_path / "run.zip", tmp_path / "programs.zip"
    monkeypatch.setenv("ANN_DATA_DIR", str(trained.settings.data_dir))
    command_line("export", trained.run.id, "--to", str(archive))
    command_line("export", trained.run.id, "--to", str(programs), "--code", "--json")
    assert zipfile.is_zipfile(programs)
    for target in (tmp_path, tmp_path / "no" / "run.zip", tmp_path / "run.tar.gz"):
        with pytest.raises(TargetError, match=f"Expected .*'{target}'"):
            command_line("export", trained.run.id, "--to", str(target))
    monkeypatch.setenv("ANN_DATA_DIR", str(tmp_path / "elsewhere"))
    capsys.readouterr()
    command_line("open", str(archive), "--json")
    run_id = json.loads(capsys.readouterr().out)["run"]
    command_line("show", run_id, "--json")
    assert json.loads(capsys.readouterr().out)["status"] == "done"
    with pytest.raises(ArchiveError, match="but the code of one"):
        command_line("open", str(programs))
    with pytest.raises(
        ArchiveError, match=r"this is a saved network\. Open it on the Results page"
    ):
        command_line("import", str(archive))
    archive.write_bytes(archive.read_bytes()[:-1])
    with pytest.raises(ArchiveError, match="it is damaged"):
        command_line("open", str(archive))
    with pytest.raises(ArchiveError, match="there is no file"):
        command_line("open", str(tmp_path / "none.zip"))


@pytest.mark.parametrize("n_images", [3, 300])
def test_a_zip_file_of_pictures_is_no_run_and_told_from_one(tmp_path: Path, n_images: int) -> None:
    archive = tmp_path / "run.zip"
    with zipfile.ZipFile(archive, "w") as bundle:
        for number in range(n_images):
            bundle.writestr(f"pets/cat/{number}.jpg", b"meow")
    with pytest.raises(ArchiveError, match=r"pictures.* on the Explore page"):
        unpack(archive, tmp_path)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"Rar!\x1a\7\1\0", "a RAR archive"),
        (b"label,pixel\n1,2\n3,4\n", "a table as text"),
        (b"", "an empty file"),
    ],
)
def test_what_is_no_zip_file_is_named(tmp_path: Path, content: bytes, what: str) -> None:
    archive = tmp_path / "run.zip"
    archive.write_bytes(content)
    with pytest.raises(
        ArchiveError, match=f"no saved network but {what}.* Everything \\(.zip\\) on the Results"
    ):
        unpack(archive, tmp_path)


def command_line(*arguments: str) -> None:
    app(list(arguments), standalone_mode=False)


def test_a_run_without_its_parts_cannot_be_packed(trained: Trained, tmp_path: Path) -> None:
    settings = trained.settings.model_copy(update={"data_dir": tmp_path})
    with pytest.raises(RunError, match=r"config.json is not there.*train it again"):
        write_archive(trained.run, settings, io.BytesIO())


def test_means_of_features_that_were_made_anew_are_not_taken_for_those_of_the_run(
    trained: Trained, tmp_path: Path
) -> None:
    """An earlier version trained it when a training image could not be read for a moment."""
    shutil.copytree(trained.settings.data_dir, tmp_path / "data")
    settings = trained.settings.model_copy(update={"data_dir": tmp_path / "data"})
    folder = RunFolder.of(settings.runs_dir, trained.run.id)
    whole = load_predictions(folder.predictions, 2)
    few = whole.take(np.setdiff1d(np.arange(len(whole)), whole.of("train").rows[:1]))
    save_predictions(replace(few, feature_rows=np.arange(len(few))), folder.predictions)
    check_complete(trained.run, settings)
    with pytest.raises(RunError, match=r"the means that its pictures .* Train it again"):
        write_archive(trained.run, settings, io.BytesIO())
