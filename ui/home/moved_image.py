"""A picture that visitors move, and what a network predicts of it, worked out in the browser."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import streamlit as st

from ann_core.imaging.perturbation import shift_map
from ann_core.imaging.preprocessing import flatten, preprocess
from ann_core.plots.moved_image import pack_moved_image
from ann_core.prediction.example_network import PREPROCESS, example_image, load_example_network

NEAR, FAR = 10, 15  # pixels of the network's picture
_LABEL = "Cartoon of a cat that moves"


def _part(ending: str) -> str:
    return Path(__file__).with_suffix(ending).read_text(encoding="utf-8")


_component = st.components.v2.component(
    "flatland_moved_image", html=_part(".html"), css=_part(".css"), js=_part(".js")
)


def show_moved_image() -> None:
    """Show the picture, the row that it becomes, and what the network predicts of it now."""
    _component(data=_packed(), key="moved_image", height="content")


def what_to_notice() -> str:
    """Say how much depends on the place of the animal, for this picture and for all test pictures.

    All numbers are those of the network that is shown.
    """
    network, image = load_example_network(), preprocess(example_image(), PREPROCESS)
    predicted = int(network.predict(flatten(image[np.newaxis]))[0].argmax())
    around = shift_map(image, network.predict, farthest=NEAR)
    n_places = around.right.size * around.down.size - 1
    n_changed = round(around.flip_rate(predicted) * (n_places + 1))
    as_they_are, moved, far = (network.accuracy_at(pixels) for pixels in (0, NEAR, FAR))
    return (
        f"To you it is the same {network.class_names[predicted]} everywhere. Of the {n_places} "
        f"places within {NEAR} pixels, {n_changed} change the prediction: every pixel meets "
        f"another weight there. This small network was trained on {network.n_train:,} such "
        f"drawings. Of {network.n_test} new ones it gets {as_they_are:.0%} right as they are, "
        f"{moved:.0%} when all of them move {NEAR} pixels to the right, and {far:.0%} at {FAR} "
        f"pixels. Guessing gets {1 / len(network.class_names):.0%}."
    )


@st.cache_data(max_entries=1, show_spinner=False)
def _packed() -> bytes:
    network = load_example_network()
    words = {"label": _LABEL, "notice": what_to_notice()}
    return pack_moved_image(network, example_image(), words=words)
