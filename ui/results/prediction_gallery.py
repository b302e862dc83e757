"""Images and what the network said about them: a sheet of many, and one of them in full."""

from __future__ import annotations

import numpy as np
import streamlit as st

from ann_core.datasets.dataset import Dataset
from ann_core.errors import DatasetError
from ann_core.evaluation.report import RunReport
from ann_core.evaluation.stored_predictions import Predictions
from ann_core.plots import results_plots
from ann_core.plots.images import array_sheet, enlargement, fit_png
from ann_core.runs.run import Run
from ui.base import keys, navigation, services
from ui.base.errors import guard
from ui.base.pickers import load_dataset
from ui.base.show_png import show_png
from ui.base.text import background, link_to, plain, short, text_colour
from ui.components.contact_sheet import show_sheet
from ui.runs import test_order
from ui.runs.run_cache import run_inputs_of
from ui.runs.run_files import folder_of

COLUMNS, ROWS = 8, 3
PER_PAGE = COLUMNS * ROWS
SIDE = 384  # of the opened image, in pixels of the page

# Keys of the session, and of the address.


def show_predictions(run: Run, report: RunReport, chosen: np.ndarray, words: str) -> None:
    """Show images of the test split in an order, page by page, and the opened one in full.

    Parameters
    ----------
    chosen : int64 array
        Places in ``report.predictions.of("test")``.
    words : str
        Which images these are.
    """
    predictions = report.predictions.of("test")
    opened = _opened(predictions)
    view = st.container(key=keys.PREDICTION_VIEW, border=opened is not None)
    if opened is not None:
        with view, guard():
            _show_one(run, predictions.take(np.array([opened])), report.test.class_names)
    if not len(chosen):
        st.info(f"There is no such picture: {plain(words)}.")
        return
    n_pages = -(-len(chosen) // PER_PAGE)
    page = (
        st.pagination(n_pages, key=keys.PREDICTION_PAGE, bind="query-params") if n_pages > 1 else 1
    )
    first = (page - 1) * PER_PAGE
    part = predictions.take(chosen[first : first + PER_PAGE])
    with guard():
        _show_page(run, part, report.test.class_names, words)
    st.caption(
        f"{first + 1:,} to {first + len(part):,} of {len(chosen):,} pictures: {plain(words)}. "
        "Click one to open it."
    )


def close() -> None:
    """Show the images from the first on, none of them open; for callbacks."""
    st.session_state.update({keys.PREDICTION_OPEN: None, keys.PREDICTION_PAGE: 1})


def dataset_of(run: Run) -> Dataset | None:
    """Open the data set of a run; None if it is gone, or has become another one."""
    try:
        info = services.catalog().info(run.config.dataset)
        return load_dataset(info) if info.fingerprint == run.config.fingerprint else None
    except DatasetError:
        return None


def _opened(predictions: Predictions) -> int | None:
    """Place of the image that the address or a click names; None while none is open."""
    number = st.number_input(
        "Open picture number",
        1,
        int(predictions.rows.max()) + 1,
        value=None,
        key=keys.PREDICTION_OPEN,
        bind="query-params",
        width=200,
        placeholder="of a test picture",
    )
    if number is None:
        return None
    found = np.flatnonzero(predictions.rows == int(number) - 1)
    if not len(found):
        st.caption(f"Picture {number:,} is none of the test pictures.")
        return None
    return int(found[0])


def _show_page(run: Run, part: Predictions, class_names: tuple[str, ...], words: str) -> None:
    numbers = [int(row) + 1 for row in part.rows]
    pixels = run_inputs_of(run)
    if pixels is None:
        _list(part, class_names)
        return
    png, gap = array_sheet(
        pixels.images(part.feature_rows), columns=COLUMNS, background=background()
    )
    told = [
        f"{short(class_names[truth])}, called {short(class_names[predicted])} ({sure:.0%} sure)"
        for truth, predicted, sure in zip(part.labels, part.predicted, part.confidence, strict=True)
    ]
    shown = st.session_state.get(keys.PREDICTION_OPEN)
    show_sheet(
        png,
        dict(zip(numbers, told, strict=True)),
        columns=COLUMNS,
        alt=f"{len(numbers)} pictures: {words}",
        opened=shown if shown in numbers else None,
        view=keys.PREDICTION_VIEW,
        on_pick=_open,
        key="answers_sheet",
        gap=gap,
    )


def _list(part: Predictions, class_names: tuple[str, ...]) -> None:
    """Tell the answers where the images are gone."""
    st.info("The pictures of this run are no longer here, so its answers are listed.")
    st.dataframe(
        {
            "number": part.rows + 1,
            "truth": [class_names[label] for label in part.labels],
            "answer": [class_names[predicted] for predicted in part.predicted],
            "sure": 100 * part.confidence,
        },
        hide_index=True,
        key="answers_list",
        column_config={"sure": st.column_config.NumberColumn(format="%.1f %%")},
        alt="Truth and answer of each picture",
    )


def _open(number: int) -> None:
    st.session_state[keys.PREDICTION_OPEN] = number


def _close_one() -> None:
    st.session_state[keys.PREDICTION_OPEN] = None


def _show_one(run: Run, prediction: Predictions, class_names: tuple[str, ...]) -> None:
    """Show one image as the network saw it, its probabilities, and where it came from."""
    row, truth, predicted = (
        int(prediction.rows[0]),
        int(prediction.labels[0]),
        int(prediction.predicted[0]),
    )
    verdict = "right" if truth == predicted else f"called {plain(short(class_names[predicted]))}"
    dataset = dataset_of(run)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Close", key="answer_close", icon=":material/close:", on_click=_close_one)
        st.markdown(f"**{plain(short(class_names[truth]))}**, {verdict}", width="stretch")
    left, correct = st.columns(2, gap="medium")
    with left:
        _show_pixels(run, prediction, class_names[truth])
    with correct:
        st.vega_lite_chart(
            results_plots.probabilities_chart(
                prediction.probabilities[0], class_names, truth, text_colour=text_colour()
            ),
            key="answer_probabilities",
            alt=f"In truth {class_names[truth]}, called {class_names[predicted]} with "
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
    asked = {keys.RUN: run.id, keys.TEST_NUMBER: str(test_order.number_of(dataset, row))}
    with st.container(horizontal=True):
        link_to(
            navigation.EXPLORE, "See the original", icon=":material/photo_library:", query=original
        )
        if folder_of(run).litert_model.is_file():
            link_to(navigation.PREDICT, "Ask about it", icon=":material/help_center:", query=asked)


def _show_pixels(run: Run, prediction: Predictions, class_name: str) -> None:
    pixels = run_inputs_of(run)
    if pixels is None:
        st.caption("The picture is no longer here.")
        return
    image = pixels.images(prediction.feature_rows)[0]
    png, width = fit_png(image, side=SIDE)
    show_png(png, width=width, alt=f"A picture of {class_name}, as the network saw it")
    times = enlargement(image, side=SIDE)
    enlarged = f", {times} times as large" if times > 1 else ""
    st.caption(f"{image.shape[1]} × {image.shape[0]} pixels, as the network saw it{enlarged}")
