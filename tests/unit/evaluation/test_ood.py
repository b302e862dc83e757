"""Limits beyond which a prediction is doubted, and the sentences that say so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ann_core.evaluation.knn import nearest
from ann_core.evaluation.ood import (
    OodThresholds,
    describe_silence,
    fit_ood_thresholds,
    load_ood_thresholds,
    save_ood_thresholds,
)
from tests.helpers.runs import toy_features


def test_reach_is_measured_on_the_validation_images(tmp_path: Path) -> None:
    data = toy_features(1000)
    confidence = np.linspace(0.5, 1, len(data.indices("validation")))
    thresholds = fit_ood_thresholds(data, np.stack([confidence, 1 - confidence], axis=1))
    assert thresholds.confidence_floor == pytest.approx(confidence[9])  # 191 of 200 have it or more
    _, distances = nearest(
        data.features[data.indices("validation")], data.features, data.indices("train"), k=1
    )
    inside = distances <= thresholds.distance_limit
    assert 0.99 <= inside.mean() < 1

    save_ood_thresholds(thresholds, tmp_path / "reach.json")
    assert load_ood_thresholds(tmp_path / "reach.json") == thresholds
    for damaged in ("{}", "[]", "no JSON", '{"confidence_floor": NaN, "distance_limit": 1}'):
        (tmp_path / "reach.json").write_text(damaged)
        assert load_ood_thresholds(tmp_path / "reach.json") is None
    assert load_ood_thresholds(tmp_path / "none.json") is None


def test_doubts_are_told_by_their_rule() -> None:
    thresholds = OodThresholds(confidence_floor=0.6, distance_limit=1000)
    assert thresholds.warnings(0.6, 1000) == []
    assert thresholds.warnings(0.9, None) == []
    [unsure] = thresholds.warnings(0.55, 10)
    assert "60%" in unsure
    assert "55%" in unsure
    [far] = thresholds.warnings(0.9, 2500)
    assert "2,500" in far
    assert len(thresholds.warnings(0.5, 2500)) == 2


def test_without_a_warning_the_rules_that_were_kept_are_told() -> None:
    thresholds = OodThresholds(confidence_floor=0.6, distance_limit=1234.5)
    both = thresholds.no_warning(distance_known=True)
    assert both.startswith("The rules of this network notice nothing, which does not make it one")
    assert "They warn below 60%" in both
    assert "a distance of 1,234 from all training pictures" in both
    alone = thresholds.no_warning(distance_known=False)
    assert "They warn below 60%" in alone
    assert not [words for words in (both, alone) if "No warning" in words or "this one" in words]
    assert alone.endswith("remains unknown: they are not here.")
    assert "1,234" not in alone


def test_no_warning_is_no_approval() -> None:
    two, three = describe_silence(["cat", "dog"]), describe_silence(["cat", "dog", "owl"])
    assert two.startswith("It has only two answers, cat or dog, and cannot say 'neither'.")
    assert three.startswith("It has only the answers of its 3 classes, and none for anything else.")
    assert two.endswith("does not prove that the picture shows one of them.")
