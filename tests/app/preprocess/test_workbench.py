"""The Preprocess page: what it says is what the core computes, and a link brings it all back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from ann_core.datasets.dataset import DatasetInfo
from ann_core.datasets.features import load_features
from ann_core.datasets.standardizing import standardiser_of
from ann_core.imaging.fingerprint import vector_fingerprint
from ann_core.imaging.images import open_image
from ann_core.imaging.preprocessing import PreprocessConfig, preprocess
from ann_core.imaging.size_cost import size_cost
from ann_core.prediction.example_network import example_image
from ann_core.runs.run import RunConfig
from tests.app.conftest import OpenPage
from tests.helpers.app_text import captions, page_text
from tests.helpers.runs import make_dataset
from tests.helpers.small_run import CARTOONS, N_CARTOONS, NETWORK, draw_cartoons
from ui.base import services
from ui.runs.standardizer import run_standardiser

SMALL = PreprocessConfig(image_size=(16, 16))
NEIGHBOURS, BACK, SIZE_COST = "Where did the neighbours go?", "Back again", "What it costs"


def row_of(number: int, config: PreprocessConfig = SMALL) -> np.ndarray:
    """Values of an image of the data set, counted from 1."""
    dataset = services.catalog().load(CARTOONS)
    return preprocess(open_image(dataset.path(number - 1)).image, config).ravel()


def texts(page: AppTest) -> str:
    return "\n".join(element.value for element in page.markdown)


def test_every_step_says_its_numbers(open_page: OpenPage, cartoons: DatasetInfo) -> None:
    page = open_page("preprocess")
    assert page_text(page) == []
    for words in (
        "128 × 128 × 3 = **49,152 values**",
        "128 × 128 = **16,384 values**",
        "96 × 96 = **9,216 values**",
        "**9,216 values** in one row",
        f"`{vector_fingerprint(row_of(1, PreprocessConfig()))}`",
    ):
        assert words in captions(page)
    assert "**→ Gray**, 3 times fewer" in texts(page)
    assert "**→ Flattened**, 5.3 times fewer" in texts(page)
    assert any("Use these for training" in link.value for link in page.page_link)


def test_a_link_restores_image_and_controls(open_page: OpenPage, cartoons: DatasetInfo) -> None:
    query = {"picture": "60", "size": "16", "mode": "Colour", "resize": "Pad", "resample": "box"}
    page = open_page("preprocess", **query)
    config = PreprocessConfig(image_size=(16, 16), mode="rgb", resize="pad", resample="box")
    assert f"`{vector_fingerprint(row_of(N_CARTOONS, config))}`" in captions(page)
    assert page.number_input(key="picture").value == N_CARTOONS
    assert "Class dog, " in captions(page)
    page.number_input(key="picture").set_value(2).run()
    assert f"`{vector_fingerprint(row_of(2, config))}`" in captions(page)


def test_few_bits_of_sixteen_are_stretched_unless_somebody_says_otherwise(
    open_page: OpenPage, data_dir: Path
) -> None:
    dataset = make_dataset(data_dir, bits=12)
    page = open_page("preprocess", size="8")
    for bits in (12, 16):
        config = PreprocessConfig(image_size=(8, 8), bits_used=bits)
        image = open_image(dataset.path(0), bits_used=bits).image
        row = preprocess(image, config).ravel()
        assert f"`{vector_fingerprint(row)}`" in captions(page)
        page.select_slider(key="bits_12").set_value(16).run()
    page.switch_page("pages/train.py").run()
    assert page.select_slider(key="bits_12").value == 16


def test_the_settings_go_to_the_train_page(open_page: OpenPage, cartoons: DatasetInfo) -> None:
    page = open_page("preprocess")
    page.select_slider(key="size").set_value(16).run()
    page.get_by_key("scaling").set_value("standard").run()
    page.switch_page("pages/train.py").run()
    assert page.select_slider(key="size").value == 16
    assert page.get_by_key("scaling").value == "standard"


def test_the_row_is_broken_where_people_like(open_page: OpenPage, cartoons: DatasetInfo) -> None:
    page = open_page("preprocess", size="16")
    assert page.slider(key="wrap_16").value % 16
    assert "pixels that were above each other no longer are" in texts(page)
    page.button(key="wrap_as_picture").click().run()
    assert page.slider(key="wrap_16").value == 16
    assert [each.value for each in page.success] == [
        "There it is: at 16 values in a line, the picture is back."
    ]
    page.slider(key="wrap_16").set_value(32).run()
    assert "two pictures stand side by side" in texts(page)
    page.slider(key="wrap_16").set_value(4).run()
    assert "cut into 4 pieces" in texts(page)
    assert "[1 rows x 257 columns]" in page.code[0].value
    assert page.code[0].value.split("\n")[1].split()[1] == f"{row_of(1)[0] / 255:.6g}"
    page.get_by_key("mode").set_value("rgb").run()
    assert "16 pixels across make three times as many values" in texts(page)
    assert page.slider(key="wrap_48").value not in {16, 48}


def test_neighbours_and_how_far_away_they_are(open_page: OpenPage, cartoons: DatasetInfo) -> None:
    page = open_page("preprocess", look=NEIGHBOURS, size="16", row="2", column="3")
    row = row_of(1)
    assert "left and right are **1** away, above and below **16**" in texts(page)
    for direction, index, distance in (
        ("above | 1, 3", 19, "-16"),
        ("left | 2, 2", 34, "-1"),
        ("here | 2, 3", 35, "0"),
        ("right | 2, 4", 36, "+1"),
        ("below | 3, 3", 51, "+16"),
    ):
        assert f"| {direction} | {index} | {distance} | {row[index]} |" in texts(page)
    page.get_by_key("mode").set_value("rgb").run()
    assert "left and right are **3** away, above and below **48**" in texts(page)
    page.slider(key="row").set_value(0).run()
    assert "At the edge one is missing." in texts(page)
    page.slider(key="column").set_value(15).run()
    assert "the next number belongs to the other end of another line" in texts(page)


def test_in_a_smaller_image_the_pixel_stays_within(
    open_page: OpenPage, cartoons: DatasetInfo
) -> None:
    page = open_page("preprocess", look=NEIGHBOURS, row="90", column="5")
    page.select_slider(key="size").set_value(16).run()
    assert page_text(page) == []
    assert (page.slider(key="row").value, page.slider(key="column").value) == (15, 5)


def test_the_bill_is_the_cores(open_page: OpenPage, cartoons: DatasetInfo) -> None:
    page = open_page("preprocess", look=SIZE_COST, size="32", first_layer="512")
    cost = size_cost(PreprocessConfig(image_size=(32, 32)), units=512, n_images=N_CARTOONS)
    shown = {metric.label: metric.value for metric in page.metric}
    assert shown["Weights of the first layer"] == f"{cost.n_weights:,}"
    assert shown["All pictures as float64"] == f"{cost.table_bytes / 1e6:,.1f} MB"
    assert shown["As stored here"] == f"{cost.stored_bytes / 1e6:,.1f} MB"
    assert f"| **32 × 32 gray** | **1,024** | **{cost.n_weights:,}** |" in texts(page)


@pytest.mark.parametrize("mode", ["gray", "rgb"])
def test_nothing_is_lost_on_the_way_back(
    open_page: OpenPage, cartoons: DatasetInfo, mode: str
) -> None:
    colours = "Gray" if mode == "gray" else "Colour"
    page = open_page("preprocess", look=BACK, size="16", mode=colours)
    assert "Greatest difference to what went in: **0** of 255" in texts(page)


def test_standardising_waits_for_its_means(open_page: OpenPage, cartoons: DatasetInfo) -> None:
    page = open_page("preprocess", look=BACK, size="16", scaling="Standardised")
    assert "The first training with these settings computes and keeps them" in page.info[0].value
    assert "**→ Scaled**" in texts(page)

    dataset = services.catalog().load(CARTOONS)
    config = SMALL.model_copy(update={"scaling": "standard"})
    scaling = standardiser_of(load_features(dataset, config, services.settings().features_dir))
    page.run()
    assert not page.info
    expected = scaling.apply(row_of(1))
    assert "**→ Standardised**" in texts(page)
    assert f"{expected[0]:.3g}, {expected[1]:.3g}, {expected[2]:.3g}, …" in captions(page)
    assert f"{expected.min():.3g} is black, {expected.max():.3g} white" in captions(page)
    assert "Greatest difference to what went in: **0** of 255" in texts(page)


def test_a_network_keeps_the_standardiser_it_was_trained_with(
    data_dir: Path, cartoons: DatasetInfo
) -> None:
    config = SMALL.model_copy(update={"scaling": "standard"})
    run_config = RunConfig(
        dataset=CARTOONS, fingerprint=cartoons.fingerprint, preprocess=config, network=NETWORK
    )
    registry = services.registry()
    run = registry.submit(run_config, submit_key="1")
    assert run_standardiser(run) is None
    dataset = services.catalog().load(CARTOONS)
    scaling = standardiser_of(load_features(dataset, config, services.settings().features_dir))
    standardiser = run_standardiser(run)
    assert standardiser is not None
    np.testing.assert_array_equal(standardiser.mean, scaling.mean)

    other = run_config.model_copy(update={"fingerprint": "0" * 32})
    assert run_standardiser(registry.submit(other, submit_key="2")) is None
    services.catalog().rename(CARTOONS, "renamed")
    assert run_standardiser(run) is not None
    services.catalog().delete("renamed")
    assert run_standardiser(run) is None


def test_without_images_the_page_shows_a_drawing_until_there_are_some(
    open_page: OpenPage, data_dir: Path
) -> None:
    page = open_page("preprocess")
    assert page_text(page) == []
    row = preprocess(example_image(), PreprocessConfig()).ravel()
    assert f"`{vector_fingerprint(row)}`" in captions(page)
    page.get_by_key("pixels_from").set_value("Upload").run()
    assert any("its steps appear here" in info.value for info in page.info)
    page.get_by_key("pixels_from").set_value("Drawing").run()
    draw_cartoons(data_dir)
    page.run()
    assert page_text(page) == []
    assert f"`{vector_fingerprint(row_of(1, PreprocessConfig()))}`" in captions(page)


def test_a_link_from_before_a_part_was_renamed_opens_it(
    open_page: OpenPage, cartoons: DatasetInfo
) -> None:
    page = open_page("preprocess", look="The bill")
    assert page_text(page) == []
    assert "Weights of the first layer" in {metric.label for metric in page.metric}
