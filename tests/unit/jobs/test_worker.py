"""Dispatcher, engine and worker with real processes, real files and a real registry."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from PIL import Image
from pydantic import TypeAdapter

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.features import load_features
from ann_core.datasets.importing.importer import import_folder
from ann_core.errors import DatasetError, DiskFullError
from ann_core.evaluation.metrics import evaluate
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.jobs.failures import classify_failure
from ann_core.jobs.heartbeat import EXIT_NOT_MINE
from ann_core.jobs.priority import LARGE_PAGES
from ann_core.prediction.classifier import Classifier
from ann_core.runs.folder import RunFolder
from ann_core.runs.owners import OPERATOR
from ann_core.runs.result import Evaluation
from ann_core.runs.run import Run, RunConfig
from ann_core.training.loop import DivergedError, OtherFeaturesError
from ann_core.training.network_config import NetworkConfig
from ann_core.training.network_size import parameter_count
from tests.helpers.runs import (
    CLASSES,
    LONG,
    Workshop,
    make_dataset,
    run_config,
    small_disk,
    wait_for,
)

ROOT = Path(__file__).resolve().parents[3]
posix = pytest.mark.skipif(os.name != "posix", reason="asks the operating system in POSIX words")


@pytest.fixture
def workshop(tmp_path: Path) -> Iterator[Workshop]:
    workshop = Workshop(tmp_path / "data")
    yield workshop
    workshop.close()


@pytest.fixture
def real_workshop(tmp_path: Path) -> Iterator[Workshop]:
    """One whose workers load TensorFlow while the test looks."""
    workshop = Workshop(tmp_path / "data", real_start=True)
    yield workshop
    workshop.close()


@pytest.fixture
def long_run(workshop: Workshop, many_images: Path) -> RunConfig:
    """Settings of a run that goes on for minutes."""
    shutil.copytree(many_images, workshop.settings.data_dir, dirs_exist_ok=True)
    return run_config(Catalog(workshop.settings.datasets_dir).load("toy"), **LONG)


# One training from beginning to end


@dataclass
class Finished:
    """A run that is done, and what was seen while it worked."""

    workshop: Workshop
    run: Run
    seen: list[Run]
    command: list[str]
    session: int
    niceness: int
    oom_score: int | None
    tunables: str
    second_start: int

    @property
    def folder(self) -> RunFolder:
        return self.workshop.folder(self.run)


EPOCHS = 10


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Finished]:
    """Watch one training; try to start its attempt a second time."""
    workshop = Workshop(tmp_path_factory.mktemp("finished") / "data", real_start=True)
    config = run_config(
        make_dataset(workshop.settings.data_dir, n_images=60),
        **{"epochs": EPOCHS, "batch_size": 1, "dropout_rate": 0.1, "learning_rate": 0.001},
        hidden_units=(512, 512),  # slow enough to be seen at work
    )
    run = workshop.wait(workshop.start(config), lambda now: now.status == "running")
    (worker,) = workshop.workers(run)
    command, session, niceness = worker.cmdline(), os.getsid(worker.pid), worker.nice()
    score, tunables = oom_score(worker.pid), worker.environ()["GLIBC_TUNABLES"]
    second = subprocess.Popen(command, cwd=ROOT, env=worker.environ(), stderr=subprocess.DEVNULL)
    seen: list[Run] = []
    run = workshop.wait(run, lambda now: seen.append(now) or not now.live)
    ended = second.wait(60)
    yield Finished(workshop, run, seen, command, session, niceness, score, tunables, ended)
    workshop.close()


def oom_score(pid: int | str) -> int | None:
    """How soon the kernel ends this process when memory ends, where one can ask."""
    file = Path(f"/proc/{pid}/oom_score_adj")
    return int(file.read_text()) if file.exists() else None


def test_the_run_is_done_and_says_how_good_it_is(finished: Finished) -> None:
    run = finished.run
    assert (run.status, run.epoch, run.attempt, run.error) == ("done", EPOCHS, 1, None)
    assert run.learned.test.accuracy == 1.0, "dark and bright are told apart"
    assert run.learned.n_images == {"train": 96, "validation": 12, "test": 12}
    assert run.learned.n_parameters == parameter_count(run.config.network, 64, 2)
    assert run.learned.kept_epoch == run.learned.best_epoch
    assert 0 < run.learned.seconds < 120
    finished.workshop.wait_for_exit(run)
    assert finished.workshop.registry.get(run.id) == run, "the end of the process changes nothing"


def test_progress_was_visible_while_it_worked(finished: Finished) -> None:
    phases = [now.phase for now in finished.seen]
    working = [now for now in finished.seen if now.phase == "training"]

    assert {"loading TensorFlow", "training"} <= set(phases)
    assert finished.seen[-1].phase == ""
    assert any(0 < now.epoch < EPOCHS and 0 < now.batch <= now.n_batches == 96 for now in working)
    epochs = [now.epoch for now in finished.seen]
    assert epochs == sorted(epochs)
    assert len(set(epochs)) > 3
    assert all(now.status == "running" for now in finished.seen[:-1])


@posix
def test_the_worker_had_a_session_of_its_own_and_no_address_in_its_arguments(
    finished: Finished,
) -> None:
    assert finished.session == finished.run.pid
    assert finished.session != os.getsid(0)
    assert finished.niceness >= 10
    assert finished.tunables == LARGE_PAGES
    assert finished.command[-2:] == [finished.run.id, "1"]
    assert not any("sqlite" in argument for argument in finished.command)


@posix
def test_the_kernel_takes_the_worker_before_the_server(finished: Finished) -> None:
    own = oom_score("self")
    if own is None:
        pytest.skip("only Linux lets a process say how soon it may be ended")
    assert finished.oom_score is not None
    assert finished.oom_score >= own + 500


def test_a_second_start_of_the_same_attempt_is_refused(finished: Finished) -> None:
    assert finished.second_start == EXIT_NOT_MINE == 3


def test_the_folder_says_what_was_done(finished: Finished) -> None:
    folder, config = finished.folder, finished.run.config

    assert RunConfig.parse(json.loads(folder.config.read_text())) == config
    assert PreprocessConfig.parse(json.loads(folder.preprocessing.read_text())) == config.preprocess
    assert tuple(json.loads(folder.class_names.read_text())) == tuple(sorted(CLASSES))
    assert not list(folder.path.glob("tmp*")), "no half-finished file is left"


def test_the_history_has_a_line_for_each_epoch(finished: Finished) -> None:
    table = pd.read_csv(finished.folder.history)

    assert table["epoch"].tolist() == list(range(1, EPOCHS + 1))
    stored = finished.workshop.registry.metrics(finished.run.id)
    assert table.to_dict(orient="records") == [pytest.approx(e.as_dict()) for e in stored]
    assert table["loss"].iloc[-1] < table["loss"].iloc[0]


def test_the_evaluation_is_what_the_saved_model_does(finished: Finished) -> None:
    workshop, run = finished.workshop, finished.run
    dataset = Catalog(workshop.settings.datasets_dir).load("toy")
    data = load_features(dataset, run.config.preprocess, workshop.settings.features_dir)
    test = data.indices("test")
    stored = TypeAdapter(Evaluation).validate_json(finished.folder.evaluation.read_text())
    predictions = Classifier(finished.folder).predict_features(np.asarray(data.features[test]))
    actual = evaluate(predictions, data.labels[test], data.class_names)

    assert stored.as_dict() == run.learned.test.as_dict()
    assert (stored.confusion, stored.accuracy) == (actual.confusion, actual.accuracy)
    assert stored.loss == pytest.approx(actual.loss, abs=1e-5)
    table = pd.read_csv(finished.folder.confusion_matrix, index_col=0)
    assert table.index.name == "true"
    assert table.index.tolist() == table.columns.tolist() == list(dataset.class_names)
    assert np.array_equal(table.to_numpy(), stored.confusion)


def test_both_model_files_give_the_same_probabilities(finished: Finished) -> None:
    import keras

    images = np.random.default_rng(0).integers(0, 256, (50, 64), dtype=np.uint8)
    model = keras.models.load_model(finished.folder.keras_model)
    by_keras = model.predict(images, verbose=0)
    by_litert = Classifier(finished.folder).predict_features(images)

    assert by_litert == pytest.approx(by_keras, abs=1e-5)
    assert by_litert.sum(axis=1) == pytest.approx(np.ones(50), abs=1e-5)
    assert by_keras.std(axis=0).min() > 0.01, "or all answers are the same"


def test_the_log_is_short_and_readable(finished: Finished) -> None:
    log = finished.workshop.log(finished.run)

    for phase in ("reading the pictures", "loading TensorFlow", "training", "saving the model"):
        assert phase in log
    assert "Traceback" not in log
    assert "Warning" not in log
    assert "\r" not in log and "\b" not in log and "━" not in log, "no progress bar of Keras"
    assert len(log) < 4000


# Stopping


@posix
def test_a_training_outlives_its_parent_and_stops_in_the_middle_of_an_epoch(
    workshop: Workshop, long_run: RunConfig, tmp_path: Path
) -> None:
    # The parent's folder is no place to import from, and its address of the
    # registry counts from there.
    (tmp_path / "numpy.py").write_text("raise ImportError('not this one')")
    address = f"sqlite:///{(workshop.settings.data_dir / 'registry.db').relative_to(tmp_path)}"
    code = (
        "import sys, time; sys.path.pop(0); sys.path.append(sys.argv[1])\n"
        "from ann_core.jobs.dispatcher import Dispatcher\n"
        "from ann_core.runs.registry import Registry\n"
        "from ann_core.settings import get_settings\n"
        "settings = get_settings()\n"
        "Dispatcher.local(Registry(settings.registry_url), settings).tick()\n"
        "time.sleep(1000)\n"
    )
    environment = os.environ | {
        **{"ANN_DATA_DIR": str(workshop.settings.data_dir), "ANN_DATABASE_URL": address},
        **{"ANN_SLOTS": "1"},
    }
    run = workshop.submit(long_run)
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(ROOT)], cwd=tmp_path, env=environment
    )
    look = workshop.registry.get
    try:
        wait_for(lambda: look(run.id).status == "running", 60, "the start")
    finally:
        parent.kill()
        parent.wait()
    (worker,) = workshop.workers(run)
    now = wait_for(
        lambda: (now := look(run.id)).epoch >= 1 and 0 < now.batch < 300 and now, 90, "an epoch"
    )
    assert now.n_batches == 400

    workshop.registry.commands.stop(run.id, by=OPERATOR)
    wait_for(lambda: look(run.id).phase != "training", 10, "the end of training")
    worker.wait(60)
    run = look(run.id)
    assert run.status == "stopped", workshop.log(run)
    assert run.learned.kept_epoch == run.learned.best_epoch is not None
    assert run.epoch < 1000
    assert run.has_model
    assert not workshop.folder(run).checkpoints.exists()
    assert len(pd.read_csv(workshop.folder(run).history)) == run.epoch
    assert len(workshop.registry.metrics(run.id)) == run.epoch
    assert Classifier(workshop.folder(run)).predict_features(np.zeros((1, 64), np.uint8)).shape == (
        *(1, 2),
    )


def test_a_waiting_run_is_stopped_without_a_process(workshop: Workshop) -> None:
    run = workshop.submit(run_config(make_dataset(workshop.settings.data_dir)))
    workshop.registry.commands.stop(run.id, by=OPERATOR)
    workshop.dispatcher.tick()

    assert workshop.registry.get(run.id).status == "stopped"
    assert workshop.workers(run) == []
    assert not workshop.folder(run).path.exists()


def test_a_stop_while_images_are_prepared_leaves_nothing_behind(workshop: Workshop) -> None:
    images = workshop.settings.data_dir / "sources"
    for name in CLASSES:
        (images / name).mkdir(parents=True)
        for index in range(8):
            Image.new("L", (5000, 5000), 10 * index).save(
                images / name / f"{index}.png", compress_level=1
            )
    dataset = import_folder(images, "large", Catalog(workshop.settings.datasets_dir))
    run = workshop.start(run_config(dataset))
    workshop.wait_for_phase(run, "preparing the pictures")
    workshop.registry.commands.stop(run.id, by=OPERATOR)

    stopped = workshop.wait_for_end(run)
    assert (stopped.status, stopped.result, stopped.error) == ("stopped", None, None)
    assert not stopped.has_model
    workshop.wait_for_exit(run)
    assert list(workshop.settings.features_dir.iterdir()) == []


def test_a_stop_while_tensorflow_loads_ends_the_process_at_once(real_workshop: Workshop) -> None:
    run = real_workshop.start(run_config(make_dataset(real_workshop.settings.data_dir)))
    real_workshop.wait_for_phase(run, "loading TensorFlow")
    real_workshop.registry.commands.stop(run.id, by=OPERATOR)

    stopped = real_workshop.wait_for_end(run)
    assert (stopped.status, stopped.result, stopped.error) == ("stopped", None, None)
    real_workshop.wait_for_exit(run, 5)
    assert not real_workshop.folder(run).keras_model.exists()
    assert "training" not in real_workshop.log(run).replace("ann_core.training.loop", "")


# Faults


def test_a_worker_that_was_replaced_exits_and_writes_nothing(real_workshop: Workshop) -> None:
    run = real_workshop.start(run_config(make_dataset(real_workshop.settings.data_dir)))
    real_workshop.wait_for_phase(run, "loading TensorFlow")
    with real_workshop.registry.store.engine.begin() as db:
        db.execute(sa.text("UPDATE runs SET attempt = 2, phase = 'of the second attempt'"))
    before = real_workshop.registry.get(run.id)

    ended = wait_for(real_workshop.dispatcher.engine.poll, 5, "the end of the worker")
    why = "The training process ended unexpectedly (exit code 5); its log says more."
    assert ended == [(run.id, 1, why, "lost")]
    assert not real_workshop.registry.attempts.recover_lost(*ended[0][:3])
    assert real_workshop.registry.get(run.id) == before


def test_images_that_changed_since_filing_fail_the_run_before_training(
    workshop: Workshop,
) -> None:
    dataset = make_dataset(workshop.settings.data_dir)
    config = run_config(dataset)
    Catalog(workshop.settings.datasets_dir).delete("toy")
    changed = make_dataset(workshop.settings.data_dir / "again", "toy", n_images=21)
    changed.folder.rename(dataset.folder)

    failed = workshop.wait_for_end(workshop.start(config))
    assert (failed.status, failed.error_kind) == ("failed", "data")
    assert "The pictures of 'toy' have changed since this was filed" in (failed.error or "")
    assert "TensorFlow" not in workshop.log(failed)


def test_a_image_that_was_edited_since_its_import_fails_the_run_by_name(
    workshop: Workshop,
) -> None:
    dataset = make_dataset(workshop.settings.data_dir)
    content = dataset.path(5).read_bytes()
    dataset.path(5).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))

    failed = workshop.wait_for_end(workshop.start(run_config(dataset)))
    assert (failed.status, failed.error_kind) == ("failed", "data")
    assert f"'{dataset.images['source'].iat[5]}'" in (failed.error or "")
    assert "TensorFlow" not in workshop.log(failed)


def test_a_data_set_that_is_gone_fails_the_run_before_training(workshop: Workshop) -> None:
    config = run_config(make_dataset(workshop.settings.data_dir))
    Catalog(workshop.settings.datasets_dir).delete("toy")

    failed = workshop.wait_for_end(workshop.start(config))
    assert (failed.status, failed.error_kind) == ("failed", "data")
    assert "There is no data set 'toy'" in (failed.error or "")
    assert "TensorFlow" not in workshop.log(failed)


def test_a_bug_fails_the_run_and_is_told_in_the_log(workshop: Workshop) -> None:
    run = workshop.submit(run_config(make_dataset(workshop.settings.data_dir)))
    workshop.folder(run).config.mkdir(parents=True)  # nobody has thought of this
    workshop.dispatcher.tick()

    failed = workshop.wait_for_end(run)
    assert (failed.status, failed.error_kind) == ("failed", "bug")
    assert "Its log says more" in (failed.error or "")
    assert "Traceback" not in (failed.error or "")
    assert "Traceback" in workshop.log(failed)
    assert "IsADirectoryError" in workshop.log(failed)


def test_a_full_disk_fails_the_run_and_is_told(workshop: Workshop, tmp_path: Path) -> None:
    config = run_config(make_dataset(workshop.settings.data_dir))
    with small_disk(workshop.settings.runs_dir, "64k") as disk:
        (disk / "filler").write_bytes(bytes(64 * 1024))
        run = workshop.start(config)

        failed = workshop.wait(run, lambda now: not now.live)
        assert (failed.status, failed.error_kind) == ("failed", "disk")
        assert str(tmp_path) not in (failed.error or ""), "strangers may read it"
        workshop.wait_for_exit(run)
        assert "The disk is full" in (failed.error or "")
        assert "MB are enough. Then let the training continue." in (failed.error or "")
        assert [file.name for file in workshop.folder(run).path.iterdir()] == ["worker.log"]


def test_a_worker_that_cannot_start_fails_its_run_after_three_tries(workshop: Workshop) -> None:
    run = workshop.submit(run_config(make_dataset(workshop.settings.data_dir)))
    workshop.settings.runs_dir.write_text("not a folder")
    workshop.dispatcher.tick()

    failed = workshop.registry.get(run.id)
    assert (failed.status, failed.error_kind, failed.attempt) == ("failed", "lost", 3)
    assert "The training process could not start" in (failed.error or "")


def test_a_limit_is_checked_again_in_the_worker(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path / "data", max_epochs=2, max_nodes=7)
    run = workshop.start(run_config(make_dataset(workshop.settings.data_dir)))

    failed = workshop.wait_for_end(run)
    assert (failed.status, failed.error_kind) == ("failed", "limit")
    assert failed.error == (
        "This server allows 2 epochs, and this network has 3: choose fewer epochs. This server "
        "allows 7 neurons in hidden layers, and this network has 8: choose fewer neurons."
    )
    assert "TensorFlow" not in workshop.log(failed)
    workshop.close()


def test_a_run_is_stopped_after_its_time_and_keeps_what_it_learned(
    tmp_path: Path, many_images: Path
) -> None:
    workshop = Workshop(tmp_path / "data", max_run_seconds=1)
    shutil.copytree(many_images, workshop.settings.data_dir, dirs_exist_ok=True)
    dataset = Catalog(workshop.settings.datasets_dir).load("toy")
    run = workshop.start(run_config(dataset, **LONG))

    stopped = workshop.wait_for_end(run)
    assert stopped.status == "stopped"
    assert stopped.has_model
    assert 1 <= stopped.learned.seconds < 5
    assert "stopped after 1 seconds of training, the most" in stopped.learned.ended_by
    workshop.close()


@pytest.mark.parametrize(
    ("error", "kind", "word"),
    [
        (MemoryError(), "memory", "Lower the picture size"),
        (DiskFullError(Path("runs")), "disk", "Free some space"),
        (DatasetError("There is no data set 'toy'."), "data", "There is no data set"),
        (DivergedError(3, NetworkConfig(learning_rate=0.5)), "diverged", "lower the learning rate"),
        (OtherFeaturesError(), "data", "read as other pixels now"),
        (KeyError("features"), "bug", "KeyError"),
    ],
)
def test_each_kind_of_error_has_a_sentence(error: Exception, kind: str, word: str) -> None:
    actual, sentence = classify_failure(error, RunConfig(dataset="toy", fingerprint="0"))

    assert actual == kind
    assert word in sentence
    assert "\n" not in sentence


def test_a_memory_that_tensorflow_cannot_get_is_told_as_memory() -> None:
    import tensorflow as tf

    error = tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor")
    assert classify_failure(error, RunConfig(dataset="toy", fingerprint="0"))[0] == "memory"
