"""Choosing a data set, a picture, a run: the same control on every page."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
from PIL import Image

from ann_core.datasets.dataset import Dataset, DatasetInfo
from ann_core.images import open_picture
from ann_core.runs.run import Run
from ui import pages, services, state

DATASET = "data"


def choose_dataset(*, with_link: bool = True) -> DatasetInfo | None:
    """Show the data sets to choose from; None, with a way out, if there are none."""
    infos = {info.name: info for info in services.catalog().infos()}
    if not infos:
        st.info("There are no pictures yet. Bring some in, or take a built-in set.")
        if with_link:
            st.page_link(
                pages.EXPLORE, label="Bring in pictures", icon=":material/add_photo_alternate:"
            )
        return None
    name = st.selectbox(
        "Data set",
        list(infos),
        format_func=lambda n: f"{n} ({infos[n].n_images:,} pictures)",
        key=DATASET,
        bind="query-params",
    )
    return infos.get(name or "")


@st.cache_data(max_entries=8, show_spinner="Opening the data set")
def _load(name: str, _fingerprint: str) -> Dataset:
    return services.catalog().load(name)


def load_dataset(info: DatasetInfo) -> Dataset:
    """Open the index of a data set, kept for the next rerun."""
    return _load(info.name, info.fingerprint)


def choose_run(runs: list[Run]) -> Run | None:
    """Show runs with a model to choose from; the one in the address comes first."""
    by_id = {run.id: run for run in runs}
    current = state.current_run()
    if current is not None and current.has_model:
        by_id = {current.id: current} | by_id
    if not by_id:
        return None
    run_id = st.selectbox("Network", list(by_id), format_func=lambda i: run_title(by_id[i]))
    run = by_id[run_id]
    state.remember(run)
    return run


def run_title(run: Run) -> str:
    """Name a run by what it was and how well it did."""
    layers = "-".join(str(n) for n in run.config.network.hidden_units) or "linear"
    score = f", {run.result['test']['accuracy']:.0%} right" if run.result else ""
    name = run.name or f"{run.config.dataset}, {layers}"
    return f"{name}{score}, {run.created:%d %b %H:%M}"


def picture_source(
    key: str, others: dict[str, Callable[[], Image.Image | None]]
) -> Image.Image | None:
    """Let people bring one picture: upload, camera, or one of `others`.

    Parameters
    ----------
    others : dict of label to function
        Further sources, each drawing its own controls.

    Raises
    ------
    PictureError
        If what came is no readable picture.
    """
    sources: dict[str, Callable[[], Image.Image | None]] = others | {
        "Upload": lambda: _uploaded(key),
        "Camera": lambda: _photographed(key),
    }
    choice = st.segmented_control(
        "Picture from", list(sources), default=next(iter(sources)), required=True, key=f"{key}_from"
    )
    return sources[choice or next(iter(sources))]()


def _uploaded(key: str) -> Image.Image | None:
    file = st.file_uploader("A picture of yours", key=f"{key}_upload")
    return open_picture(file).image if file is not None else None


def _photographed(key: str) -> Image.Image | None:
    photo = st.camera_input("Take a photo", key=f"{key}_camera", resolution="480p")
    return open_picture(photo).image if photo is not None else None


def picture_of(
    dataset: Dataset, rows: list[int], key: str, *, say_class: bool
) -> Image.Image | None:
    """Let people choose one picture of a data set by number."""
    number = st.number_input(
        f"Picture, 1 to {len(rows):,}", 1, len(rows), key=f"{key}_number", persist_state="session"
    )
    row = rows[int(number) - 1]
    picture = dataset.pictures.iloc[row]
    if say_class:
        st.caption(f"This is a {picture['class_name']}, {picture['split']} split.")
    return open_picture(dataset.path(row)).image
