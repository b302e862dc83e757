"""One palette and one way to write names, on every figure."""

from __future__ import annotations

import pytest

from ann_core.datasets.dataset import DatasetInfo
from ann_core.datasets.split import SplitConfig
from ann_core.plots import dataset_plots, theme
from ann_core.plots.prediction_plots import probabilities_chart


@pytest.fixture
def cartoons() -> DatasetInfo:
    """60 images of two classes, counted but not drawn."""
    return DatasetInfo(
        name="cartoons",
        source="built in",
        created="2026-01-01T00:00:00+00:00",
        class_names=("cat", "dog"),
        counts={name: {"train": 24, "validation": 3, "test": 3} for name in ("cat", "dog")},
        n_images=60,
        n_skipped=0,
        fingerprint="0" * 64,
        split=SplitConfig(),
    )


def test_a_class_has_one_colour_on_every_figure(cartoons: DatasetInfo) -> None:
    counts = dataset_plots.counts_figure(cartoons)
    [bars] = probabilities_chart((0.25, 0.75), cartoons.class_names)["layer"]
    scale = bars["encoding"]["color"]["scale"]
    assert scale["domain"] == list(cartoons.class_names)
    colours = tuple(scale["range"])
    assert {trace.marker.color for trace in counts.data} == {colours}
    assert colours == ("#0072B2", "#D55E00")
    assert [trace.name for trace in counts.data] == ["train", "validation", "test"]
    assert [trace.x for trace in counts.data] == [(24, 24), (3, 3), (3, 3)]


def test_names_of_classes_are_cut_off_and_no_html() -> None:
    evil, long = "<a href='x'>", "a" * 200
    assert theme.labels([evil, long]) == ["&lt;a href='x'&gt;", "a" * 23 + "…"]
    alike = (long + "1", long + "2")
    spec = probabilities_chart((0.4, 0.6), alike)
    rows = [bar[spec["encoding"]["y"]["field"]] for bar in spec["data"]["values"]]
    assert len(set(rows)) == 2, "two names that look alike are two bars"
    assert spec["encoding"]["y"]["axis"]["labelLimit"] == 160
