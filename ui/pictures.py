"""Choosing one picture: upload, camera, or one of a data set."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import streamlit as st
from PIL import Image

from ann_core.datasets.dataset import Dataset
from ann_core.images import SUFFIXES, open_picture
from ann_core.runs.run import Run
from ui import services
from ui.pickers import load_dataset
from ui.prose import plain, short

PICTURE = "picture"  # in the address: its number in the data set, from 1

_TYPES = sorted(suffix.removeprefix(".") for suffix in SUFFIXES)
_MIXED = 0  # seed of the order in which test pictures are offered


@dataclass(frozen=True)
class Chosen:
    """A picture that somebody chose, and its class if it is known."""

    image: Image.Image
    class_name: str | None = None


Source = Callable[[], Chosen | None]


def picture_source(key: str, others: Mapping[str, Source]) -> Chosen | None:
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
    sources: dict[str, Source] = dict(others) | {
        "Upload": lambda: _uploaded(key),
        "Camera": lambda: _photographed(key),
    }
    choice = st.segmented_control(
        "Picture from", list(sources), default=next(iter(sources)), required=True, key=f"{key}_from"
    )
    return sources[choice or next(iter(sources))]()


def dataset_picture(dataset: Dataset) -> Chosen:
    """Let people choose any picture of a data set; its number stands in the address.

    Raises
    ------
    PictureError
        If its file is gone.
    """
    row = _row_of(np.arange(len(dataset)), PICTURE, bind="query-params")
    picture = dataset.pictures.iloc[row]
    class_name = str(picture["class_name"])
    st.caption(f"Class {plain(short(class_name))}, {picture['split']} split.")
    return Chosen(open_picture(dataset.path(row)).image, class_name)


def test_picture(run: Run) -> Chosen:
    """Let people choose a picture of the run's test split; cats and dogs come mixed.

    Raises
    ------
    DatasetError, PictureError
        If the data set, or the file of the picture, is gone.
    """
    info = services.catalog().info(run.config.dataset)
    dataset = load_dataset(info)
    row = _row_of(np.random.default_rng(_MIXED).permutation(dataset.indices("test")), "test_number")
    truth = str(dataset.pictures["class_name"].iat[row])
    st.caption(f"In truth: {plain(short(truth))}.")
    if info.fingerprint != run.config.fingerprint:
        st.caption("The data set has changed since: this network may have learned this picture.")
    return Chosen(open_picture(dataset.path(row)).image, truth)


def _row_of(rows: np.ndarray, key: str, bind: Literal["query-params"] | None = None) -> int:
    """Let people choose one of `rows` by its place in them, counted from 1."""
    number = st.number_input(
        f"Picture, 1 to {len(rows):,}", 1, len(rows), key=key, persist_state="session", bind=bind
    )
    return int(rows[int(number) - 1])


def _uploaded(key: str) -> Chosen | None:
    file = st.file_uploader("A picture of yours", type=_TYPES, key=f"{key}_upload")
    return Chosen(open_picture(file).image) if file is not None else None


def _photographed(key: str) -> Chosen | None:
    photo = st.camera_input("Take a photo", key=f"{key}_camera", resolution="480p")
    return Chosen(open_picture(photo).image) if photo is not None else None
