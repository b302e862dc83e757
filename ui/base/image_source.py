"""Choosing one image: upload, camera, or one of a data set."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import streamlit as st
from PIL import Image

from ann_core.datasets.dataset import Dataset
from ann_core.imaging.images import SUFFIXES, open_image
from ui.base import keys
from ui.base.text import plain, short

UPLOAD_TYPES = sorted(suffix.removeprefix(".") for suffix in SUFFIXES)
"""Endings of images, as `st.file_uploader` takes them."""


@dataclass(frozen=True)
class Chosen:
    """An image that somebody chose, and its class if it is known."""

    image: Image.Image
    class_name: str | None = None


Source = Callable[[], Chosen | None]


def image_source(key: str, others: Mapping[str, Source]) -> Chosen | None:
    """Let people bring one image: upload, camera, or one of `others`.

    Parameters
    ----------
    others : dict of label to function
        Further sources, each drawing its own controls.

    Raises
    ------
    ImageError
        If what came is no readable image.
    """
    sources: dict[str, Source] = dict(others) | {
        "Upload": lambda: _uploaded(key),
        "Camera": lambda: _photographed(key),
    }
    choice = st.segmented_control(
        "Picture from", list(sources), default=next(iter(sources)), required=True, key=f"{key}_from"
    )
    return sources[choice or next(iter(sources))]()


def dataset_image(dataset: Dataset) -> Chosen:
    """Let people choose any image of a data set; its number stands in the address.

    Raises
    ------
    ImageError
        If its file is gone.
    """
    row = choose_row(np.arange(len(dataset)), keys.IMAGE_NUMBER)
    image = dataset.images.iloc[row]
    class_name = str(image["class_name"])
    st.caption(f"Class {plain(short(class_name))}, {image['split']} split.")
    return Chosen(open_image(dataset.path(row)).image, class_name)


def choose_row(rows: np.ndarray, key: str) -> int:
    """Let people choose one of `rows` by its place in them, counted from 1."""
    if not 1 <= st.session_state.get(key, 1) <= len(rows):
        st.session_state[key] = 1  # of other images
    number = st.number_input(
        *(f"Picture, 1 to {len(rows):,}", 1, len(rows)),
        key=key,
        persist_state="session",
        bind="query-params",
    )
    return int(rows[int(number) - 1])


def _uploaded(key: str) -> Chosen | None:
    file = st.file_uploader("A picture of yours", type=UPLOAD_TYPES, key=f"{key}_upload")
    return Chosen(open_image(file).image) if file is not None else None


def _photographed(key: str) -> Chosen | None:
    photo = st.camera_input("Take a photo", key=f"{key}_camera", resolution="480p")
    return Chosen(open_image(photo).image) if photo is not None else None
