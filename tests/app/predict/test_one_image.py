"""The Predict page, one image: the truth is hidden, and every change of the image is answered."""

from __future__ import annotations

import io
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from ann_core.datasets.catalog import Catalog
from ann_core.evaluation.layer_values import (
    describe_layer,
    describe_strongest,
    layer_values,
)
from ann_core.evaluation.ood import OodThresholds, save_ood_thresholds
from ann_core.evaluation.run_inputs import RunInputs, load_run_inputs, save_run_inputs
from ann_core.evaluation.stored_predictions import load_predictions
from ann_core.imaging.images import open_image
from ann_core.imaging.perturbation import Perturbation
from ann_core.imaging.preprocessing import flatten, preprocess
from ann_core.imaging.smallest_move import describe_move, smallest_move
from ann_core.prediction.classifier import Classifier
from ann_core.runs.folder import RunFolder
from tests.app.conftest import OpenPage
from tests.helpers.app_text import captions, page_text
from tests.helpers.small_run import CARTOONS, SIDE
from ui.base import services
from ui.base.text import with_article


@pytest.fixture
def folder(data_dir: Path, small_run: str) -> RunFolder:
    return RunFolder.of(data_dir / "runs", small_run)


def first_test_image() -> tuple[Image.Image, str]:
    """The image that the page draws first, and its class."""
    dataset = services.catalog().load(CARTOONS)
    row = int(np.random.default_rng(0).permutation(dataset.indices("test"))[0])
    image = open_image(dataset.path(row)).image
    return image, str(dataset.images["class_name"].iat[row])


def prediction_shown(page: AppTest) -> str:
    [header] = [h.value for h in page.header if h.value.startswith("Its answer")]
    return str(header)


def words(page: AppTest) -> str:
    return "\n".join(text.value for text in page.markdown)


