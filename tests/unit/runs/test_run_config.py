"""Settings that an older Flatland stored mean what they did then."""

from __future__ import annotations

from typing import Any

import pytest

from ann_core.evaluation.comparison import seedless_key
from ann_core.runs.run import RunConfig
from ann_core.training.network_config import PRESETS, NetworkConfig

NEW = RunConfig(dataset="toy", fingerprint="0")


def version_1(**network: Any) -> dict[str, Any]:
    """Stored settings of the first version, which had no word on what is kept."""
    values = NEW.model_dump(mode="json") | {"schema_version": 1}
    del values["network"]["keep"]
    return values | {"network": values["network"] | network}


@pytest.mark.parametrize(("patience", "keep"), [(0, "last"), (3, "best")])
def test_early_stopping_decided_what_an_old_run_keeps(patience: int, keep: str) -> None:
    config = RunConfig.parse(version_1(early_stopping_patience=patience))
    changes = {"early_stopping_patience": patience, "keep": keep}
    same = NEW.model_copy(update={"network": NetworkConfig.parse(changes)})

    assert config.network == same.network
    assert seedless_key(config) == seedless_key(same), "they stand in the same row"
    assert RunConfig.parse(config.model_dump(mode="json")) == config


def test_without_a_network_an_old_run_kept_the_last() -> None:
    values = {name: value for name, value in version_1().items() if name != "network"}

    assert RunConfig.parse(values).network == NetworkConfig(keep="last")


def test_a_new_run_keeps_the_best_unless_told_otherwise() -> None:
    assert NEW.network.keep == "best"
    assert RunConfig.parse(NEW.model_dump(mode="json")) == NEW
    keeps = {name: preset.keep for name, preset in PRESETS.items()}
    assert keeps == {"small": "best", "article": "last", "linear": "best"}
