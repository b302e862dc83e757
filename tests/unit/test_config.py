"""Configs and settings: bounds, all problems at once, names by content."""

from __future__ import annotations

import errno
import hashlib
import json
import math
from pathlib import Path
from typing import Any

import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ann_core.config import Config, content_key
from ann_core.datasets.split import SplitConfig
from ann_core.errors import ConfigError, DiskFullError, FlatlandError, ImageError, disk_errors
from ann_core.imaging.preprocessing import MAX_SIDE, MIN_SIDE, PreprocessConfig
from ann_core.settings import get_settings
from ann_core.training.network_config import NetworkConfig

sides = st.integers(MIN_SIDE, MAX_SIDE)
preprocess_configs = st.builds(
    PreprocessConfig,
    image_size=st.tuples(sides, sides),
    mode=st.sampled_from(["gray", "rgb"]),
    resize=st.sampled_from(["squash", "crop", "pad"]),
    resample=st.sampled_from(["nearest", "box", "bilinear", "hamming", "bicubic", "lanczos"]),
    scaling=st.sampled_from(["unit", "standard"]),
)
split_configs = st.builds(
    SplitConfig,
    rule=st.sampled_from(["stratified", "article", "given"]),
    train=st.floats(0.02, 0.6),
    validation=st.floats(0.02, 0.38),
    seed=st.integers(0, 2**32 - 1),
)


def test_all_problems_are_told_at_once_with_bound_and_value() -> None:
    values = {"image_size": (7, 225), "mode": "colour", "sharpness": 3}
    with pytest.raises(ConfigError) as caught:
        PreprocessConfig.parse(values)
    message = str(caught.value)
    assert message.startswith("Preprocess settings: ")
    assert "image_size.0: input should be greater than or equal to 8, got 7" in message
    assert "image_size.1: input should be less than or equal to 224, got 225" in message
    assert "mode: input should be 'gray' or 'rgb', got 'colour'" in message
    assert "sharpness: extra inputs are not permitted, got 3" in message
    assert len(caught.value.problems) == 4


@pytest.mark.parametrize("share", [math.nan, math.inf, -math.inf])
def test_nan_and_infinity_are_refused(share: float) -> None:
    with pytest.raises(ConfigError, match="train: input should be a finite number"):
        SplitConfig.parse({"train": share})


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"epochs": 0}, "epochs: .*greater than or equal to 1, got 0"),
        ({"hidden_units": [0]}, "hidden_units.0: .*greater than or equal to 1, got 0"),
        ({"hidden_units": [1_000_000]}, "hidden_units.0: .*less than or equal to .*, got 1000000"),
        ({"learning_rate": math.nan}, "learning_rate: input should be a finite number, got nan"),
    ],
)
def test_a_network_that_cannot_be_trained_is_refused(values: dict[str, Any], problem: str) -> None:
    with pytest.raises(ConfigError, match=f"Network settings: {problem}"):
        NetworkConfig.parse(values)


def test_a_long_value_is_cut_in_the_message() -> None:
    with pytest.raises(ConfigError) as caught:
        SplitConfig.parse({"rule": "x" * 10_000})
    assert len(str(caught.value)) < 250
    assert "got 'xxx" in str(caught.value)


def test_no_mapping_at_all_is_a_config_error_too() -> None:
    with pytest.raises(ConfigError, match="Split settings: value: input should be"):
        SplitConfig.parse([1, 2])


def test_configs_cannot_be_changed() -> None:
    config = PreprocessConfig()
    with pytest.raises(pydantic.ValidationError, match="frozen"):
        config.mode = "rgb"  # type: ignore[misc]


@given(st.one_of(preprocess_configs, split_configs))
def test_json_round_trip_keeps_config_and_key(config: Config) -> None:
    again = type(config).parse(json.loads(config.model_dump_json()))
    assert again == config
    assert again.key() == config.key()


@given(preprocess_configs, preprocess_configs)
def test_keys_are_equal_exactly_when_configs_are(a: PreprocessConfig, b: PreprocessConfig) -> None:
    assert (a.key() == b.key()) == (a == b)


def test_settings_from_before_there_was_a_choice_of_scaling_are_understood() -> None:
    old = {"image_size": [64, 48], "mode": "rgb", "resize": "pad", "resample": "box"}
    config = PreprocessConfig.parse(old)

    assert config.model_dump(mode="json") == old | {"scaling": "unit"}


def test_content_key_is_a_hash_of_sorted_json() -> None:
    expected = hashlib.sha256(b'{"a":[1,2],"b":null}').hexdigest()[:16]
    assert content_key({"b": None, "a": (1, 2)}) == expected


def test_bounds_are_those_of_the_fields() -> None:
    assert SplitConfig.bounds("train") == (0.02, 0.9)
    assert SplitConfig.bounds("seed") == (0, 2**32 - 1)
    assert SplitConfig.bounds("rule") == (None, None)


def test_settings_come_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANN_DATA_DIR", "here")
    monkeypatch.setenv("ANN_SLOTS", "3")
    monkeypatch.delenv("ANN_DATABASE_URL", raising=False)
    settings = get_settings()
    data = tmp_path.resolve() / "here"
    assert settings.datasets_dir == data / "datasets"
    assert settings.features_dir == data / "features"
    assert settings.runs_dir == data / "runs"
    assert settings.registry_url == f"sqlite:///{data / 'registry.db'}"
    assert settings.n_slots == 3


def test_an_empty_variable_is_none_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANN_DATA_DIR", raising=False)
    monkeypatch.delenv("ANN_SLOTS", raising=False)
    default = get_settings()
    monkeypatch.setenv("ANN_DATA_DIR", "")
    monkeypatch.setenv("ANN_SLOTS", "")
    assert get_settings() == default
    assert default.data_dir.name == "data"
    assert default.n_slots >= 1


def test_bad_variables_are_all_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANN_SLOTS", "65")
    monkeypatch.setenv("ANN_MAX_UNPACKED_BYTES", "much")
    with pytest.raises(ConfigError, match=r"ANN_\*") as caught:
        get_settings()
    assert "slots: input should be less than or equal to 64, got '65'" in str(caught.value)
    assert "max_unpacked_bytes: input should be a valid integer" in str(caught.value)


def test_a_home_folder_of_nobody_is_a_config_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANN_DATA_DIR", "~no-such-person-here/data")
    with pytest.raises(ConfigError, match="data_dir: expected a folder"):
        get_settings()


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_no_space_becomes_an_error_that_names_the_folder(tmp_path: Path, code: int) -> None:
    with pytest.raises(DiskFullError, match="free some space") as caught, disk_errors(tmp_path):
        raise OSError(code, "no space")
    assert caught.value.folder == tmp_path
    assert str(tmp_path) in str(caught.value)


def test_other_trouble_of_a_disk_keeps_its_name(tmp_path: Path) -> None:
    with pytest.raises(PermissionError), disk_errors(tmp_path):
        raise PermissionError(errno.EACCES, "no")


def test_errors_keep_the_bad_value() -> None:
    assert ImageError("it is empty").reason == "it is empty"
    assert issubclass(ImageError, FlatlandError)
    assert ConfigError("Settings", ["a", "b"]).problems == ["a", "b"]
