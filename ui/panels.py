"""Parts of pages that show things."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from ann_core import plots
from ann_core.evaluation import Evaluation
from ann_core.network import NetworkConfig, layer_sizes, memory_estimate
from ann_core.pixels import heat_strip, to_png
from ann_core.prediction import Prediction
from ann_core.preprocessing import PreprocessConfig, Step
from ann_core.training import EpochMetrics

STRIP_WIDTH = 250  # no multiple of a usual picture width, or the picture would reappear
_PICTURE_WIDTH = 480
_TITLES = {
    "original": "Original",
    "gray": "Gray",
    "resized": "Resized",
    "flattened": "Flattened",
    "scaled": "Scaled to 0..1",
}


def show_steps(steps: Sequence[Step]) -> None:
    """Show a picture on its way to the network, with shape and count under each step."""
    with st.grid(len(steps), min_column_width=150, gap="small") as grid:
        for step in steps:
            with grid.cell():
                st.markdown(f"**{_TITLES[step.name]}**")
                st.image(_step_png(step), output_format="PNG", width="stretch", alt=_step_alt(step))
                shape = " × ".join(f"{n:,}" for n in step.shape)
                st.caption(f"{shape} = **{step.n_values:,} values**\n\n{_first_values(step)}")


def _step_png(step: Step) -> bytes:
    if step.values.ndim > 1:
        return to_png(step.values, min_width=_PICTURE_WIDTH)
    levels = step.values if step.values.dtype == np.uint8 else np.rint(step.values * 255)
    return to_png(heat_strip(levels.astype(np.uint8), STRIP_WIDTH), min_width=2 * STRIP_WIDTH)


def _step_alt(step: Step) -> str:
    return f"The picture {step.name}: {step.n_values} values"


def _first_values(step: Step) -> str:
    values = step.values.ravel()
    shown = [f"{v:.3g}" for v in (*values[:3], *values[-2:])]
    return f"{', '.join(shown[:3])}, ... {', '.join(shown[3:])}"


def show_network_bill(network: NetworkConfig, preprocess: PreprocessConfig, n_classes: int) -> None:
    """Show what there is to learn, layer by layer, as the sliders move."""
    sizes = layer_sizes(network, preprocess.n_features, n_classes)
    total = sum(size.n_parameters for size in sizes)
    memory = memory_estimate(network, preprocess.n_features, n_classes)
    left, right = st.columns(2)
    left.metric("Parameters to learn", f"{total:,}")
    right.metric("Memory for training", f"{memory / 1e6:,.0f} MB")
    nodes = [f"{preprocess.n_features:,} pixels", *(f"{size.units:,}" for size in sizes)]
    share = sizes[0].n_parameters / total
    st.caption(f"{' → '.join(nodes)}. The first layer alone holds {share:.0%} of the parameters.")


def show_curves(history: Sequence[EpochMetrics], n_epochs: int) -> None:
    """Draw loss and accuracy side by side."""
    alt = plots.describe_curves(history)
    for column, quantity in zip(st.columns(2), ("loss", "accuracy"), strict=True):
        with column:
            spec = plots.curves(history, quantity, n_epochs)  # type: ignore[arg-type]
            st.vega_lite_chart(spec, key=f"curve_{quantity}", alt=f"{quantity}. {alt}")


def show_evaluation(evaluation: Evaluation) -> None:
    """Show the result on the test split."""
    st.subheader("On pictures it never saw")
    left, right = st.columns([2, 3])
    left.metric(
        "Test accuracy",
        f"{evaluation.accuracy:.1%}",
        f"{evaluation.accuracy - evaluation.majority:+.1%} against always answering one class",
    )
    left.caption(f"{evaluation.n_images:,} test pictures, looked at once.")
    left.dataframe(
        [
            {
                "class": s.class_name,
                "precision": s.precision,
                "recall": s.recall,
                "pictures": s.n_images,
            }
            for s in evaluation.classes
        ],
        hide_index=True,
        column_config={
            "precision": st.column_config.NumberColumn(format="percent"),
            "recall": st.column_config.NumberColumn(format="percent"),
        },
        alt="Precision and recall of each class",
    )
    right.plotly_chart(
        plots.confusion_figure(evaluation),
        key="confusion",
        config={"displayModeBar": False},
        alt="Confusion matrix: true classes down, answers across",
    )


def show_prediction(prediction: Prediction) -> None:
    """Say the answer and draw a bar for each class."""
    st.subheader(f"{prediction.probability:.0%} {prediction.class_name}")
    st.plotly_chart(
        plots.probabilities_figure(prediction),
        key="probabilities",
        config={"displayModeBar": False},
        alt=", ".join(
            f"{name} {p:.1%}"
            for name, p in zip(prediction.class_names, prediction.probabilities, strict=True)
        ),
    )
