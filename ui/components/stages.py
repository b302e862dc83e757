"""A picture on its way to the network: a card for each step."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ann_core.imaging.preprocessing import MAX_SIDE
from ann_core.imaging.stages import Step
from ann_core.plots.images import fit_png
from ann_core.plots.strips import small_strip
from ui.base.show_png import show_png
from ui.base.text import ground

SIDE = 200  # of a picture, in pixels of the page; five stand beside each other
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
    "flattened": "All intensities of the picture as one row of colours",
    "scaled": "The same row, divided by 255",
    "standardised": "The same row, each value measured against the training pictures",
}


@dataclass(frozen=True)
class Drawing:
    """A step as PNG, the width it takes on the page, and how many values it shows."""

    png: bytes
    width: int
    n_shown: int


def show_steps(
    steps: Sequence[Step],
    *,
    original: Step | None = None,
    drawn: Mapping[str, Drawing] | None = None,
) -> None:
    """Show steps in a row, each with its picture, shape, numbers and bytes.

    The numbers are sent before the first picture is encoded: a slider that moves
    shows its effect at once.

    Parameters
    ----------
    original : Step, optional
        What the numbers of values are compared with.
    drawn : dict of name to Drawing, optional
        Steps that were encoded before.
    """
    with st.container(horizontal=True, gap="small"):
        cards = [_card(step, original) for step in steps]
    line = next((math.prod(step.shape[1:]) for step in steps if step.name == "resized"), SIDE)
    done = dict(drawn or {})
    for step, card in zip(steps, cards, strict=True):
        if step.name == "scaled" and "flattened" in done:
            done[step.name] = done["flattened"]  # 0..1 has the colours of 0..255
        elif step.name not in done:
            done[step.name] = _draw(step, line)
        _show(done[step.name], step, card)


def draw_picture(step: Step) -> Drawing:
    """Encode a step that still has height and width."""
    side = MAX_SIDE if step.name == "resized" else SIDE
    return Drawing(*fit_png(step.values, side=side), step.n_values)


def _card(step: Step, original: Step | None) -> DeltaGenerator:
    """Write what a step is in numbers; its picture follows."""
    width = MAX_SIDE if step.name == "resized" else SIDE
    card = st.container(width=width, gap="xsmall")
    card.markdown(_title(step, original))
    card.caption(_numbers(step))
    return card


def _title(step: Step, original: Step | None) -> str:
    if original is None or step.name == original.name:
        return f"**{_TITLES[step.name]}**"
    return f"**→ {_TITLES[step.name]}**, {_compared(step.times_fewer(original))}"


def _compared(factor: float) -> str:
    """Say how many values there were for each: "27 times fewer"."""
    if math.isclose(factor, 1):
        return "as many"
    word = "fewer" if factor > 1 else "more"
    times = max(factor, 1 / factor)
    return f"{times:,.0f} times {word}" if times >= 10 else f"{times:.2g} times {word}"


def _numbers(step: Step) -> str:
    shape = " × ".join(f"{n:,}" for n in step.shape)
    count = f"**{step.n_values:,} values**"
    values = step.values.ravel()
    first = ", ".join(f"{value:.3g}" for value in values[:3])
    return "  \n".join(
        [
            f"{shape} = {count}" if step.values.ndim > 1 else f"{count} in one row",
            f"{step.n_bytes:,} bytes, {step.values.itemsize} a value",
            f"{first}, … {values[-1]:.3g}" if step.n_values > 3 else first,
        ]
    )


def _draw(step: Step, line: int) -> Drawing:
    """Encode a step; a row of values at a width that is not the picture's `line`."""
    if step.values.ndim > 1:
        return draw_picture(step)
    strip = small_strip(step.levels, line=line, side=SIDE, ground=ground())
    return Drawing(strip.png, strip.width, strip.n_shown)


def _show(drawing: Drawing, step: Step, card: DeltaGenerator) -> None:
    alt = f"{_ALTS[step.name]}: {step.n_values:,} values"
    show_png(drawing.png, width=drawing.width, alt=alt, place=card)
    if step.values.ndim == 1:
        low, high = step.span
        part = "" if drawing.n_shown == step.n_values else f"The first {drawing.n_shown:,}. "
        card.caption(f"{part}{low:.3g} is dark blue, {high:.3g} yellow")
