"""Limits: from the environment, by profile, at the door of the queue."""

from __future__ import annotations

from pathlib import Path

import pytest

from ann_core import machine
from ann_core.datasets.dataset import Dataset
from ann_core.errors import ConfigError, LimitError
from ann_core.jobs.admission import (
    TENSORFLOW_BYTES,
    estimate_resources,
    network_disk_bytes,
    submit_run,
)
from ann_core.runs.owners import Submission, new_owner_key
from ann_core.runs.registry import Registry
from ann_core.runs.run import RunConfig
from ann_core.settings import Limits, Settings, get_settings
from ann_core.training.limits import broken_limits, check_limits
from ann_core.training.network_config import PRESETS, NetworkConfig
from ann_core.training.network_size import parameter_count
from tests.helpers.runs import run_config

HUGE = {"hidden_units": (8192, 8192)}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", database_url="")


def with_limits(settings: Settings, **limits: int) -> Settings:
    return settings.model_copy(update=limits)


# From the environment


def test_without_a_profile_almost_everything_is_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(data_dir=tmp_path)

    assert settings.allow_server_folders
    assert settings.limits == Limits(parameters=450_000_000)
    config = NetworkConfig(hidden_units=(8192, 1024), epochs=1000)
    assert broken_limits(settings.limits, config, 9216, n_classes=2) == []


def test_the_hosted_profile_is_cautious_and_each_limit_can_be_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ANN_PROFILE", "hosted")
    monkeypatch.setenv("ANN_MAX_EPOCHS", "250")
    settings = get_settings()

    assert not settings.allow_server_folders
    limits = settings.limits
    assert limits.epochs == 250
    assert min(vars(limits).values()) > 0, "a limit on everything"
    assert broken_limits(limits, PRESETS["article"], 9216, n_classes=2) == [], (
        "the article can be done"
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [("PROFILE", "public"), ("MAX_EPOCHS", "-1"), ("MAX_PARAMETERS", "1e12"), ("SLOTS", "two")],
)
def test_a_setting_that_cannot_be_used_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"ANN_{name}", value)

    with pytest.raises(ConfigError, match=name.lower()):
        get_settings()


@pytest.mark.parametrize("folder", ["what?", "a#b", "100%", "with space", "grün@x:y"])
def test_a_data_folder_may_have_any_name(tmp_path: Path, folder: str) -> None:
    settings = Settings(data_dir=tmp_path / folder, database_url="")
    registry = Registry(settings.registry_url)
    registry.submit(RunConfig(dataset="toy", fingerprint="0"), submit_key="key")
    registry.close()

    assert (tmp_path / folder / "registry.db").is_file()
    assert [entry.name for entry in tmp_path.iterdir()] == [folder]


# What they say


def test_every_limit_that_would_be_broken_is_named_with_a_way_out() -> None:
    limits = Limits(epochs=10, units=100, parameters=1000)
    config = NetworkConfig(hidden_units=(64, 64), epochs=11)
    actual = broken_limits(limits, config, 64, n_classes=2)

    n_parameters = parameter_count(config, 64, 2)
    assert actual == [
        "This server allows 10 epochs, and this network has 11: choose fewer epochs.",
        "This server allows 100 neurons in hidden layers, and this network has 128: choose fewer "
        "neurons.",
        f"This server allows 1,000 parameters, and this network has {n_parameters:,}: choose "
        "smaller pictures or fewer neurons in the first layer.",
    ]
    with pytest.raises(LimitError) as refused:
        check_limits(limits, config, 64, n_classes=2)
    assert refused.value.problems == actual


def test_a_limit_itself_may_be_reached() -> None:
    config = NetworkConfig(hidden_units=(50, 50), epochs=10)
    reached = Limits(epochs=10, units=100, parameters=parameter_count(config, 64, 2))

    assert broken_limits(reached, config, 64, n_classes=2) == []
    assert len(broken_limits(Limits(10, 9, 99, 99), config, 64, n_classes=2)) == 3


# At the door


def test_a_small_run_fits(dataset: Dataset, settings: Settings) -> None:
    actual = estimate_resources(run_config(dataset), dataset.info, settings)

    assert actual.refusals == ()
    assert TENSORFLOW_BYTES < actual.memory_bytes < TENSORFLOW_BYTES + 10_000_000
    assert 0 < actual.disk_bytes < 1_000_000


