"""What neurons of a first layer keep of their weights, drawn unit by unit."""

from __future__ import annotations

import numpy as np
import streamlit as st
from PIL import ImageColor

from ann_core.experiments.neighbours import KEPT, SCRAMBLED, kept_weights
from ann_core.experiments.standing import Standing
from ann_core.plots.images import array_sheet
from ann_core.plots.theme import CLASS_COLOURS
from ann_core.runs.run import Run
from ui.base.page import MEASURE
from ui.base.show_png import show_png
from ui.base.text import background
from ui.runs.run_files import folder_of

N_UNITS = 16
COLUMNS = 8
_WIDTH = 560
_DROPPED = "#c9c7c0"


def show_kept_weights(standing: Standing) -> None:
    """Draw the first neurons of both networks that dropped weights, as long as they are there."""
    for planned, run in zip(standing.record.plan, standing.runs, strict=True):
        if planned.role not in (KEPT, SCRAMBLED) or run is None or not run.has_model:
            continue
        st.markdown(f"**{planned.role.capitalize()}**")
        png = _sheet(run.id, background=background(), _run=run)
        show_png(png, width=_WIDTH, alt=f"Kept weights of {N_UNITS} neurons, {planned.role}")
    st.caption(
        f"{N_UNITS} neurons of the first layer with the most weights, one picture each: a weight "
        "that stays is blue, one that was dropped is gray.",
        width=MEASURE,
    )


@st.cache_data(max_entries=16, show_spinner=False)
def _sheet(run_id: str, *, background: str, _run: Run) -> bytes:
    kept = kept_weights(folder_of(_run))
    most = np.argsort(-kept.sum(axis=(1, 2)), kind="stable")[:N_UNITS]
    colours = np.array([ImageColor.getrgb(name) for name in (_DROPPED, CLASS_COLOURS[0])])
    images = colours.astype(np.uint8)[kept[most].astype(np.intp)]
    return array_sheet(images, columns=COLUMNS, background=background)[0]
