"""What is drawn of a data set is what NumPy says of its images."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pytest

from ann_core.plots import dataset_plots
from ann_core.plots.theme import class_colour

PETS = ("cat", "dog")


def measured(n_images: int, class_names: tuple[str, ...] = PETS) -> pd.DataFrame:
    rng = np.random.default_rng(n_images)
    return pd.DataFrame(
        {
            "class_name": rng.choice(class_names, n_images),
            "width": rng.integers(20, 900, n_images),
            "height": rng.integers(20, 900, n_images),
            "brightness": rng.uniform(0, 255, n_images),
            "contrast": rng.uniform(0, 127.5, n_images),
        }
    )


@pytest.mark.parametrize("measure", ["brightness", "contrast"])
@pytest.mark.parametrize(("n_images", "n_bins"), [(200, 16), (1200, 32)])
def test_histograms_are_numpys_with_the_same_bins_for_all_classes(
    measure: str, n_images: int, n_bins: int
) -> None:
    table = measured(n_images)
    table.loc[3, measure] = np.nan  # an image that could not be read
    figure = dataset_plots.histogram_figure(table, measure, PETS)
    assert [trace.name for trace in figure.data] == list(PETS)
    for trace, name in zip(figure.data, PETS, strict=True):
        values = table.loc[table["class_name"] == name, measure].dropna()
        span = (0, dataset_plots.HIGHEST[measure])
        counts, edges = np.histogram(values, n_bins, span)
        np.testing.assert_allclose(trace.x, edges[:-1])
        np.testing.assert_allclose(trace.y, counts / len(values))
        assert [count for _, count in trace.customdata] == counts.tolist()
        assert counts.sum() == len(values), "none lies outside"


def test_classes_keep_their_colours() -> None:
    figures = (
        dataset_plots.histogram_figure(measured(60), "contrast", PETS),
        dataset_plots.sizes_figure(measured(60), PETS),
    )
    for figure in figures:
        first, second = figure.data[:2]
        used = [getattr(trace.line, "color", None) or trace.marker.color for trace in figure.data]
        assert used == [class_colour(0), class_colour(1)]
        assert (first.name, second.name) == PETS


def test_of_very_many_classes_all_are_one_line() -> None:
    names = tuple(f"class {number}" for number in range(dataset_plots.MAX_LINES + 1))
    [line] = dataset_plots.histogram_figure(measured(500, names), "brightness", names).data
    assert sum(count for _, count in line.customdata) == 500


def test_a_bubble_counts_the_images_of_its_size() -> None:
    table = measured(300).assign(width=lambda t: t["width"] % 5 + 1, height=100)
    bubbles, step = dataset_plots.size_bubbles(table)
    sizes = zip(table["class_name"], table["width"], table["height"], strict=True)
    counts = {tuple(row[:3]): row[3] for row in bubbles.itertuples(index=False)}
    assert counts == Counter(sizes)
    assert step == 1
    assert bubbles["n_images"].is_monotonic_decreasing


def test_very_many_sizes_are_rounded_until_a_browser_can_draw_them() -> None:
    table = measured(20_000)
    bubbles, step = dataset_plots.size_bubbles(table)
    assert len(bubbles) <= dataset_plots.MAX_BUBBLES
    assert bubbles["n_images"].sum() == 20_000
    assert step > 1
    assert (bubbles[["width", "height"]] % step == 0).all(axis=None)
    finer, _ = dataset_plots.size_bubbles(table, max_rows=10**6)
    assert len(finer) > dataset_plots.MAX_BUBBLES


def test_bubbles_have_areas_in_proportion() -> None:
    table = measured(40)
    figure = dataset_plots.sizes_figure(table, PETS)
    sizes = [size for trace in figure.data for size in trace.marker.size]
    assert sum(sizes) == 40
    assert {trace.marker.sizemode for trace in figure.data} == {"area"}
    assert len({trace.marker.sizeref for trace in figure.data}) == 1


def test_kinds_of_file_are_counted_by_class() -> None:
    images = pd.DataFrame(
        {
            "format": ["JPEG", "PNG", "JPEG", "JPEG"],
            "mode": ["RGB", "L", "RGB", "L"],
            "bytes": [1000, 300, 3000, 500],
            "class_name": ["cat", "pictures", "pictures", "cat"],
        }
    )
    table = dataset_plots.file_kinds(images, ("cat", "pictures"))
    assert table.to_dict("list") == {
        "file": ["JPEG", "JPEG", "PNG"],
        "pixels": ["RGB", "L", "L"],
        "kilobytes": [2.0, 0.5, 0.3],
        "pictures": [2, 1, 1],
        "of cat": [1, 1, 0],
        "of pictures": [1, 0, 1],
    }
