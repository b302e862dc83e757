"""A drawing of points with an image each, on a canvas: five thousand would choke a chart.

Names reach the page as text only, and nothing is fetched from anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st

HEIGHT = 460

_HTML = """
<div class="points">
  <canvas class="base" role="img"></canvas>
  <canvas class="marks" aria-hidden="true"></canvas>
  <div class="tip" aria-hidden="true" hidden>
    <canvas class="thumb" width="96" height="96"></canvas>
    <div class="name"></div>
    <div class="class"></div>
  </div>
</div>
<ul class="legend"></ul>
"""
_CSS = """
.points { position: relative; width: 100%; height: 420px; }
.points > canvas { position: absolute; inset: 0; width: 100%; height: 100%; }
.tip {
  position: absolute; width: max-content; max-width: 180px; padding: 6px; pointer-events: none;
  overflow-wrap: anywhere; font: 14px/1.35 var(--st-font); color: var(--st-text-color);
  background: var(--st-background-color); border: 1px solid var(--st-border-color);
  border-radius: 4px;
}
.tip[hidden] { display: none; }
.thumb { display: block; width: 96px; height: 96px; }
.legend {
  display: flex; flex-wrap: wrap; gap: 2px 14px; margin: 6px 0 0; padding: 0; list-style: none;
  font: 14px/1.35 var(--st-font); color: var(--st-text-color);
}
.legend span {
  display: inline-block; width: 10px; height: 10px; margin-right: 6px; border-radius: 50%;
}
"""
_CHOSEN = """
export default function ({ data }) {
  globalThis.flatlandChosen = data
  window.dispatchEvent(new Event("flatland-chosen"))
}
"""
_scatter = st.components.v2.component(
    "flatland_scatter",
    html=_HTML,
    css=_CSS,
    js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8"),
)
_chosen = st.components.v2.component("flatland_chosen", js=_CHOSEN)


def show_scatter(packed: bytes, *, key: str, on_picked: Callable[[], None]) -> None:
    """Draw the points; a click calls `on_picked`.

    Parameters
    ----------
    packed : bytes
        As `ann_core.plots.scatter.pack_scatter` makes it; sent to the browser once.
    key : str
        In the session, where `picked` finds what was clicked.
    """
    _scatter(data=packed, key=key, height="content", on_picked_change=on_picked)


def picked(key: str) -> int | None:
    """Tell the callback which point was just clicked, counted from 1."""
    number = st.session_state[key].get("picked")
    return number if isinstance(number, int) else None


def mark_chosen(name: str, index: int, neighbours: Sequence[int], *, key: str) -> None:
    """Ring a point and join it to others in the drawing of this name; takes no room itself.

    It is a component of its own, so that a choice sends some bytes, not all points again.
    """
    chosen = {"id": name, "index": index, "neighbours": list(neighbours)}
    _chosen(data=chosen, key=key, width=1, height=1)
