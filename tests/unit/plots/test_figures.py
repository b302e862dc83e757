"""Figures and images of the pages: what they draw is what the numbers say."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ann_core.datasets.dataset import DatasetInfo
from ann_core.errors import ShapeError
from ann_core.evaluation.metrics import evaluate
from ann_core.imaging.preprocessing import MAX_SIDE, MIN_SIDE
from ann_core.plots import dataset_plots, prediction_plots, results_plots, theme, training_curves
from ann_core.plots.images import contact_sheet, enlargement, fit_png, to_png
from ann_core.prediction.classifier import Prediction
from ann_core.training.history import EpochMetrics


def history(n_epochs: int) -> list[EpochMetrics]:
    """Validation loss is lowest in epoch 3."""
    return [
        EpochMetrics(
            epoch=epoch,
            loss=1 / epoch,
            accuracy=1 - 1 / epoch,
            val_loss=1 + abs(epoch - 3),
            val_accuracy=0.5,
            seconds=1.0,
        )
        for epoch in range(1, n_epochs + 1)
    ]


def decoded(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)))


def noise(height: int, width: int, *, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width), dtype=np.uint8)


def curve(spec: dict[str, Any], split: str) -> list[tuple[int, float]]:
    values = spec["data"]["values"]
    return [(point["epoch"], point["value"]) for point in values if point["split"] == split]


def test_curves_show_every_epoch_of_both_splits() -> None:
    epochs = history(5)
    spec = training_curves.curves(epochs, "loss", n_epochs=10)
    assert curve(spec, "training") == [(m.epoch, m.loss) for m in epochs]
    assert curve(spec, "validation") == [(m.epoch, m.val_loss) for m in epochs]
    line, rule = spec["layer"]
    assert line["encoding"]["x"]["scale"]["domain"] == [1, 10]
    assert rule["data"]["values"][0]["epoch"] == 3
    assert line["encoding"]["strokeDash"]["scale"]["range"][0] == [1, 0], "training is solid"


def test_curves_of_many_epochs_are_thinned_out_but_keep_the_last() -> None:
    spec = training_curves.curves(history(1000), "accuracy", n_epochs=1000)
    shown = [epoch for epoch, _ in curve(spec, "training")]
    assert len(shown) <= training_curves.MAX_POINTS + 1
    assert shown[-1] == 1000


@pytest.mark.parametrize(
    ("n_done", "n_epochs", "end"), [(1, 10, 10), (20, 100, 20), (21, 100, 40), (81, 100, 100)]
)
def test_few_of_many_epochs_fill_the_axis(n_done: int, n_epochs: int, end: int) -> None:
    line, *_ = training_curves.curves(history(n_done), "loss", n_epochs)["layer"]
    assert line["encoding"]["x"]["scale"]["domain"] == [1, end]


def test_curves_without_history_are_empty_axes() -> None:
    spec = training_curves.curves([], "loss", n_epochs=1)
    assert spec["data"]["values"] == []
    assert len(spec["layer"]) == 1


def test_the_sentence_about_the_curves_has_the_last_numbers() -> None:
    assert training_curves.describe_curves(history(4)) == (
        "After epoch 4: training loss 0.250 and accuracy 75.0%, validation loss 2.000 and "
        "accuracy 50.0%."
    )


def test_a_class_has_one_colour_on_every_figure(cartoons: DatasetInfo) -> None:
    counts = dataset_plots.counts_figure(cartoons)
    bars = prediction_plots.probabilities_figure(Prediction(cartoons.class_names, (0.25, 0.75)))
    assert {trace.marker.color for trace in counts.data} == {bars.data[0].marker.color}
    assert bars.data[0].marker.color == ("#0072B2", "#D55E00")
    assert [trace.name for trace in counts.data] == ["train", "validation", "test"]
    assert [trace.x for trace in counts.data] == [(24, 24), (3, 3), (3, 3)]


def test_the_bars_are_the_probabilities() -> None:
    figure = prediction_plots.probabilities_figure(Prediction(("cat", "dog"), (0.123, 0.877)))
    [bar] = figure.data
    assert bar.x == (0.123, 0.877)
    assert bar.text == ("12.3%", "87.7%")
    assert figure.layout.yaxis.ticktext == ("cat", "dog")


def test_of_very_many_classes_the_most_probable_are_drawn() -> None:
    probabilities = np.random.default_rng(0).dirichlet(np.ones(100))
    names = tuple(f"class {number}" for number in range(100))
    [bar] = prediction_plots.probabilities_figure(
        Prediction(names, tuple(probabilities.tolist()))
    ).data
    assert sorted(bar.x) == sorted(probabilities)[-theme.MAX_BARS :]
    first = names.index(bar.customdata[0])
    assert bar.marker.color[0] == theme.class_colour(first)


def test_names_of_classes_are_cut_off_and_no_html() -> None:
    evil, long = "<a href='x'>", "a" * 200
    assert theme.labels([evil, long]) == ["&lt;a href='x'&gt;", "a" * 23 + "…"]
    alike = (long + "1", long + "2")
    figure = prediction_plots.probabilities_figure(Prediction(alike, (0.4, 0.6)))
    assert figure.data[0].y == (0, 1), "two names that look alike are two bars"


def test_the_confusion_matrix_is_drawn_as_it_is() -> None:
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]])
    evaluation = evaluate(probabilities, np.array([0, 1, 1]), ("cat", "dog"))
    figure = results_plots.confusion_figure(evaluation)
    assert [list(row) for row in figure.data[0].z] == [[1, 0], [1, 1]]
    assert figure.layout.xaxis.title.text == "answer"
    assert figure.layout.yaxis.title.text == "truth"
    assert list(figure.data[0].customdata[1][0]) == ["dog", "cat"]


def test_pixels_become_squares() -> None:
    values = noise(3, 5)
    drawn = decoded(to_png(values, factor=4))
    assert drawn.shape == (12, 20)
    assert np.array_equal(drawn, np.kron(values, np.ones((4, 4), dtype=np.uint8)))


@pytest.mark.parametrize("values", [np.zeros(5, dtype=np.uint8), np.zeros((2, 2))])
def test_what_is_no_image_is_refused(values: np.ndarray) -> None:
    with pytest.raises(ShapeError, match="Expected a uint8 picture"):
        to_png(values)


@pytest.mark.parametrize("side", [MIN_SIDE, 96, 104, 136, MAX_SIDE, 260])
def test_small_images_are_exact_on_the_page(side: int) -> None:
    values = noise(side, side)
    png, width = fit_png(values, side=260)
    drawn = decoded(png)
    factor = 260 // side
    assert width == factor * side
    assert drawn.shape == (2 * width, 2 * width)
    assert np.array_equal(drawn[:: 2 * factor, :: 2 * factor], values)


@pytest.mark.parametrize(
    ("shape", "factor"), [((8, 8), 25), ((96, 40), 2), ((40, 96), 2), ((201, 9), 1), ((3, 400), 1)]
)
def test_a_image_is_enlarged_by_whole_factors(shape: tuple[int, int], factor: int) -> None:
    assert enlargement(noise(*shape), side=200) == factor


@pytest.mark.parametrize("shape", [(300, 400), (3000, 40), (1, 5000), (261, 261)])
def test_large_images_fit_their_place(shape: tuple[int, int]) -> None:
    png, width = fit_png(noise(*shape), side=260)
    drawn = decoded(png)
    assert max(drawn.shape) <= 2 * 260
    assert 1 <= width <= 260


def test_a_sheet_shows_images_in_order_and_a_gray_tile_for_a_broken_one(tmp_path: Path) -> None:
    paths = []
    for number, colour in enumerate([(255, 0, 0), (0, 255, 0), (0, 0, 255)]):
        paths.append(tmp_path / f"{number}.png")
        Image.new("RGB", (8, 4), colour).save(paths[-1])
    paths[1].write_bytes(b"no picture")
    sheet = decoded(contact_sheet(paths, columns=2, tile=40, background="#102030")).astype(int)
    assert sheet.shape == (84, 84, 3)
    middles = {"first": (20, 20), "second": (20, 64), "third": (64, 20), "none": (64, 64)}
    seen = {name: sheet[index].tolist() for name, index in middles.items()}
    expected = {
        "first": (255, 0, 0),
        "second": (200, 200, 200),
        "third": (0, 0, 255),
        "none": (16, 32, 48),
    }
    for name, colour in expected.items():
        assert np.allclose(seen[name], colour, atol=12), name  # JPEG


def test_a_sheet_of_nothing_is_refused() -> None:
    with pytest.raises(ShapeError, match="at least one picture"):
        contact_sheet([], columns=2)