def as_png(values: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(values).save(buffer, "PNG")
    return buffer.getvalue()


def test_the_truth_is_hidden_until_asked_and_hidden_again_for_the_next(
    open_page: OpenPage, small_run: str
) -> None:
    page = open_page("predict", run=small_run)
    assert page_text(page) == []
    assert "it is a " not in words(page)
    page.toggle[0].set_value(True).run()
    truth = first_test_image()[1]
    verdict = "Right" if f": {truth} (" in prediction_shown(page) else "Wrong"
    assert f"**{verdict}: it is a {truth}.**" in words(page)
    page.number_input(key="test_number").set_value(2).run()
    assert "it is a " not in words(page)


def test_without_its_data_set_a_run_shows_the_test_images_that_it_has(
    open_page: OpenPage, small_run: str, data_dir: Path, folder: RunFolder
) -> None:
    """As a network that was brought from elsewhere has them: the bytes of its test split only."""
    config = services.registry().get(small_run).config
    pixels = load_run_inputs(folder, config, data_dir / "features")
    assert pixels is not None
    test = load_predictions(folder.predictions, 2).of("test")
    own = RunInputs(pixels.of(test.rows), test.rows, config.preprocess)
    save_run_inputs(own, test, folder.pixels)
    shutil.rmtree(data_dir / "features")
    Catalog(data_dir / "datasets").delete(CARTOONS)

    page = open_page("predict", run=small_run)
    assert page_text(page) == []
    assert "this is what the network saw of it" in captions(page)
    assert "of its own test pictures, this rule warned of" in captions(page)
    shown = prediction_shown(page)
    row = load_predictions(folder.predictions, 2).of("test").rows
    first = int(row[int(np.random.default_rng(0).permutation(len(row))[0])])
    [expected] = Classifier(folder).predict_features(pixels.of(np.array([first])))
    assert shown.endswith(f"({expected.max():.0%})")
    page.toggle[0].set_value(True).run()
    assert "it is a " in words(page)
    page = open_page("predict", run=small_run, closer="Nearest training pictures")
    assert all("These pictures are not here" in sentence for sentence in page_text(page))
    assert len(page_text(page)) == 2


def test_an_image_unlike_all_others_is_warned_of(
    open_page: OpenPage, small_run: str, folder: RunFolder
) -> None:
    page = open_page("predict", run=small_run)
    page.get_by_key("predict_from").set_value("Upload").run()
    board = (np.indices((SIDE, SIDE)).sum(axis=0) % 2 * 255).astype(np.uint8)
    page.get_by_key("predict_upload").upload("board.png", as_png(board)).run()
    assert page_text(page) == []
    [warning] = page.warning
    assert "unlike those that the network was trained on" in warning.value
    rule = Classifier(folder).ood_rule
    assert rule is not None
    assert f"Of {rule.own.n_images} of its own test pictures" in captions(page)
    assert f"all {rule.others['noise'].n_images} pictures of noise" in captions(page)


def test_a_run_of_an_older_flatland_warns_by_the_older_rule(
    open_page: OpenPage, small_run: str, folder: RunFolder
) -> None:
    folder.ood_rule.unlink()
    save_ood_thresholds(
        OodThresholds(confidence_floor=0.0, distance_limit=1e6), folder.ood_thresholds
    )
    page = open_page("predict", run=small_run)
    assert not page.warning
    assert "The rules of this network notice nothing" in captions(page)
    assert "An older Flatland made this rule" in captions(page)
    save_ood_thresholds(
        OodThresholds(confidence_floor=1.1, distance_limit=0.0), folder.ood_thresholds
    )
    page.run()
    assert "It is not confident" in page.warning[0].value
    assert "unlike all it was trained on" in page.warning[0].value
    folder.ood_thresholds.unlink()
    page.run()
    assert not page.warning
    assert "an older Flatland" in captions(page)


def test_the_answer_follows_every_change_of_the_image(
    open_page: OpenPage, small_run: str, folder: RunFolder
) -> None:
    page = open_page("predict", run=small_run, closer="Move the picture")
    assert page_text(page) == []
    classifier = Classifier(folder)
    small = preprocess(first_test_image()[0], classifier.preprocess)

    def expected(change: Perturbation) -> str:
        [row] = classifier.predict_features(flatten(change.apply(small)[np.newaxis]))
        return f"Now: {classifier.class_names[row.argmax()]} ({row.max():.0%})"

    assert page.subheader[0].value.startswith(expected(Perturbation()))
    for name in ("right", "down", "up"):
        page.button(key=f"shift_{name}").click().run()
    assert page.slider(key="shift_right_8").value == 1
    page.slider(key="what_if_angle").set_value(90)
    page.slider(key="what_if_zoom").set_value(150)
    page.slider(key="what_if_brightness").set_value(40)
    page.toggle(key="what_if_mirrored").set_value(True)
    page.toggle(key="what_if_flipped").set_value(True).run()
    change = Perturbation(
        zoom=1.5, angle=90, mirrored=True, upside_down=True, brightness=40, right=1, down=0
    )
    assert page.subheader[0].value.startswith(expected(change))
    page.slider(key="shift_right_8").set_value(-8)
    page.button(key="shift_left").click().run()
    assert page.slider(key="shift_right_8").value == -8, "at most half of the picture"
    page.button(key="what_if_reset").click().run()
    assert page.subheader[0].value.startswith(expected(Perturbation()))
    assert page_text(page) == []


def test_the_smallest_move_is_that_of_this_network_and_image(
    open_page: OpenPage, small_run: str, folder: RunFolder
) -> None:
    page = open_page("predict", run=small_run, closer="Move the picture")
    classifier = Classifier(folder)
    image = preprocess(first_test_image()[0], classifier.preprocess)
    move = smallest_move(image, classifier.predict_features)
    notice = describe_move(move, classifier.class_names)
    assert notice in [text.value for text in page.markdown]
    assert "three pixels" not in "".join(text.value for text in page.markdown)


def test_maps_are_drawn_when_asked_for(open_page: OpenPage, small_run: str) -> None:
    page = open_page("predict", run=small_run, closer="Move the picture")
    before = len(page.get("plotly_chart"))
    page.toggle(key="shift_map").set_value(True).run()
    page.toggle(key="patch_map").set_value(True).run()
    assert page_text(page) == []
    alts = [chart.proto.alt for chart in page.get("plotly_chart")]
    assert len(alts) == before + 2
    assert any(" at 289 shifts" in alt for alt in alts), "17 x 17: half of 16 pixels"
    assert any("by a patch" in alt for alt in alts)


def test_the_nearest_training_images_have_class_and_distance(
    open_page: OpenPage, small_run: str, folder: RunFolder, data_dir: Path
) -> None:
    page = open_page("predict", run=small_run, closer="Nearest training pictures")
    assert page_text(page) == []
    config = services.registry().get(small_run).config
    pixels = load_run_inputs(folder, config, data_dir / "features")
    assert pixels is not None
    predictions = load_predictions(folder.predictions, 2).of("train")
    query = preprocess(first_test_image()[0], config.preprocess).ravel()
    far = np.linalg.norm(pixels.of(predictions.rows).astype(float) - query, axis=1)
    shown = [c.value for c in page.caption if c.value.endswith(" away")]
    assert len(shown) == 10, "five in each of two spaces"
    order = np.argsort(far)[:5]
    names = folder.read_class_names()
    assert shown[:5] == [f"**{names[predictions.labels[n]]}**  \n{far[n]:,.0f} away" for n in order]


def test_a_run_of_an_older_flatland_says_what_it_lacks(
    open_page: OpenPage, small_run: str, folder: RunFolder
) -> None:
    lacking = (folder.predictions, folder.ood_thresholds, folder.ood_rule, folder.embeddings)
    for file in lacking:
        file.unlink()
    page = open_page("predict", run=small_run, closer="Nearest training pictures")
    [sentence] = page_text(page)
    assert "answers.npz" in sentence
    assert "an older Flatland" in captions(page)
    assert prediction_shown(page)


def test_two_networks_answer_about_the_same_image(
    open_page: OpenPage, small_run: str, data_dir: Path, folder: RunFolder
) -> None:
    """The second one is a copy of the first with its classes the other way round."""
    registry = services.registry()
    other = registry.submit(registry.get(small_run).config, submit_key="again", name="turned")
    claimed = registry.attempts.claim(1)
    assert claimed == (other.id, 1)
    registry.attempts.start(*claimed, os.getpid())
    assert registry.attempts.finish(*claimed, status="done", result=registry.get(small_run).result)
    copy = RunFolder(Path(shutil.copytree(folder.path, data_dir / "runs" / other.id)))
    names = folder.read_class_names()
    copy.class_names.write_text(json.dumps(names[::-1]))

    page = open_page("predict", run=small_run)
    page.selectbox(key="second_choice").set_value(other.id).run()
    assert page_text(page) == []
    assert page.query_params["second"] == other.id
    first, second = [h.value for h in page.header if h.value.startswith("Its answer")]
    first_class = next(name for name in names if f" {name} " in first)
    second_class = next(name for name in names if f" {name} " in second)
    assert first_class != second_class
    assert first.split()[-1] == second.split()[-1]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"ask": "nothing", "closer": "nothing"}, None),
        ({"test_number": "7"}, None),
        ({"second": "../../etc/passwd"}, "Expected an id"),
        ({"second": "AAAAAAAAAAAAAAAA"}, "Nothing here has the id"),
        ({"closer": "Move the picture", "shift_right_8": "99", "what_if_zoom": "wide"}, None),
    ],
)
def test_a_strange_address_is_answered_or_refused_in_a_sentence(
    open_page: OpenPage, small_run: str, query: dict[str, str], words: str | None
) -> None:
    page = open_page("predict", run=small_run, **query)
    sentences = page_text(page)
    assert len(sentences) == (words is not None)
    assert words is None or sentences[0].startswith(words)
    assert prediction_shown(page)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("dog", "a dog"), ("Owl", "an owl"), ("7", "of class 7"), ("cats", "of class cats")],
)
def test_a_verdict_is_english_for_every_class(name: str, expected: str) -> None:
    assert with_article(name) == expected


def test_another_picture_is_another_one(open_page: OpenPage, small_run: str) -> None:
    page = open_page("predict", run=small_run, test_number="2")
    page.button(key="test_number_another").click().run()
    assert page_text(page) == []
    assert page.number_input(key="test_number").value != 2


def test_every_layer_is_shown_as_a_strip_when_its_fold_is_opened(
    open_page: OpenPage, small_run: str, folder: RunFolder
) -> None:
    page = open_page("predict", run=small_run)
    assert "Hidden layer 1" not in captions(page)
    page = open_page("predict", run=small_run, layers_of_one="true")
    assert page_text(page) == []
    rows = np.asarray(
        flatten(preprocess(first_test_image()[0], Classifier(folder).preprocess)[None])
    )
    inside = layer_values(folder, rows[0] / 255)
    np.testing.assert_allclose(
        inside.probabilities, Classifier(folder).predict_features(rows)[0], atol=1e-5
    )
    assert f"**Hidden layer 1**: {describe_layer(inside.hidden[0])}." in captions(page)
    assert describe_strongest(inside, ("cat", "dog")) in words(page)
