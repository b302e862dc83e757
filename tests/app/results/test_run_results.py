"""The Results page: what it says is what the files of the run say."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from ann_core.datasets.catalog import Catalog
from ann_core.evaluation.explanations import compare_training_accuracies, describe_mistakes
from ann_core.evaluation.first_layer import load_first_layer, snapshots
from ann_core.evaluation.report import cell, most_confident_mistakes
from ann_core.evaluation.run_inputs import RunInputs, load_run_inputs, save_run_inputs
from ann_core.evaluation.shift_result import load_shift_tests
from ann_core.evaluation.shift_sentences import AT_THE_EDGE, describe_shift
from ann_core.evaluation.significance import wilson_interval
from ann_core.evaluation.stored_predictions import Predictions, load_predictions
from ann_core.evaluation.weight_histograms import load_weight_histograms
from ann_core.plots.weight_histogram_plots import describe_histograms
from ann_core.prediction.classifier import Classifier
from ann_core.runs.folder import RunFolder
from tests.app.conftest import OpenPage
from tests.helpers.app_text import captions, page_text
from tests.helpers.small_run import CARTOONS, N_FEATURES
from ui.base import services
from ui.runs.run_cache import report_of

PARTS = ("Confusion", "Pictures", "Confidence", "First layer", "Curves and settings")


@pytest.fixture
def folder(data_dir: Path, small_run: str) -> RunFolder:
    return RunFolder.of(data_dir / "runs", small_run)


@pytest.fixture
def predictions(folder: RunFolder) -> Predictions:
    return load_predictions(folder.predictions, n_classes=2).of("test")


def words(page: AppTest) -> str:
    return "\n".join(text.value for text in page.markdown)


def charts(page: AppTest) -> dict[str, str]:
    """What each chart says to those who cannot see it, by its first words."""
    texts = [chart.proto.alt for chart in page.get("vega_lite_chart")]
    return {text.split(":")[0].split(",")[0]: text for text in texts}


@pytest.mark.parametrize("part", PARTS)
def test_every_part_of_a_finished_run(open_page: OpenPage, small_run: str, part: str) -> None:
    page = open_page("evaluate", run=small_run, part=part)
    assert page_text(page) == []
    assert page.title[0].value == "Results"


def test_the_test_pictures_are_moved_and_for_an_older_run_on_request(
    open_page: OpenPage, small_run: str, folder: RunFolder
) -> None:
    tests = load_shift_tests(folder.shift_test)
    assert tests is not None
    page = open_page("evaluate", run=small_run)
    assert describe_shift(tests.test) in words(page)
    assert AT_THE_EDGE in [text.help for text in page.markdown]
    assert not [button for button in page.button if button.key == "shift_now"]

    folder.shift_test.unlink()
    page = open_page("evaluate", run=small_run)
    assert describe_shift(tests.test) not in words(page)
    page.button(key="shift_now").click().run()
    assert describe_shift(tests.test) in words(page)
    assert load_shift_tests(folder.shift_test) == tests


def test_the_answers_are_those_of_the_saved_network(
    small_run: str, folder: RunFolder, predictions: Predictions
) -> None:
    run = services.registry().get(small_run)
    assert run.result is not None
    pixels = load_run_inputs(folder, run.config, services.settings().features_dir)
    assert pixels is not None
    probabilities = Classifier(folder).predict_features(pixels.of(predictions.rows))
    assert np.abs(probabilities - predictions.probabilities).max() < 1e-5
    report = report_of(run)
    stored = run.result.test
    assert report.test.confusion == stored.confusion
    assert report.test.accuracy == stored.accuracy


def test_the_headline_names_accuracy_interval_guessing_and_gap(
    open_page: OpenPage, small_run: str, predictions: Predictions
) -> None:
    page = open_page("evaluate", run=small_run)
    n_correct, n_images = int(predictions.correct.sum()), len(predictions)
    low, high = wilson_interval(n_correct, n_images)
    metric = next(m for m in page.metric if m.label == f"Right on {n_images} test pictures")
    assert metric.value == f"{n_correct / n_images:.1%}"
    assert f"between {low:.1%} and {high:.1%}" in words(page)
    assert "guessing among 2 classes**, which would do this well in " in words(page)
    assert "On its training pictures it is right in" in words(page)
    assert "used once for this network, at the end. They decided nothing" in metric.help
    assert f"test {n_correct / n_images:.1%}" in charts(page)["Right"]


def test_a_cell_of_the_matrix_shows_its_images(
    open_page: OpenPage, small_run: str, predictions: Predictions
) -> None:
    page = open_page("evaluate", run=small_run, truth="dog", called="dog")
    chosen = cell(predictions, 1, 1)
    if len(chosen):
        assert f"of {len(chosen)} pictures: dog predicted as dog" in captions(page)
    page.selectbox(key="truth").set_value("cat").run()
    page.selectbox(key="called").set_value("cat").run()
    chosen = cell(predictions, 0, 0)
    expected = (
        f"of {len(chosen)} pictures: cat predicted as cat" if len(chosen) else "no such picture"
    )
    assert expected in captions(page) + "".join(info.value for info in page.info)
    assert page_text(page) == []


def test_an_opened_image_tells_truth_probabilities_and_file(
    open_page: OpenPage, small_run: str, predictions: Predictions
) -> None:
    row = int(predictions.rows[2])
    page = open_page("evaluate", run=small_run, shown=str(row + 1))
    source = services.catalog().load(CARTOONS).images["source"].iat[row]
    assert f"**File** {source}, number {row + 1}" in words(page).replace("\\", "")
    truth, called = (
        ("cat", "dog")[label] for label in (predictions.labels[2], predictions.predicted[2])
    )
    alt = charts(page)[f"True class {truth}"]
    assert alt.endswith(f"predicted {called} with {predictions.confidence[2]:.1%}")
    assert any("See the original" in link.value for link in page.page_link)
    page.button(key="answer_close").click().run()
    assert "**File**" not in words(page)


def test_a_number_of_no_test_image_is_a_sentence(open_page: OpenPage, small_run: str) -> None:
    run = services.registry().get(small_run)
    training = report_of(run).predictions.of("train").rows.min()
    page = open_page("evaluate", run=small_run, shown=str(training + 1))
    assert f"Number {training + 1} of the data set is a training picture" in captions(page)
    assert page.number_input(key="shown").label == "Number in the data set"


def test_the_surest_mistakes_come_first(
    open_page: OpenPage, small_run: str, predictions: Predictions
) -> None:
    page = open_page("evaluate", run=small_run, part="Pictures")
    run = services.registry().get(small_run)
    n_mistakes = len(most_confident_mistakes(predictions))
    shown = captions(page) + "".join(info.value for info in page.info)
    expected = (
        f"of {n_mistakes} pictures: most confident mistakes" if n_mistakes else "no such picture"
    )
    assert expected in shown
    assert describe_mistakes(report_of(run)) in words(page)
    page.get_by_key("answers").set_value("Least confident predictions").run()
    assert f"of {len(predictions)} pictures: least confident predictions" in captions(page)


def test_calibration_and_both_curves_of_two_classes(open_page: OpenPage, small_run: str) -> None:
    report = report_of(services.registry().get(small_run))
    assert report.roc is not None
    page = open_page("evaluate", run=small_run, part="Confidence", thresholds="true")
    assert f"area {report.roc.area:.3f}" in charts(page)["ROC curve"]
    assert "Precision against recall" in charts(page)
    assert f"expected calibration error is {report.calibration.error:.1%}" in words(page)
    assert f"of all, {report.test.accuracy:.1%} are" in words(page)
    assert "most confident first" in charts(page)["Share right against share answered"]


def test_two_training_accuracies_on_the_page_are_explained(
    open_page: OpenPage, small_run: str
) -> None:
    registry = services.registry()
    result, history = registry.get(small_run).learned, registry.metrics(small_run)
    report = report_of(registry.get(small_run))
    page = open_page("evaluate", run=small_run, part="Curves and settings")
    curve, headline = f"{history[-1].accuracy:.1%}", f"{report.splits['train'].accuracy:.1%}"
    explanation = compare_training_accuracies(report, history, result.kept_epoch)
    assert bool(explanation) == (curve != headline)
    assert explanation in words(page)


def test_weights_of_every_kept_epoch(
    open_page: OpenPage, small_run: str, folder: RunFolder
) -> None:
    page = open_page("evaluate", run=small_run, part="First layer")
    moments = ["before training", "after epoch 1", "after epoch 2", "after training"]
    assert page.select_slider(key="after").options == moments
    assert "8 neurons; norm" in captions(page)
    norms = {}
    for name, file in snapshots(folder.first_layer).items():
        page.select_slider(key="after").set_value(name).run()
        assert page.select_slider(key="after").value == name
        layer = load_first_layer(file, N_FEATURES)
        norms[name] = layer.norms.mean()
        assert f"norm {norms[name]:.2f} and smoothness" in captions(page)
    assert list(norms) == ["0", "1", "2", "final"]
    assert len(set(norms.values())) == 4
    assert "Training has changed the weights of these by" in words(page)
    page.number_input(key="node").set_value(3).run()
    assert "**Neuron 3**: norm" in words(page)
    page.toggle(key="changes").set_value(True).run()
    assert "ithout the noise of the beginning" in words(page)
    assert page_text(page) == []


def test_a_run_of_an_older_flatland_shows_what_there_is(
    open_page: OpenPage, small_run: str, folder: RunFolder
) -> None:
    folder.predictions.unlink()
    shutil.rmtree(folder.first_layer)
    page = open_page("evaluate", run=small_run)
    assert len(page_text(page)) == 1
    assert "there are no answers to show" in page_text(page)[0]
    assert "Test accuracy" in {metric.label for metric in page.metric}
    assert any("The weights of this network were not kept" in info.value for info in page.info)
    page = open_page("evaluate", run=small_run, part="Curves and settings")
    assert {"loss", "accuracy"} <= {alt.split(".")[0] for alt in charts(page)}
    kept = services.registry().get(small_run).learned.kept
    assert f"Its weights are those of {kept}." in [text.value for text in page.markdown]


def test_a_run_whose_data_set_is_gone_keeps_its_images(
    open_page: OpenPage, small_run: str, data_dir: Path, predictions: Predictions
) -> None:
    Catalog(data_dir / "datasets").delete(CARTOONS)
    shown = str(int(predictions.rows[0]) + 1)
    page = open_page(
        "evaluate",
        run=small_run,
        part="Pictures",
        predictions="Least confident predictions",
        shown=shown,
    )
    assert page_text(page) == []
    assert "of a data set that is no longer here" in captions(page)
    assert "as the network saw it" in captions(page)


def test_a_run_from_elsewhere_has_its_test_images_or_a_list(
    open_page: OpenPage, small_run: str, data_dir: Path, predictions: Predictions, folder: RunFolder
) -> None:
    config = services.registry().get(small_run).config
    pixels = load_run_inputs(folder, config, services.settings().features_dir)
    assert pixels is not None
    own = RunInputs(pixels.of(predictions.rows), predictions.rows, config.preprocess)
    shutil.rmtree(services.settings().features_dir)
    Catalog(data_dir / "datasets").delete(CARTOONS)

    query = {"part": "Pictures", "answers": "Least confident predictions"}
    page = open_page("evaluate", run=small_run, **query)
    assert page_text(page) == []
    assert page.dataframe[0].value["number"].tolist()[0] in (predictions.rows + 1).tolist()

    save_run_inputs(own, predictions, folder.pixels)
    page = open_page("evaluate", run=small_run, **query, shown=str(int(predictions.rows[0]) + 1))
    assert page_text(page) == []
    assert len(page.dataframe) == 0
    assert "as the network saw it" in captions(page)


def test_without_any_run_the_page_leads_to_training(open_page: OpenPage) -> None:
    page = open_page("evaluate")
    assert page_text(page) == []
    assert any("Train one" in link.value for link in page.page_link)


def a_page_of_many_classes(run_id: str, n_classes: int) -> None:
    """A page that shows answers with very many classes, for `AppTest.from_function`."""
    import numpy as np

    from ann_core.evaluation.report import report
    from ann_core.evaluation.stored_predictions import Predictions
    from ui.base import services
    from ui.results.confusion import show_confusion

    indices = np.arange(60)
    probabilities = np.full((60, n_classes), 0.1 / n_classes, dtype=np.float32)
    probabilities[indices, indices % 7] = 0.9
    splits = np.repeat(["train", "validation", "test"], 20)
    predictions = Predictions(probabilities, np.full(60, 5), splits, indices, indices)
    names = tuple(f"class {number}" for number in range(n_classes))
    show_confusion(services.registry().get(run_id), report(predictions, names))


@pytest.mark.parametrize("n_classes", [30, 200])
def test_very_many_classes_stay_usable(small_run: str, n_classes: int) -> None:
    args = (small_run, n_classes)
    page = AppTest.from_function(a_page_of_many_classes, default_timeout=30, args=args).run()
    assert page_text(page) == []
    # Of places 40 to 59, three are right and two were called class 4; of the others three each.
    assert page.selectbox(key="truth").value == "class 5"
    frequent = page.table[1].value
    assert len(frequent) == 6
    assert frequent["pictures"].tolist() == ["3", "3", "3", "3", "3", "2"]
    assert set(frequent["true class"]) == {"class 5"}
    page.selectbox(key="called").set_value("class 5").run()
    assert "1 to 3 of 3 pictures: class 5 predicted as class 5" in captions(page)
    assert page_text(page) == []


def test_the_weights_of_all_layers_are_shown_from_before_training_to_the_last_epoch(
    open_page: OpenPage, small_run: str, folder: RunFolder
) -> None:
    histograms = load_weight_histograms(folder.weight_histograms)
    assert (histograms.epochs, histograms.n_layers) == ([0, 1, 2, 3], 2)
    opened = {"run": small_run, "part": "First layer", "weight_histograms": "true"}
    page = open_page("evaluate", **opened)
    assert page_text(page) == []
    assert {"Hidden layer 1", "Last layer"} <= set(charts(page))
    assert charts(page)["Last layer"] == describe_histograms(histograms, 1)
    folder.weight_histograms.unlink()
    page = open_page("evaluate", **opened)
    assert "older Flatland" in page.info[0].value
