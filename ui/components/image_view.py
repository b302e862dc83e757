"""One image of a data set: all that is known of it, and what the network gets of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st
from PIL import Image

from ann_core.datasets.dataset import Dataset
from ann_core.datasets.split import SPLIT_NAMES
from ann_core.imaging.images import open_image
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.imaging.stages import Stage, stages
from ann_core.plots.images import fit_png
from ui.base import keys, navigation
from ui.base.errors import guard
from ui.base.text import link_to, plain
from ui.components.stages import Drawing, draw_image, show_stages

SIDE = 520  # of the image, in pixels of the page
_LARGE = "large"  # beside the names of the stages


def show_image(
    dataset: Dataset,
    row: int,
    *,
    before: int | None,
    after: int | None,
    on_open: Callable[[int | None], None],
) -> None:
    """Show one image: as large as fits, its file, its place in the split, its steps.

    Parameters
    ----------
    row : int
        Of ``dataset.images``.
    before, after : int, optional
        Rows that the buttons beside it lead to.
    on_open : function of a row
        Called to open another image, or with None to close this one.
    """
    record = dataset.images.iloc[row]
    with st.container(horizontal=True, vertical_alignment="center"):
        _buttons(before, after, on_open)
        st.markdown(f"**{plain(record['source'])}**", width="stretch")
    with guard():
        walked = _walk(open_image(dataset.path(row), bits_used=dataset.info.bits_used).image)
        drawn = _drawn(walked, dataset.fingerprint, row)
        left, right = st.columns(2, gap="medium")
        with left:
            alt = f"{record['source']}, class {record['class_name']}"
            _show_large(walked[0], drawn[_LARGE], alt)
        with right:
            st.markdown(facts(dataset, row, walked[0]))
            query = {keys.DATASET: dataset.name, keys.IMAGE_NUMBER: str(row + 1)}
            link_to(navigation.PREPROCESS, "Preprocess it", icon=":material/grid_on:", query=query)
            show_stages(walked[1:], original=walked[0].outline, drawn=drawn)
            st.caption("These are the usual settings; Preprocess shows all steps, with yours.")


def facts(dataset: Dataset, row: int, original: Stage) -> str:
    """Say in Markdown what is known of an image."""
    record = dataset.images.iloc[row]
    fellows = dataset.indices(record["split"])
    position = int(np.searchsorted(fellows, row)) + 1
    lines = {
        "Class": plain(record["class_name"]),
        "Split": f"number {position:,} of {len(fellows):,} {SPLIT_NAMES[record['split']]} pictures",
        "Size": f"{record['width']:,} × {record['height']:,} pixels, {record['bytes']:,} bytes",
        "Values": f"{' × '.join(f'{n:,}' for n in original.shape)} = {original.n_values:,}",
        "Kind": f"{record['format']}, pixels of kind {record['mode']}",
        "Number": f"{row + 1:,} of {len(dataset):,} in the data set",
    }
    return "  \n".join(f"**{name}** {value}" for name, value in lines.items())


def _buttons(before: int | None, after: int | None, on_open: Callable[[int | None], None]) -> None:
    """Lead to the neighbours in the chosen images, and back to all of them."""
    for label, target, icon in (
        ("Previous", before, ":material/chevron_left:"),
        ("Next", after, ":material/chevron_right:"),
    ):
        st.button(
            label,
            key=f"open_{label.lower()}",
            icon=icon,
            disabled=target is None,
            on_click=on_open,
            args=(target,),
        )
    st.button("Close", key="open_close", icon=":material/close:", on_click=on_open, args=(None,))


def _show_large(original: Stage, drawing: Drawing, alt: str) -> None:
    # Streamlit would resample an image that is wider than the width it is given.
    with st.container(width=drawing.width):
        st.image(drawing.png, output_format="PNG", width="stretch", alt=alt)
    height, width = original.shape[:2]
    times = SIDE // max(height, width)
    if times > 1:
        st.caption(f"{times} times as large as it is: each pixel is a square.")
    elif not times:
        st.caption(f"Made smaller to fit: it has {width:,} × {height:,} pixels.")


def _walk(image: Image.Image) -> list[Stage]:
    """Take the steps up to the last that is still an image."""
    return [stage for stage in stages(image, PreprocessConfig()) if stage.values.ndim > 1]


@st.cache_data(max_entries=16, show_spinner=False)
def _drawn(_walked: Sequence[Stage], fingerprint: str, row: int) -> dict[str, Drawing]:
    """Encode an image and its steps once: whoever turns pages beside it need not wait again."""
    original = _walked[0]
    png, width = fit_png(original.values, side=SIDE)
    drawn = {stage.name: draw_image(stage) for stage in _walked[1:]}
    return drawn | {_LARGE: Drawing(png, width, original.n_values)}
