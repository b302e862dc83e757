"""How pages speak: links between them, names of strangers and of runs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

import streamlit as st

from ann_core.datasets.dataset import display_name
from ann_core.escaping import escape_markdown
from ann_core.runs.run import Run

_MARKS_OF_STREAMLIT = "$:"
_SHOWN = 60


def link_to(
    page: str,
    label: str,
    *,
    icon: str | None = ":material/arrow_forward:",
    query: Mapping[str, str] | None = None,
) -> None:
    """Lead to another page, in the colour of all that can be clicked."""
    st.page_link(page, label=f":primary[{label}]", icon=icon, query_params=query)


def background() -> str:
    """Colour of the page under images, in the theme that the visitor has."""
    return _of_theme("backgroundColor", "#ffffff")


def text_colour() -> str:
    """Colour of words on the page, for those inside of figures."""
    return _of_theme("textColor", "#14130f")


def _of_theme(name: str, otherwise: str) -> str:
    theme = st.context.theme.type or "light"
    return str(st.get_option(f"theme.{theme}.{name}") or otherwise)


def plain(text: str) -> str:
    """Keep names given by strangers from being read as Markdown."""
    return escape_markdown(text, also=_MARKS_OF_STREAMLIT)


def short(text: str) -> str:
    """Cut a long name off, for a label."""
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def with_article(name: str) -> str:
    """Name one of a class: "a dog", "an owl"; "of class 7" where that would be no English."""
    if not name.isalpha() or (name.endswith("s") and not name.endswith("ss")):
        return f"of class {plain(short(name))}"
    name = name.lower() if name.istitle() else name
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {plain(short(name))}"


def run_title(run: Run) -> str:
    """Name a run by what it was, how well it did, and when it was filed."""
    layers = run.config.network.layers_text(none="linear")
    name = run.name or f"{display_name(run.config.dataset)}, {layers}"
    return f"{name}, {_outcome(run)}, {_moment(run.created)}"


def _outcome(run: Run) -> str:
    if run.result is not None and run.result.validation is not None:
        return f"{run.result.validation:.0%} right in validation"
    return "under way" if run.live else run.status  # a live page tells more


def day(moment: datetime) -> str:
    """Say on which day, by the visitor's calendar: "3 December"."""
    local = _local(moment)
    return f"{local.day} {local:%B}"


def _moment(moment: datetime) -> str:
    """Say when, on the visitor's clock; to the second, so that no two runs look alike."""
    return f"{_local(moment):%d %b %H:%M:%S}"


def _local(moment: datetime) -> datetime:
    try:
        return moment.astimezone(ZoneInfo(st.context.timezone or "UTC"))
    except (OSError, ValueError, KeyError):  # a browser may name a zone that this computer lacks
        return moment
