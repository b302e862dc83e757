"""What is drawn of a survey is what NumPy says of the images."""

from __future__ import annotations

import io
import json
import struct
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageColor

from ann_core.datasets.dataset import Dataset
from ann_core.datasets.profile.pixel_space import embed
from ann_core.datasets.profile.profile import load_profile, profile_dataset
from ann_core.datasets.profile.sprite import TILE, sprite_columns, sprite_sheet
from ann_core.imaging.preprocessing import PreprocessConfig, preprocess
from ann_core.plots import dataset_plots
from ann_core.plots.heat_maps import (
    NEUTRAL,
    colour_bar,
    diverging_colours,
    even_span,
    heat_map,
    span_of,
)
from ann_core.plots.scatter import GRID, grid_places, pack_scatter
from ann_core.plots.theme import CLASS_COLOURS, MAX_BARS, class_colour

PETS = ("cat", "dog")


def decoded(image: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(image)))


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
    found = {tuple(row[:3]): row[3] for row in bubbles.itertuples(index=False)}
    assert found == Counter(sizes)
    assert step == 1
    assert bubbles["n_images"].is_monotonic_decreasing


def test_very_many_sizes_are_rounded_until_a_browser_can_draw_them() -> None:
    table = measured(20_000)
    bubbles, step = dataset_plots.size_bubbles(table)
    assert len(bubbles) <= dataset_plots.MAX_BUBBLES
    assert bubbles["n_images"].sum() == 20_000
    assert step > 1
    assert (bubbles[["width", "height"]] % step == 0).all(axis=None)
    finer, _ = dataset_plots.size_bubbles(table, at_most=10**6)
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


def test_a_heat_map_gives_each_value_the_colour_of_its_place() -> None:
    values = np.random.default_rng(0).uniform(-20, 120, (9, 7))
    colours = np.random.default_rng(1).integers(0, 256, (101, 3), dtype=np.uint8)
    drawn = heat_map(values, (0.0, 100.0), colours)
    for value, colour in zip(values.ravel(), drawn.reshape(-1, 3), strict=True):
        assert colour.tolist() == colours[round(min(max(value, 0), 100))].tolist()
    flat = heat_map(np.full((2, 2), 5.0), (5.0, 5.0), colours)
    assert (flat == colours[0]).all(), "equal ends are no reason to fail"


def test_differences_are_blue_above_zero_orange_below_and_neutral_at_zero() -> None:
    difference = np.array([[-8.0, 0.0, 4.0, 8.0]])
    [low, none, half, high] = heat_map(difference, even_span(difference), diverging_colours())[0]
    blue, orange, neutral = (
        np.array(ImageColor.getrgb(name)) for name in (CLASS_COLOURS[0], CLASS_COLOURS[1], NEUTRAL)
    )
    assert (low == orange).all()
    assert (none == neutral).all()
    assert (high == blue).all()
    assert np.abs(half - (blue + neutral) / 2).max() <= 1
    assert even_span(np.array([[-1.0, 3.0]])) == (-3.0, 3.0)


def test_images_on_one_scale_have_the_ends_of_both() -> None:
    first, second = np.array([[1.0, np.nan]]), np.array([[-2.0, 0.5]])
    assert span_of(first, second) == (-2.0, 1.0)
    assert span_of(np.full((2, 2), np.nan)) == (0.0, 0.0)


def test_the_scale_shows_all_colours_from_first_to_last() -> None:
    colours = diverging_colours()
    bar = colour_bar(colours, width=len(colours), height=3)
    assert bar.shape == (3, len(colours), 3)
    assert (bar == colours).all()


def test_both_axes_of_pixel_space_have_the_same_scale() -> None:
    coordinates = np.random.default_rng(0).normal(size=(50, 10)) * np.geomspace(100, 1, 10)
    x, y = grid_places(coordinates)
    assert (x.min(), y.min(), x.max()) == (0, 0, GRID)
    scale = GRID / np.ptp(coordinates[:, 0])
    np.testing.assert_allclose(y, (coordinates[:, 1] - coordinates[:, 1].min()) * scale, atol=0.5)
    same = grid_places(np.zeros((3, 10)))
    assert not same[0].any() and not same[1].any(), "all pictures alike"


def unpacked(message: bytes) -> tuple[dict[str, Any], bytes]:
    length = struct.unpack_from("<I", message)[0]
    return json.loads(message[4 : 4 + length]), message[4 + length :]


def test_the_message_for_the_browser_holds_every_point() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (30, 9216), dtype=np.uint8)
    rows = np.arange(3, 28)
    space, labels = embed(pixels, rows), np.arange(25) % 24
    names = [f"<b>{row}</b> Katze…" for row in rows]
    class_names = [f"class {number}" for number in range(24)]
    sprite = sprite_sheet(pixels, rows)
    about, image = unpacked(
        pack_scatter(
            space,
            labels=labels,
            names=names,
            class_names=class_names,
            sprite=sprite,
            name="content",
            description="25 points",
        )
    )
    x, y = grid_places(space.coordinates)
    assert (about["x"], about["y"], about["labels"]) == (x.tolist(), y.tolist(), labels.tolist())
    assert about["names"] == names
    assert (about["id"], about["label"], about["tile"]) == ("content", "25 points", TILE)
    assert about["columns"] == sprite_columns(25) == 5
    assert image == sprite
    assert len(about["classes"]) == MAX_BARS + 1
    assert about["classes"][-1]["name"] == "and 4 more"


@pytest.mark.parametrize("n_images", [1, 5, 7, 600])
def test_the_sheet_has_a_tile_for_each_image_in_order(n_images: int) -> None:
    rng = np.random.default_rng(n_images)
    coarse = rng.integers(0, 256, (n_images + 4, 3, 3), dtype=np.uint8)
    pixels = coarse.repeat(32, axis=1).repeat(32, axis=2).reshape(len(coarse), -1)
    rows = rng.permutation(len(coarse))[:n_images]
    sheet, columns = decoded(sprite_sheet(pixels, rows)), sprite_columns(n_images)
    assert sheet.shape == (-(-n_images // columns) * TILE, columns * TILE)
    for index, row in enumerate(rows):
        top, left = index // columns * TILE, index % columns * TILE
        tile = sheet[top : top + TILE, left : left + TILE].astype(float)
        # One square of 32 pixels is one block of JPEG, whose mean it keeps.
        blocks = tile.reshape(3, 8, 3, 8).mean(axis=(1, 3))
        assert np.abs(blocks - coarse[row]).max() < 5


def test_a_survey_keeps_the_sheet_of_its_sample(dataset: Dataset, tmp_path: Path) -> None:
    made = profile_dataset(dataset, tmp_path / "surveys")
    sheet = decoded(made.sprite).astype(float)
    columns, rows = sprite_columns(len(dataset)), made.pixel_space.rows
    for index, row in enumerate(rows):
        top, left = index // columns * TILE, index % columns * TILE
        small = preprocess(Image.open(dataset.path(int(row))), PreprocessConfig()).squeeze()
        expected = small.reshape(TILE, 4, TILE, 4).mean(axis=(1, 3))
        assert abs(sheet[top : top + TILE, left : left + TILE].mean() - expected.mean()) < 2
    opened = load_profile(dataset, tmp_path / "surveys")
    assert opened is not None
    assert opened.sprite == made.sprite
