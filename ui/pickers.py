"""Choosing a data set, a picture, a run: the same control on every page."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st
from PIL import Image

from ann_core.datasets.dataset import Dataset, DatasetInfo
from ann_core.images import SUFFIXES, open_picture
from ann_core.runs.run import Run
from ui import pages, services, state
from ui.guard import guard
from ui.prose import link_to, run_title

PICTURE_TYPES = sorted(suffix.removeprefix(".") for suffix in SUFFIXES)


def choose_dataset(*, with_link: bool = True) -> DatasetInfo | None:
    """Show the data sets to choose from; None, with a way out, if there are none."""
    infos = {info.name: info for info in services.catalog().infos()}
    if not infos:
        st.info("There are no pictures yet. Bring some in, or take a built-in set.")
        if with_link:
            link_to(pages.EXPLORE, "Bring in pictures", icon=":material/add_photo_alternate:")
        return None
    # Shown by name alone, for what is shown is also what stands in the address.
    name = st.selectbox("Data set", list(infos), key=state.DATASET, bind="query-params", width=360)
    return infos.get(name or "")


@st.cache_data(max_entries=8, show_spinner="Opening the data set")
def _load(name: str, _fingerprint: str) -> Dataset:
    return services.catalog().load(name)


def load_dataset(info: DatasetInfo) -> Dataset:
    """Open the index of a data set, kept for the next rerun."""
    return _load(info.name, info.fingerprint)


def choose_run(runs: Sequence[Run], *, required: bool) -> Run | None:
    """Show runs to choose from; chosen already is the one that the address names.

    Parameters
    ----------
    required : bool
        Whether to take the first of `runs` if the address names none of them.
    """
    by_id = {run.id: run for run in runs}
    with guard():
        current = state.current_run()
        if current is not None and (not required or current.has_model):
            by_id.setdefault(current.id, current)
        chosen = current.id if current is not None and current.id in by_id else None
        st.session_state[state.RUN_CHOICE] = chosen or (next(iter(by_id), None) if required else None)
    if not by_id:
        return None
    run_id = st.selectbox(
        "Network",
        list(by_id),
        index=None,
        format_func=lambda i: run_title(by_id[i]),
        key=state.RUN_CHOICE,
        on_change=state.choice_made,
        placeholder="Look at an earlier one",
    )
    return by_id.get(run_id or "")


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
    file = st.file_uploader("A picture of yours", type=PICTURE_TYPES, key=f"{key}_upload")
    return open_picture(file).image if file is not None else None


def _photographed(key: str) -> Image.Image | None:
    photo = st.camera_input("Take a photo", key=f"{key}_camera", resolution="480p")
    return open_picture(photo).image if photo is not None else None


def row_of(rows: Sequence[int], key: str) -> int:
    """Let people choose one of `rows` by its place in them, counted from 1."""
    number = st.number_input(
        f"Picture, 1 to {len(rows):,}",
        1,
        len(rows),
        key=f"{key}_number",
        persist_state="session",
    )
    return rows[int(number) - 1]