def test_a_run_larger_than_the_computer_is_refused(dataset: Dataset, settings: Settings) -> None:
    config = run_config(dataset, hidden_units=(8192,) * 16)
    assert estimate_resources(config, dataset.info, settings).memory_bytes > machine.memory_total()
    settings = with_limits(settings, max_parameters=10**12)

    refusals = estimate_resources(config, dataset.info, settings).refusals
    assert any("of memory, and this computer has" in sentence for sentence in refusals)


def test_a_data_folder_that_is_full_by_decree_takes_no_further_run(
    dataset: Dataset, settings: Settings
) -> None:
    held = machine.folder_bytes(settings.data_dir)
    assert held > 1000, "the pictures"
    config = run_config(dataset)
    disk = estimate_resources(config, dataset.info, settings).disk_bytes

    enough = with_limits(settings, max_disk_bytes=held + disk)
    assert estimate_resources(config, dataset.info, enough).refusals == ()
    too_little = with_limits(settings, max_disk_bytes=held + disk - 1)
    (refusal,) = estimate_resources(config, dataset.info, too_little).refusals
    assert "This server keeps" in refusal


def test_more_than_the_disk_has_is_refused(dataset: Dataset, settings: Settings) -> None:
    config = run_config(dataset, **HUGE)
    n_bytes = network_disk_bytes(config.network, 64, 2)
    free = machine.disk_free(settings.data_dir)
    if n_bytes <= free:  # a computer with so much room: take the largest network there is
        config = run_config(dataset, hidden_units=(8192,) * 16)
        n_bytes = network_disk_bytes(config.network, 64, 2)
    refusals = estimate_resources(config, dataset.info, settings).refusals

    sentences = [sentence for sentence in refusals if "of disk space" in sentence]
    assert len(sentences) == (n_bytes > free)


def test_what_is_refused_is_not_filed(dataset: Dataset, settings: Settings) -> None:
    registry = Registry(settings.registry_url)
    strict = with_limits(settings, max_epochs=1, max_waiting_runs=1)
    config = run_config(dataset)

    with pytest.raises(LimitError, match="allows 1 epochs"):
        submit_run(registry, strict, config, info=dataset.info, submission=Submission("key"))
    assert registry.recent() == []
    short = run_config(dataset, epochs=1)
    key = new_owner_key()
    submit_run(registry, strict, short, info=dataset.info, submission=Submission("1", key))
    with pytest.raises(LimitError, match="You have 1 training waiting"):
        submit_run(registry, strict, short, info=dataset.info, submission=Submission("2", key))
    assert len(registry.recent()) == 1
    registry.close()


def test_bfloat16_that_nothing_here_can_compute_is_refused_at_the_door(
    dataset: Dataset, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "0")
    for precision, refused in (("bfloat16", True), ("auto", False), ("float32", False)):
        config = run_config(dataset, precision=precision)
        refusals = " ".join(estimate_resources(config, dataset.info, settings).refusals)
        assert ("is set to bfloat16, and " in refusals) == refused
        assert ('Choose the precision "auto" or "float32".' in refusals) == refused


@pytest.mark.parametrize("preset", ["small", "article", "linear"])
@pytest.mark.parametrize("optimizer", ["adam", "sgd", "rmsprop"])
def test_the_estimate_of_the_disk_is_what_a_checkpoint_takes(
    tmp_path: Path, preset: str, optimizer: str
) -> None:
    from ann_core.training.checkpoints import save_checkpoint
    from ann_core.training.loop import TrainingState
    from ann_core.training.network import build

    config = PRESETS[preset].model_copy(update={"optimizer": optimizer})
    config = config.model_copy(update={"hidden_units": config.hidden_units[-2:]})
    model = build(config, 1024, 2)
    state = TrainingState(best_weights=model.get_weights())
    save_checkpoint(tmp_path / "checkpoint.npz", model, state)
    size = (tmp_path / "checkpoint.npz").stat().st_size

    copies = {"adam": 4, "rmsprop": 3, "sgd": 2}[optimizer]
    expected = 4 * copies * parameter_count(config, 1024, 2)
    assert size == pytest.approx(expected, rel=0.25)
    assert network_disk_bytes(config, 1024, 2) >= 4 * size
