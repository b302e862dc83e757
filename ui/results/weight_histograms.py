"""How the weights of each layer are spread, from the first epoch to the last."""

from __future__ import annotations

import streamlit as st

from ann_core.evaluation.weight_histograms import load_weight_histograms
from ann_core.plots.weight_histogram_plots import describe_histograms, weight_histogram_chart
from ann_core.runs.run import Run
from ui.base import keys
from ui.base.folds import fold
from ui.base.page import MEASURE
from ui.runs.run_files import folder_of


def show_weight_histograms(run: Run) -> None:
    """Draw a chart for each layer, in a fold; nothing is read while it is closed."""
    panel = fold("How the weights of all layers are spread", keys.WEIGHT_HISTOGRAMS)
    if not panel.open:
        return
    with panel:
        path = folder_of(run).weight_histograms
        if not path.is_file():
            st.info(
                "How its weights changed was not kept: this network was trained by an older "
                "Flatland, or elsewhere. Train it again to see that."
            )
            return
        histograms = load_weight_histograms(path)
        with st.grid(2, min_column_width=300, key="weight_charts"):
            for layer in range(histograms.n_layers):
                st.vega_lite_chart(
                    weight_histogram_chart(histograms, layer),
                    key=f"weight_histogram_{layer}",
                    alt=describe_histograms(histograms, layer),
                )
        st.markdown(
            "Where a curve is high, many weights have this size. Before training they are random "
            "within narrow bounds; what training needs moves away from there. "
            f"{describe_histograms(histograms, 0)}",
            width=MEASURE,
        )
