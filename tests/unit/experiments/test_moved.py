"""Cartoons that sit in the middle, and the same ones moved."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.sources.builtin import is_builtin
from ann_core.datasets.sources.cartoons import CartoonConfig
from ann_core.errors import RunError
from ann_core.experiments.budget import Budget
from ann_core.experiments.conclusion import share
from ann_core.experiments.examples import image_kinds
from ann_core.experiments.moved import (
    MOVED,
    MOVED_FAR,
    centred,
    draw,
    fall,
    missing,
    name_of,
    preview,
    with_cartoons,
)
from ann_core.runs.job_types import builtin_key

FEW = MOVED_FAR.model_copy(update={"n_images": 10, "image_size": 32})


def test_both_kinds_are_drawn_once_and_compared(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "datasets")
    assert [each.name for each in missing(catalog, FEW)] == [
        "cartoons-centred",
        "cartoons-moved-40-45-40",
    ]
    assert [builtin_key(each) for each in missing(catalog, FEW)] == [None, None]
    with pytest.raises(RunError, match="not drawn yet"):
        with_cartoons(catalog, FEW)

    draw(catalog, FEW)

    assert missing(catalog, FEW) == []
    experiment, info = with_cartoons(catalog, FEW)
    assert info.name == "cartoons-moved-40-45-40" and is_builtin(info, "cartoons")
    plan = experiment.plan(info, Budget({}))
    assert [(each.role, each.config.dataset) for each in plan] == [
        (f"{kind}, {which}", name)
        for kind in ("dense", "convolution")
        for which, name in (("centred", "cartoons-centred"), ("moved", info.name))
    ]
    assert len({each.config.fingerprint for each in plan}) == 2
    assert list(image_kinds(tuple(plan))) == ["centred", "moved"]
    other = FEW.model_copy(update={"rotation": 10.0})
    assert [each.name for each in missing(catalog, other)] == ["cartoons-moved-40-10-40"]


def test_with_all_knobs_at_0_there_is_nothing_to_compare(tmp_path: Path) -> None:
    still = centred(FEW)

    assert name_of(still) == "cartoons-centred"
    with pytest.raises(RunError, match="all knobs at 0"):
        missing(Catalog(tmp_path), still)
    with pytest.raises(RunError, match="draws its own pictures"):
        MOVED.plan(None, Budget({}))  # type: ignore[arg-type]


def test_only_the_pose_differs() -> None:
    moved, still = FEW.model_dump(), centred(FEW).model_dump()

    assert {key for key in moved if moved[key] != still[key]} == {"shift", "rotation", "scale"}
    assert not np.array_equal(preview(FEW), preview(centred(FEW)))
    assert CartoonConfig.parse(moved) == FEW


def test_the_fall_between_two_sets_has_newcombe_s_interval() -> None:
    # Newcombe (1998), example a of his table 2: 56 of 70 against 48 of 80.
    number = fall(share("dense, centred", 56, 70), share("dense, moved", 48, 80))

    assert number.value == pytest.approx(0.2)
    assert (number.low, number.high) == pytest.approx((0.0524, 0.3339), abs=1e-4)
    assert number.what == "dense: falls by"
    assert number.text() == "20.0 points (5.2 to 33.4)"
