"""Killed, paused, out of disk: the finished run is the one that ran through, to the bit."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

from ann_core.datasets.catalog import Catalog
from ann_core.runs.owners import OPERATOR
from ann_core.runs.run import Run, RunConfig
from ann_core.runs.schema import runs
from ann_core.training.precision import has_bfloat16_here
from tests.helpers.runs import Workshop, make_dataset, run_config, small_disk, wait_for

N_KILLS = 20
PAUSED_FIRST = (5, 13)  # kills that hit a training which has just been paused and continued
# Twenty kills need some seconds of learning. Small batches take them; each epoch would take as long
# again for what follows it. In float32 the step is compiled, and a batch takes a fraction.
EPOCHS, N_IMAGES = (10, 1000) if has_bfloat16_here() else (20, 2000)
# Everything that has a state of its own: Adam's moments, Dropout's random numbers, the
# averages of batch normalisation, a learning rate that falls, a best epoch.
NETWORK = {
    **{"hidden_units": (16, 8), "batch_size": 2, "epochs": EPOCHS, "learning_rate": 0.003},
    **{"dropout_rate": 0.2, "batch_normalization": True, "schedule": "cosine"},
    **{"early_stopping_patience": EPOCHS, "l2": 1e-4},
    "precision": "bfloat16" if has_bfloat16_here() else "float32",
}


@dataclass
class Outcome:
    """What a finished run left."""

    metrics: list[dict[str, float]]
    variables: list[np.ndarray]
    result: dict[str, Any]


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with images of two classes; copy it."""
    data_dir = tmp_path_factory.mktemp("pictures") / "data"
    make_dataset(data_dir, n_images=N_IMAGES // 2)
    return data_dir


def open_workshop(data_dir: Path, images: Path) -> Workshop:
    """A workshop that saves as often as saving may cost."""
    shutil.copytree(images, data_dir, dirs_exist_ok=True)
    return Workshop(data_dir, checkpoint_seconds=0)


def config_in(workshop: Workshop) -> RunConfig:
    return run_config(Catalog(workshop.settings.datasets_dir).load("toy"), **NETWORK)


@pytest.fixture
def workshop(tmp_path: Path, images: Path) -> Iterator[Workshop]:
    workshop = open_workshop(tmp_path / "data", images)
    yield workshop
    workshop.close()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, images: Path) -> Outcome:
    """The run that nothing happened to."""
    workshop = open_workshop(tmp_path_factory.mktemp("undisturbed") / "data", images)
    run = workshop.wait_for_end(workshop.start(config_in(workshop)))
    assert (run.status, run.attempt) == ("done", 1), run.error
    actual = outcome(workshop, run)
    workshop.close()
    return actual


def outcome(workshop: Workshop, run: Run) -> Outcome:
    import keras

    folder = workshop.folder(run)
    variables = [*keras.models.load_model(folder.keras_model).weights]
    files = (folder.predictions, folder.embeddings, folder.weight_histograms)
    for file in (*files, *sorted(folder.first_layer.iterdir())):
        with np.load(file, allow_pickle=False) as arrays:
            variables += [arrays[name] for name in sorted(arrays)]
    metrics = [epoch.as_dict() for epoch in workshop.registry.metrics(run.id)]
    for values in metrics:
        assert values.pop("seconds") > 0
    return Outcome(metrics, [np.asarray(variable) for variable in variables], run.learned)


def assert_same(workshop: Workshop, run: Run, expected: Outcome) -> None:
    assert (run.status, run.error) == ("done", None), run.error
    actual = outcome(workshop, run)
    assert [values["epoch"] for values in actual.metrics] == list(range(1, EPOCHS + 1))
    assert actual.metrics == expected.metrics
    assert len(actual.variables) == len(expected.variables) > 10
    for mine, other in zip(actual.variables, expected.variables, strict=True):
        assert mine.dtype == other.dtype
        assert mine.tobytes() == other.tobytes()
    assert actual.result.test == expected.result.test
    assert actual.result.kept_epoch == expected.result.kept_epoch
    table = pd.read_csv(workshop.folder(run).history)
    assert table["epoch"].tolist() == list(range(1, EPOCHS + 1))
    assert not workshop.folder(run).checkpoints.exists(), "removed when done"
    assert workshop.registry.get(run.id).checkpoint is None


def rested(workshop: Workshop, run: Run) -> Run | None:
    now = workshop.registry.get(run.id)
    return now if now.status == "paused" and not workshop.workers(run) else None


