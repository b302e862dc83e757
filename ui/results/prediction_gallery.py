"""Images and what the network said about them: a sheet of many, and one of them in full."""

from __future__ import annotations

import numpy as np
import streamlit as st

from ann_core.datasets.dataset import Dataset
from ann_core.errors import RunError
from ann_core.evaluation.explanations import explain_no_test_image
from ann_core.evaluation.report import RunReport
from ann_core.evaluation.stored_predictions import Predictions
from ann_core.evaluation.unseen_order import number_of
from ann_core.plots.images import array_sheet, enlargement
from ann_core.plots.prediction_plots import probabilities_chart
from ann_core.runs.run import Run
from ui.base import keys, navigation
from ui.base.datasets import catalog, explain_hidden, may_see_images_of
from ui.base.errors import guard
from ui.base.text import background, link_to, plain, short, text_colour
from ui.components.paged_images import PagedImages
from ui.runs.input_image import SIDE, show_input_image
from ui.runs.run_cache import dataset_of, run_inputs_of
from ui.runs.run_files import folder_of

PREDICTIONS = PagedImages(
    *(keys.PREDICTION_PAGE, keys.PREDICTION_OPEN, keys.PREDICTION_VIEW, keys.PREDICTION_SHEET),
    rows=2,
)


def show_predictions(run: Run, report: RunReport, *, chosen: np.ndarray, words: str) -> None:
    """Show images of the test split in an order, page by page, and the opened one in full.

    Parameters
    ----------
    chosen : int64 array
        Indices into ``report.predictions.of("test")``.
    words : str
        Which images these are.
    """
    if not may_see_images_of(run):
        explain_hidden()
        return
    predictions = report.predictions.of("test")
    opened = _opened(report.predictions)
    view = PREDICTIONS.view(border=opened is not None)
    if opened is not None:
        with view, guard():
            _show_one(run, opened, report.test.class_names)
    if not len(chosen):
        st.info(f"There is no such picture: {plain(words)}.")
        return
    page = PREDICTIONS.choose_page(len(chosen))
    part = predictions.take(chosen[page])
    with guard():
        _show_page(run, part, class_names=report.test.class_names, words=words)
    st.caption(
        f"{page.start + 1:,} to {page.stop:,} of {len(chosen):,} pictures: {plain(words)}. "
        "Click one to open it."
    )


def _opened(predictions: Predictions) -> Predictions | None:
    """Take the image that the address or a click names; None while none is open."""
    test = predictions.of("test")
    number = PREDICTIONS.choose_number(
        int(predictions.rows.max()) + 1,
        label="Number in the data set",
        placeholder="of a test picture",
    )
    if number is None:
        return None
    try:
        return test.at_rows([number - 1])
    except RunError:
        st.caption(explain_no_test_image(predictions, number - 1))
        return None


def _show_page(run: Run, part: Predictions, *, class_names: tuple[str, ...], words: str) -> None:
    numbers = [int(row) + 1 for row in part.rows]
    inputs = run_inputs_of(run)
    if inputs is None:
        _list(part, class_names)
        return
    images = inputs.images(part.rows)
    png, gap = array_sheet(images, columns=PREDICTIONS.columns, background=background())
    descriptions = [
        f"{short(class_names[truth])}, predicted {short(class_names[predicted])} ({share:.0%} "
        "confident)"
        for truth, predicted, share in zip(
            part.labels, part.predicted, part.confidence, strict=True
        )
    ]
    PREDICTIONS.show_page(
        png,
        dict(zip(numbers, descriptions, strict=True)),
        alt=f"{len(numbers)} pictures: {words}",
        gap=gap,
    )


def _list(part: Predictions, class_names: tuple[str, ...]) -> None:
    """Tell the answers where the images are gone."""
    st.info("The pictures of this network are no longer here, so its predictions are listed.")
    st.dataframe(
        {
            "number": part.rows + 1,
            "true class": [class_names[label] for label in part.labels],
            "predicted": [class_names[predicted] for predicted in part.predicted],
            "confidence": 100 * part.confidence,
        },
        hide_index=True,
        key="answers_list",
        column_config={"confidence": st.column_config.NumberColumn(format="%.1f%%")},
        alt="True and predicted class of each picture",
    )


def _show_one(run: Run, prediction: Predictions, class_names: tuple[str, ...]) -> None:
    """Show one image as the network saw it, its probabilities, and where it came from."""
    row, truth = int(prediction.rows[0]), int(prediction.labels[0])
    predicted = int(prediction.predicted[0])
    verdict = (
        "right" if truth == predicted else f"predicted as {plain(short(class_names[predicted]))}"
    )
    dataset = dataset_of(run)
    PREDICTIONS.show_heading(
        f"**{plain(short(class_names[truth]))}**, {verdict}", close_key="answer_close"
    )
    left, right = st.columns(2, gap="medium")
    with left:
        _show_input(run, row, class_names[truth])
    with right:
        st.vega_lite_chart(
            probabilities_chart(
                prediction.probabilities[0], class_names, truth=truth, text_colour=text_colour()
            ),
            key="answer_probabilities",
            alt=f"True class {class_names[truth]}, predicted {class_names[predicted]} with "
            f"{prediction.confidence[0]:.1%}",
        )
        if dataset is None:
            st.caption(f"Picture {row + 1:,} of a data set that is no longer here.")
            return
        _show_origin(run, dataset, row)


def _show_origin(run: Run, dataset: Dataset, row: int) -> None:
    """Name the file of an image, and lead to where more can be seen of it."""
    source = plain(str(dataset.images["source"].iat[row]))
    st.markdown(f"**File** {source}, number {row + 1:,} in the data set")
    original = {keys.DATASET: dataset.name, keys.GALLERY_OPEN: str(row + 1)}
    question = {keys.RUN: run.id, keys.TEST_NUMBER: str(number_of(dataset, row))}
    with st.container(horizontal=True):
        if catalog().find(dataset.name, dataset.fingerprint) is not None:  # not by a run's link
            icon = ":material/photo_library:"
            link_to(navigation.EXPLORE, "See the original", icon=icon, query=original)
        if folder_of(run).litert_model.is_file():
            link_to(
                navigation.PREDICT, "Open in Predict", icon=":material/help_center:", query=question
            )


def _show_input(run: Run, row: int, class_name: str) -> None:
    """Show an image as the network saw it, and say how much it is enlarged."""
    image = show_input_image(run, row, class_name)
    if image is None:
        st.caption("The picture is no longer here.")
        return
    times = enlargement(image, side=SIDE)
    enlarged = f", {times} times as large" if times > 1 else ""
    st.caption(f"{image.shape[1]} × {image.shape[0]} pixels, as the network saw it{enlarged}")
