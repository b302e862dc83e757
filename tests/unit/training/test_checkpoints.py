"""Checkpoints: every bit of a training comes back, and nothing else is taken for one."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ann_core.training.checkpoints import CheckpointError, load_checkpoint, save_checkpoint
from ann_core.training.history import EpochMetrics
from ann_core.training.loop import TrainingResult, TrainingState, train
from ann_core.training.network import build
from ann_core.training.network_config import NetworkConfig, learning_rate_at
from tests.helpers.resumption import variables
from tests.helpers.runs import toy_features
from tests.helpers.training import train_until
from tests.unit.conftest import RunOnSmallDisk

DATA = toy_features(overlap=0.9)  # 36 images to learn from: four batches
N_BATCHES = 4
SMALL = {"hidden_units": (8,), "batch_size": 9, "epochs": 3, "learning_rate": 0.01}
RICH = {"dropout_rate": 0.3, "batch_normalization": True, "l2": 0.001, "schedule": "cosine"}

Place = tuple[int, int]


def settings_of(**changes: Any) -> NetworkConfig:
    return NetworkConfig.parse(SMALL | changes)


def fresh(config: NetworkConfig, n_features: int = DATA.n_features) -> Any:
    return build(config, n_features, 2)


def go_on(
    model: Any,
    config: NetworkConfig,
    state: TrainingState | None = None,
    *,
    after_batch: Callable[[TrainingState], object] = lambda _: None,
) -> TrainingResult:
    """Train to the end, telling `after_batch` of each batch."""

    def stop(now: TrainingState) -> bool:
        after_batch(now)
        return False

    return train_until(model, DATA, config, state=state, stop=stop)


def interrupted(config: NetworkConfig, stop_at: Place, path: Path) -> tuple[Any, TrainingState]:
    """Train a fresh network to one batch and save it there; return both as they were."""
    model = fresh(config)
    held = TrainingState()
    for now in train(model, DATA, config, state=held):
        if now is held and (held.epoch, held.batch) == stop_at:
            break
    save_checkpoint(path, model, held)
    return model, held


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any, TrainingState]:
    """A checkpoint with every kind of variable, in the second epoch; its model and state."""
    path = tmp_path_factory.mktemp("checkpoint") / "checkpoint.npz"
    return path, *interrupted(settings_of(**RICH), (2, 3), path)


def test_all_batches_done_only_the_validation_is_left(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.npz"
    config = settings_of(epochs=1)
    interrupted(config, (1, N_BATCHES), path)
    model = fresh(config)
    state = load_checkpoint(path, model)
    assert (state.batch, state.n_batches) == (N_BATCHES, N_BATCHES)
    weights = model.get_weights()
    batches: list[TrainingState] = []
    result = go_on(model, config, state, after_batch=batches.append)

    assert batches == []
    assert len(result.history) == 1
    assert all(np.array_equal(*pair) for pair in zip(weights, model.get_weights(), strict=True))


def test_the_learning_rate_of_the_epoch_holds_after_a_resumption(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.npz"
    config = settings_of(schedule="exponential")
    interrupted(config, (2, 2), path)
    model = fresh(config)
    state = load_checkpoint(path, model)
    model.optimizer.learning_rate = 1.0
    rates: list[float] = []

    def look(_: TrainingState) -> None:
        rates.append(float(model.optimizer.learning_rate))

    go_on(model, config, state, after_batch=look)

    expected = [learning_rate_at(config, epoch) for epoch in (2, 2, 3, 3, 3, 3)]
    assert rates == pytest.approx(expected)


def test_the_time_of_an_epoch_counts_in_all_processes(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.npz"
    config = settings_of(epochs=1)
    model, held = interrupted(config, (1, 2), path)
    save_checkpoint(path, model, replace(held, seconds=1000.0))
    state = load_checkpoint(path, model)
    assert state.elapsed == 1000
    (metrics,) = go_on(model, config, state).history

    assert 1000 < metrics.seconds < 1100


def test_a_checkpoint_gives_back_every_bit(saved: tuple[Path, Any, TrainingState]) -> None:
    path, model, held = saved
    other = fresh(settings_of(**RICH, seed=1))
    state = load_checkpoint(path, other)

    assert variables(other) == variables(model)
    assert {"seed_generator_state", "moving_mean"} <= {name for name, _, _ in variables(model)}
    assert same_state(state, held)
    assert len(state.history) == 1
    assert state.loss_sum not in (0, round(state.loss_sum, 6)), "a float with all its digits"


def same_state(one: TrainingState, two: TrainingState) -> bool:
    numbers = [replace(state, best_weights=[]) for state in (one, two)]
    pairs = zip(one.best_weights, two.best_weights, strict=True)
    return numbers[0] == numbers[1] and all(np.array_equal(a, b) for a, b in pairs)


def test_numpy_alone_can_read_a_checkpoint(saved: tuple[Path, Any, TrainingState]) -> None:
    path, model, _ = saved
    with np.load(path, allow_pickle=False) as archive:
        assert json.loads(archive["state"].item())["epoch"] == 2
        assert np.array_equal(archive["model.0.kernel"], model.variables[0].numpy())


def test_the_same_state_gives_the_same_file(
    saved: tuple[Path, Any, TrainingState], tmp_path: Path
) -> None:
    path, model, held = saved
    save_checkpoint(tmp_path / "again.npz", model, held)

    assert (tmp_path / "again.npz").read_bytes() == path.read_bytes()


def refused(path: Path, model: Any) -> CheckpointError:
    """Load, which must fail and leave the model alone; return the error."""
    before = variables(model)
    with pytest.raises(CheckpointError) as caught:
        load_checkpoint(path, model)
    assert variables(model) == before
    return caught.value


def test_a_missing_checkpoint_is_told(tmp_path: Path) -> None:
    error = refused(tmp_path / "checkpoint.npz", fresh(settings_of()))

    assert str(error) == (
        "The training cannot go on from 'checkpoint.npz': the file is not there. "
        "Train again from the beginning."
    )


@pytest.mark.parametrize(
    "other",
    [
        {"hidden_units": (9,)},
        {"hidden_units": (8, 8)},
        {"hidden_units": ()},
        {"dropout_rate": 0.0},
        {"batch_normalization": False},
        {"optimizer": "sgd"},
        {"optimizer": "rmsprop"},
    ],
    ids=str,
)
def test_the_checkpoint_of_another_network_is_refused(
    other: dict[str, Any], saved: tuple[Path, Any, TrainingState]
) -> None:
    error = refused(saved[0], fresh(settings_of(**RICH | other)))

    assert error.reason == "it belongs to a network of other settings"


def test_other_images_are_refused(saved: tuple[Path, Any, TrainingState]) -> None:
    assert "network" in refused(saved[0], fresh(settings_of(**RICH), n_features=63)).reason


def test_a_type_that_changed_is_refused(
    saved: tuple[Path, Any, TrainingState], tmp_path: Path
) -> None:
    path, model, _ = saved
    with np.load(path) as archive:
        arrays = dict(archive)
    arrays["model.0.kernel"] = arrays["model.0.kernel"].astype(np.float64)
    np.savez(tmp_path / "other.npz", **arrays)

    assert "network" in refused(tmp_path / "other.npz", model).reason


def test_a_checkpoint_of_another_version_is_refused(
    saved: tuple[Path, Any, TrainingState], tmp_path: Path
) -> None:
    path, model, _ = saved
    with np.load(path) as archive:
        arrays = dict(archive)
    values = json.loads(arrays["state"].item())
    arrays["state"] = np.array(json.dumps(values | {"format": 0}))
    np.savez(tmp_path / "other.npz", **arrays)

    error = refused(tmp_path / "other.npz", model)
    assert error.reason == "another version of Flatland wrote it"


@pytest.mark.parametrize("state", ["", "[]", "7", "{}", '{"format": 1}', "{", "null"])
def test_a_state_that_says_nothing_is_refused(
    state: str, saved: tuple[Path, Any, TrainingState], tmp_path: Path
) -> None:
    path, model, _ = saved
    with np.load(path) as archive:
        arrays = dict(archive)
    np.savez(tmp_path / "other.npz", **arrays | {"state": np.array(state)})

    assert "damaged" in refused(tmp_path / "other.npz", model).reason


def test_objects_are_never_unpacked(saved: tuple[Path, Any, TrainingState], tmp_path: Path) -> None:
    path, model, _ = saved
    with np.load(path) as archive:
        arrays = dict(archive)
    arrays["model.0.kernel"] = np.array([None], dtype=object)
    np.savez(tmp_path / "other.npz", **arrays)

    assert "damaged" in refused(tmp_path / "other.npz", model).reason


def test_a_truncated_checkpoint_is_refused(
    saved: tuple[Path, Any, TrainingState], tmp_path: Path
) -> None:
    path, model, _ = saved
    content = path.read_bytes()
    short = tmp_path / "checkpoint.npz"
    rng = np.random.default_rng(0)
    for length in [0, 1, len(content) - 1, *rng.integers(len(content), size=20)]:
        short.write_bytes(content[:length])
        assert "damaged" in refused(short, model).reason


def test_a_damaged_byte_never_gives_another_training(
    saved: tuple[Path, Any, TrainingState], tmp_path: Path
) -> None:
    path, model, held = saved
    end = variables(model)
    other = fresh(settings_of(**RICH, seed=1))
    content = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        starts = [entry.header_offset for entry in archive.infolist()]
        directory = archive.start_dir
    rng = np.random.default_rng(0)
    # Everywhere, and above all in the headers: of entries (30 bytes and a name), of
    # arrays (their length stands 8 bytes into them), and of the file at its end.
    headers = [start + offset for start in starts for offset in rng.integers(120, size=8)]
    positions = [*rng.integers(len(content), size=100), *headers]
    positions += list(rng.integers(directory, len(content), size=150))
    damaged = tmp_path / "checkpoint.npz"
    refusals = 0
    for position in positions:
        wrong = bytearray(content)
        wrong[position] ^= 1 << rng.integers(8)
        damaged.write_bytes(wrong)
        try:
            state = load_checkpoint(damaged, other)
        except CheckpointError:
            refusals += 1
        else:
            assert variables(other) == end, position
            assert same_state(state, held), position
    assert refusals > len(positions) / 2


def test_an_array_whose_beginning_moved_is_refused_though_numpy_takes_it(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.npz"
    model = fresh(settings_of(hidden_units=(64,)))  # the checksum of small arrays NumPy does see
    save_checkpoint(path, model, TrainingState())
    content = bytearray(path.read_bytes())
    start = content.index(b"\x93NUMPY", content.index(b"model.0.kernel"))
    content[start + 8] -= 1  # length of the array's header
    path.write_bytes(content)

    with np.load(path) as archive:
        assert not np.array_equal(archive["model.0.kernel"], model.variables[0].numpy())
    assert "damaged" in refused(path, model).reason


def test_on_a_full_disk_the_older_checkpoint_stays(small_disk: RunOnSmallDisk) -> None:
    results = small_disk("""
        from ann_core.training.checkpoints import load_checkpoint, save_checkpoint
        from ann_core.errors import DiskFullError
        from ann_core.training.network import NetworkConfig, build
        from ann_core.training.loop import TrainingState
        path = disk / "checkpoint.npz"
        model = build(NetworkConfig(hidden_units=(200,)), 64, 2)  # 160 kB
        save_checkpoint(path, model, TrainingState(batch=1))
        weights = model.get_weights()
        model.set_weights([array + 1 for array in weights])
        results["refused"] = results["same"] = 0
        for free in (0, 1, 5, 20, 30):  # pages of 4 kB: the disk is full sooner or later
            fill()
            with (disk / "filling").open("r+b") as file:
                file.truncate(max(0, file.seek(0, 2) - free * 4096))
            before = listing()
            try:
                save_checkpoint(path, model, TrainingState(batch=2))
            except DiskFullError:
                results["refused"] += 1
            results["same"] += listing() == before
            (disk / "filling").unlink()
        results["batch"] = load_checkpoint(path, model).batch
        results["restored"] = all((a == b).all() for a, b in zip(weights, model.get_weights()))
        save_checkpoint(path, model, TrainingState(batch=2))
        results["then"] = load_checkpoint(path, model).batch
    """)
    assert results == {"refused": 5, "same": 5, "batch": 1, "restored": True, "then": 2}


def test_history_comes_back_with_every_digit(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    history = [EpochMetrics(epoch, *rng.random(5).tolist()) for epoch in range(1, 1001)]
    model = fresh(settings_of(hidden_units=()))
    state = TrainingState(epoch=1001, loss_sum=0.1 + 0.2, history=history)
    state.best_weights = model.get_weights()
    save_checkpoint(tmp_path / "checkpoint.npz", model, state)

    assert same_state(load_checkpoint(tmp_path / "checkpoint.npz", model), state)