def moment_to_kill(workshop: Workshop, run: Run, kill: int, moments: random.Random) -> None:
    """Wait for a random moment of this attempt, the last one among those at the end.

    Three lost workers in a row without a new checkpoint end a run, so every second
    one gets that far.
    """
    if kill == N_KILLS - 1:
        workshop.wait_for_phase(run, "saving the model")
        time.sleep(moments.uniform(0, 0.2))
    elif kill % 2 == 0:  # while it reads, builds the network, or works
        time.sleep(moments.uniform(0, 1))
    else:
        begun = f"attempt{run.attempt}-"
        workshop.wait(run, lambda now: (now.checkpoint or "").startswith(begun))
        time.sleep(moments.uniform(0, 0.2))


def let_the_processor_choose(workshop: Workshop, run: Run) -> None:
    """Change a stored setting, which for a small network means float32 from now on."""
    other = run.config.network.model_copy(update={"precision": "auto"})
    config = run.config.model_copy(update={"network": other}).model_dump(mode="json")
    with workshop.registry.store.engine.begin() as db:
        db.execute(sa.update(runs).where(runs.c.id == run.id).values(config=config))
    assert workshop.registry.get(run.id).config.network.precision == "auto"


def pause_and_resume(workshop: Workshop, run: Run) -> Run:
    """Pause it, let it go on, and return it as its next attempt runs."""
    workshop.registry.commands.pause(run.id, by=OPERATOR)
    paused = wait_for(partial(rested, workshop, run), 10, "the pause")
    assert paused.checkpoint
    workshop.dispatcher.tick()
    assert workshop.registry.get(run.id) == paused, "nobody starts it"
    let_the_processor_choose(workshop, paused)
    workshop.registry.commands.resume(run.id, by=OPERATOR)
    return runs_in(workshop, run, run.attempt + 1)


def runs_in(workshop: Workshop, run: Run, attempt: int) -> Run:
    return workshop.wait(run, lambda now: now.attempt == attempt and now.status == "running")


def test_twenty_kills_and_two_pauses_at_random_moments_change_nothing(
    workshop: Workshop, undisturbed: Outcome
) -> None:
    moments = random.Random(7)
    run = runs_in(workshop, workshop.start(config_in(workshop)), 1)
    for kill in range(N_KILLS):
        # It is interrupted until it has saved again, which it may have before we look.
        saved = (run.checkpoint or "").startswith(f"attempt{run.attempt}-")
        assert run.interrupted == (kill > 0 and not saved)
        moment_to_kill(workshop, run, kill, moments)
        if kill in PAUSED_FIRST:
            run = pause_and_resume(workshop, run)
            time.sleep(moments.uniform(0, 1))
        (worker,) = workshop.workers(run)
        worker.kill()
        is_last = kill == N_KILLS - 1
        assert is_last or workshop.registry.get(run.id).epoch < EPOCHS - 1, "too late"
        if not is_last:
            run = runs_in(workshop, run, run.attempt + 1)

    run = workshop.wait_for_end(run)
    assert run.attempt == N_KILLS + len(PAUSED_FIRST) + 1
    assert_same(workshop, run, undisturbed)
    assert [event.what for event in workshop.registry.events(run.id)].count("lost") == N_KILLS


def refuse_without_the_unit(workshop: Workshop, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a run continue where TensorFlow may not use the unit, and see what is said."""
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("TF_ENABLE_ONEDNN_OPTS", "0")
        workshop.registry.commands.resume(run.id, by=OPERATOR)
        failed = workshop.wait(run, lambda now: not now.live)
    assert (failed.status, failed.error_kind) == ("failed", "data")
    assert "was begun in bfloat16, and TF_ENABLE_ONEDNN_OPTS=0 keeps" in (failed.error or "")
    assert "Let it continue without it" in (failed.error or "")
    assert failed.checkpoint == run.checkpoint
    workshop.wait_for_exit(failed)


def test_a_full_disk_that_is_freed_again_changes_nothing(
    tmp_path: Path, images: Path, undisturbed: Outcome, monkeypatch: pytest.MonkeyPatch
) -> None:
    with small_disk(tmp_path / "data" / "runs", "4m") as disk:
        workshop = open_workshop(tmp_path / "data", images)
        run = workshop.wait(workshop.start(config_in(workshop)), lambda now: now.epoch >= 2)
        filling = disk / "filling"
        with filling.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(4096))
        run = workshop.wait(run, lambda now: not now.live)
        assert (run.status, run.error_kind) == ("failed", "disk"), run.error
        assert "is full" in (run.error or "")
        assert "MB are enough. Then let the training continue" in (run.error or "")
        assert run.checkpoint
        assert not list(workshop.folder(run).path.rglob("*.tmp")), "no half-written file"
        workshop.wait_for_exit(run)
        filling.unlink()
        if run.config.network.precision == "bfloat16":
            refuse_without_the_unit(workshop, run, monkeypatch)
        workshop.registry.commands.resume(run.id, by=OPERATOR)

        run = workshop.wait_for_end(run)
        assert_same(workshop, run, undisturbed)
        workshop.close()
