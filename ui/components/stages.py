"""An image on its way to the network: a card for each step."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ann_core.imaging.preprocessing import MAX_SIDE
from ann_core.imaging.stages import Stage, StageOutline
from ann_core.plots.images import fill_png, fit_png
from ann_core.plots.strips import middle
from ui.base.page import ROW
from ui.base.show_png import show_png

SIDE = 200  # of a card, in pixels of the page; five stand beside each other
_IMAGE_SIDE = 192  # of an image that has its own size: that of one of 96 pixels with hard edges
_TITLES = {
    "original": "Original",
    "gray": "Gray",
    "resized": "Resized",
    "flattened": "Flattened",
    "scaled": "Scaled",
    "standardised": "Standardised",
}
_ALTS = {
    "original": "The picture as it came",
    "gray": "The picture in shades of gray",
    "resized": "The picture at the size that the network takes",
    "flattened": "All values of the picture as one row",
    "scaled": "The same row, divided by 255",
    "standardised": "The same row, each value measured against the training pictures",
}


@dataclass(frozen=True)
class Drawing:
    """A step as PNG, the width it takes on the page, and how many values it shows."""

    png: bytes
    width: int
    n_shown: int


def show_stages(
    stages: Sequence[Stage | StageOutline],
    *,
    original: StageOutline | None = None,
    drawn: Mapping[str, Drawing] | None = None,
) -> None:
    """Show steps in a row, each with its image, shape, numbers and bytes.

    The numbers are sent before the first image is encoded: a slider that moves
    shows its effect at once.

    Parameters
    ----------
    original : StageOutline, optional
        What the numbers of values are compared with.
    drawn : dict of name to Drawing, optional
        Steps that were encoded before, among them those of which there is an outline only.
    """
    with st.container(horizontal=True, gap="small", key=f"{ROW}steps"):
        cards = [_card(_outline(stage), original) for stage in stages]
    done = dict(drawn or {})
    for stage, card in zip(stages, cards, strict=True):
        if stage.name == "scaled" and "flattened" in done:
            done[stage.name] = done["flattened"]  # 0..1 has the colours of 0..255
        elif isinstance(stage, Stage) and stage.name not in done:
            done[stage.name] = _draw(stage)
        _show(done[stage.name], stage, card)


def draw_image(stage: Stage) -> Drawing:
    """Encode a step that still has height and width."""
    if stage.name == "resized":  # its pixels are what the network gets: each is to be seen
        png, width = fit_png(stage.values, side=MAX_SIDE)
    else:
        png, width = fill_png(stage.values, side=_IMAGE_SIDE)
    return Drawing(png, width, stage.n_values)


def sketch(stages: Sequence[Stage]) -> tuple[list[StageOutline], dict[str, Drawing]]:
    """Encode steps that may be large, for `show_stages`: a session keeps this, and no pixels."""
    return [stage.outline for stage in stages], {stage.name: draw_image(stage) for stage in stages}


def _outline(stage: Stage | StageOutline) -> StageOutline:
    return stage.outline if isinstance(stage, Stage) else stage


def _card(stage: StageOutline, original: StageOutline | None) -> DeltaGenerator:
    """Write what a step is in numbers; its image follows."""
    width = MAX_SIDE if stage.name == "resized" else SIDE
    card = st.container(width=width, gap="xsmall")
    card.markdown(_title(stage, original))
    card.caption(_numbers(stage))
    return card


def _title(stage: StageOutline, original: StageOutline | None) -> str:
    if original is None or stage.name == original.name:
        return f"**{_TITLES[stage.name]}**"
    return f"**→ {_TITLES[stage.name]}**, {_compared(stage.times_fewer(original))}"


def _compared(factor: float) -> str:
    """Say how many values there were for each: "27 times fewer"."""
    if math.isclose(factor, 1):
        return "as many"
    word = "fewer" if factor > 1 else "more"
    times = max(factor, 1 / factor)
    return f"{times:,.0f} times {word}" if times >= 10 else f"{times:.2g} times {word}"


def _numbers(stage: StageOutline) -> str:
    shape = " × ".join(f"{n:,}" for n in stage.shape)
    count = f"**{stage.n_values:,} values**"
    first = ", ".join(f"{value:.3g}" for value in stage.first)
    return "  \n".join(
        [
            f"{shape} = {count}" if len(stage.shape) > 1 else f"{count} in one row",
            f"{first}, … {stage.last:.3g}" if stage.n_values > 3 else first,
        ]
    )


def _draw(stage: Stage) -> Drawing:
    """Encode a step; of a row of values, its middle."""
    if stage.values.ndim > 1:
        return draw_image(stage)
    strip = middle(stage.levels, side=SIDE)
    return Drawing(strip.png, strip.width, strip.n_shown)


def _show(drawing: Drawing, stage: Stage | StageOutline, card: DeltaGenerator) -> None:
    alt = f"{_ALTS[stage.name]}: {stage.n_values:,} values"
    show_png(drawing.png, width=drawing.width, alt=alt, into=card)
    if isinstance(stage, Stage) and stage.values.ndim == 1:
        low, high = stage.span
        part = "" if drawing.n_shown == stage.n_values else f"{drawing.n_shown:,} from the middle. "
        card.caption(f"{part}{low:.3g} is black, {high:.3g} white")
