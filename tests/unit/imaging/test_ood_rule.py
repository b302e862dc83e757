"""Plain statistics of a picture, and the rule made of them: as stored, as read, as refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ann_core.imaging.ood_rule import (
    OodRule,
    Share,
    load_ood_rule,
    parse_ood_rule,
    save_ood_rule,
)
from ann_core.imaging.statistics import image_statistics, statistic_names

SHAPES = [(96, 96, 1), (64, 64, 3), (8, 8, 1), (9, 31, 3), (224, 17, 1)]
SHAPE = (8, 8, 1)


def named(image: np.ndarray) -> dict[str, float]:
    return dict(
        zip(statistic_names(image.shape), image_statistics(image).tolist(), strict=True)  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_has_finite_statistics_each_with_a_name(shape: tuple[int, int, int]) -> None:
    rng = np.random.default_rng(0)
    for image in (np.zeros(shape), np.full(shape, 255), rng.integers(0, 256, shape)):
        values = image_statistics(image.astype(np.uint8))
        assert len(values) == len(statistic_names(shape))
        assert np.isfinite(values).all()
    assert len(set(statistic_names(shape))) == len(statistic_names(shape))


def test_statistics_say_what_their_names_say() -> None:
    stripes = np.zeros((16, 16, 1), dtype=np.uint8)
    stripes[:, ::2] = 255  # columns: all detail lies across, between neighbours
    values = named(stripes)
    assert values["mean"] == 127.5
    assert values["entropy"] == pytest.approx(np.log(2), abs=1e-6)
    assert values["across at 1 px"] == pytest.approx(np.log(255.5))
    assert values["down at 1 px"] == values["across at 2 px"] == pytest.approx(np.log(0.5))
    assert values["symmetry"] == pytest.approx(-1, abs=0.02)
    assert values["flat share"] == pytest.approx(np.log(0.503))  # each is like the one below it

    red = np.zeros((8, 8, 3), dtype=np.uint8)
    red[:, :, 0] = 200
    assert named(red)["red minus green"] == 200
    assert named(red)["saturation"] == pytest.approx(np.log(201))


def rule(**changes: Any) -> OodRule:
    n = len(statistic_names(SHAPE))
    values: dict[str, Any] = {
        "mean": np.arange(n) / 3,
        "deviation": np.full(n, 0.1),
        "precision": np.eye(n) * 0.7,
        "directions": {"digits": np.arange(n) / 7},
        "limits": {"distance": 5.25, "digits": 1 / 3},
        "own": Share(1, 20),
        "others": {"noise": Share(8, 8)},
    }
    return OodRule(**values | changes)


def test_a_stored_rule_comes_back_to_the_last_bit(tmp_path: Path) -> None:
    path = tmp_path / "ood_rule.json"
    save_ood_rule(rule(), path)
    loaded = load_ood_rule(path, SHAPE)
    assert loaded is not None
    assert loaded.as_dict() == rule().as_dict()
    assert path.stat().st_size < 200_000
    image = np.random.default_rng(0).integers(0, 256, SHAPE, dtype=np.uint8)
    assert loaded.is_unlike(image)
    assert not rule(limits={"distance": 1e9, "digits": 1e9}).is_unlike(image)
    assert load_ood_rule(path, (9, 31, 3)) is None
    assert load_ood_rule(tmp_path / "none.json", SHAPE) is None


@pytest.mark.parametrize(
    "change",
    [
        {"mean": [0.0]},
        {"deviation": [0.0] * 19},
        {"precision": [[float("nan")] * 19] * 19},
        {"precision": [[1e300] * 19] * 19},
        {"mean": ["0"] * 19},
        {"mean": [[0.0], [0.0, 1.0]]},
        {"directions": {"<b>bold</b>": [0.0] * 19}},
        {"directions": 3},
        {"limits": {"distance": 1.0}},
        {"limits": {"distance": True, "digits": 1.0}},
        {"own": [2, 1]},
        {"own": [-1, 1]},
        {"own": [0, 0]},
        {"own": [0.5, 1]},
        {"own": [1]},
        {"others": {"kittens": [1, 1]}},
        {"others": None},
    ],
    ids=str,
)
def test_a_damaged_rule_is_none(change: dict[str, Any], tmp_path: Path) -> None:
    assert len(statistic_names(SHAPE)) == 19
    damaged = rule().as_dict() | change
    with pytest.raises(ValueError, match=r"expected|missing|fit|kind|count|tried|unpack|inhomog"):
        parse_ood_rule(damaged, SHAPE)
    (tmp_path / "rule.json").write_text(json.dumps(damaged))
    assert load_ood_rule(tmp_path / "rule.json", SHAPE) is None
