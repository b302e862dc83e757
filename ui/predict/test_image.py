"""Images of a run's test split: the network has not learned them, and the truth is hidden."""

from __future__ import annotations

import numpy as np
import streamlit as st
from PIL import Image

from ann_core.datasets.dataset import DatasetInfo, display_name
from ann_core.errors import DatasetError
from ann_core.evaluation.unseen_order import shuffled_rows
from ann_core.imaging.preprocessing import squeeze_gray
from ann_core.runs.run import Run
from ui.base import keys
from ui.base.datasets import catalog, images_of
from ui.base.image_source import Chosen, choose_row, opener
from ui.base.pickers import load_dataset
from ui.runs.run_cache import report_of, run_inputs_of
from ui.runs.run_files import folder_of


def unseen_image(run: Run) -> Chosen:
    """Let people draw an image of the test split; cats and dogs come mixed.

    Raises
    ------
    DatasetError, ImageError, RunError
        If the data set or the file of the image is gone, and the run kept no copy.
    """
    info = images_of(run) or _changed(run)
    if info is None:
        return _kept_image(run)
    dataset = load_dataset(info)
    row = choose_row(shuffled_rows(dataset.indices("test")), keys.TEST_NUMBER)
    if info.fingerprint != run.config.fingerprint:
        st.caption("The data set has changed since: this network may have learned this picture.")
    truth = _truth(str(dataset.images["class_name"].iat[row]), f"{run.id}_{row}")
    return Chosen(opener(dataset.path(row)), truth)


def _changed(run: Run) -> DatasetInfo | None:
    """Find what has taken the name of the data set since, with other images."""
    try:
        return catalog().info(run.config.dataset)
    except DatasetError:
        return None


def _kept_image(run: Run) -> Chosen:
    """Draw one of those that the run itself has: as the network saw them."""
    pixels = run_inputs_of(run)
    if pixels is None:
        raise DatasetError(
            f"The test pictures of this network are not here: there is no data set "
            f"'{display_name(run.config.dataset)}'. Upload a picture of your own."
        )
    test = report_of(run).predictions.of("test")
    index = choose_row(shuffled_rows(np.arange(len(test))), keys.TEST_NUMBER)
    values = pixels.images(test.rows[index : index + 1])[0]
    st.caption("Its file is not here; this is what the network saw of it.")
    class_names = folder_of(run).read_class_names()
    truth = _truth(class_names[int(test.labels[index])], f"{run.id}_kept_{index}")
    image = Image.fromarray(squeeze_gray(values))  # at the small size of the network
    return Chosen(lambda _: image, truth)


def _truth(class_name: str, name: str) -> str | None:
    """Give the class if somebody asks for it; the next image has its own secret."""
    if not st.toggle("Show the correct answer", key=f"truth_{name}"):
        return None
    return class_name
