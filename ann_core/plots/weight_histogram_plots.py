"""How the weights of a layer are spread, after some epochs over one another."""

from __future__ import annotations

from ann_core.evaluation.weight_histograms import WeightHistograms
from ann_core.plots import vega_lite as vl
from ann_core.plots.theme import HEAT_SCALE

N_SHOWN = 6


def layer_name(histograms: WeightHistograms, layer: int) -> str:
    """Name a layer by its place: "hidden layer 1", "last layer"."""
    last = layer == histograms.n_layers - 1
    return "last layer" if last else f"hidden layer {layer + 1}"


def weight_histogram_chart(histograms: WeightHistograms, layer: int) -> vl.Spec:
    """Draw the histograms of one layer, from the first epoch to the last, dark to bright."""
    values = []
    for index in histograms.chosen(N_SHOWN):
        middles, densities = histograms.densities(layer, index)
        epoch = histograms.epochs[index]
        values += [
            {"weight": float(x), "density": float(y), "epoch": epoch}
            for x, y in zip(middles, densities, strict=True)
        ]
    channels = {
        "x": vl.number("weight", axis={"grid": False, "tickCount": vl.N_TICKS}),
        "y": vl.number("density", axis={"title": None, "tickCount": 3}),
        "color": vl.number(
            "epoch",
            scale={"scheme": HEAT_SCALE.lower()},
            legend={"title": "epoch", "orient": "right", "tickMinStep": 1, "format": "d"},
        ),
        "detail": vl.number("epoch"),
        "tooltip": [vl.number("epoch"), vl.number("weight", format=".3f")],
    }
    title = layer_name(histograms, layer).capitalize()
    lines = vl.layer("line", channels, strokeWidth=2)
    return vl.chart([lines], height=220, title=title, **vl.data(values))


def describe_histograms(histograms: WeightHistograms, layer: int) -> str:
    """Say between which weights a layer lies at first and at last."""
    first, last = (tuple(float(end) for end in histograms.ends[index][layer]) for index in (0, -1))
    start = histograms.epochs[0]
    when = "before training" if start == 0 else f"after epoch {start:,}"
    return (
        f"{layer_name(histograms, layer).capitalize()}: weights from {first[0]:.3g} to "
        f"{first[1]:.3g} {when}, from {last[0]:.3g} to {last[1]:.3g} after epoch "
        f"{histograms.epochs[-1]:,}."
    ).replace("-", "−")
