"""Erase now: the pictures of a data set, and all that was made of them, for good."""

from __future__ import annotations

import streamlit as st

from ann_core.datasets.dataset import DatasetInfo, display_name
from ann_core.runs.ageing import NOTICE_DAYS, expires, expiring
from ann_core.runs.erasing import erase, relatives, stop_jobs_on
from ann_core.runs.privacy import ERASED
from ann_core.runs.traces import live_jobs
from ui.base import keys, services
from ui.base.datasets import viewer
from ui.base.errors import guarded
from ui.base.page import MEASURE
from ui.base.privacy import clear_image_caches
from ui.base.text import day, plain


def show_erase(info: DatasetInfo) -> None:
    """Offer to erase a data set to whoever owns it, beside what it will go with."""
    if not viewer().may_manage(info):
        return
    with st.container(horizontal=True, vertical_alignment="center", key="erase", width="content"):
        panel = st.popover(
            "Erase now", icon=":material/delete_forever:", key=keys.ERASE_PANEL, on_change="rerun"
        )
        if (end := expires(info, services.settings())) is not None:
            st.caption(f"Stays until {day(end)}, longer each time it is used.")
    if panel.open:
        with panel:
            _show_choice(info)


def warn_of_age(infos: list[DatasetInfo]) -> None:
    """Tell owners which of their data sets will be removed in the next days."""
    mine = [info for info in infos if viewer().may_manage(info)]
    due = expiring(mine, services.settings())
    if due:
        ends = "; ".join(f"**{plain(display_name(info.name))}** on {day(end)}" for info, end in due)
        st.warning(
            f"Will be removed within {NOTICE_DAYS} days unless it is used: {ends}. To open it here "
            "is to use it.",
            icon=":material/schedule:",
        )


def _show_choice(info: DatasetInfo) -> None:
    """Say what goes, let its relatives be kept, and ask once more."""
    st.markdown(ERASED, width=MEASURE)
    going, related = [info], relatives(info, services.settings())
    for other in related:
        name = plain(display_name(other.name))
        if st.checkbox(
            f"Also **{name}**, {other.n_images:,} pictures, some of which are the same",
            value=True,
            key=keys.erase_also(other.name),
            help="As long as it stays, so do the pictures in it.",
        ):
            going.append(other)
    jobs = {job.id for each in going for job in live_jobs(services.registry().store, each)}
    names, given = [each.name for each in going], (info.name, [each.name for each in related])
    if jobs:
        st.warning(f"{len(jobs):,} at work on these pictures or waiting. Stop that first.")
        st.button(
            "Stop it",
            key="erase_stop",
            icon=":material/stop:",
            on_click=guarded(_stop),
            args=given,
        )
    st.button(
        f"Erase {len(names):,} data sets for good" if len(names) > 1 else "Erase for good",
        key="erase_go",
        icon=":material/delete_forever:",
        disabled=bool(jobs),
        on_click=guarded(_erase),
        args=given,
    )


def _ticked(name: str, related: list[str]) -> list[str]:
    """Name a data set, and of its relatives those whose boxes are ticked at the click."""
    return [name, *(other for other in related if st.session_state.get(keys.erase_also(other)))]


def _stop(name: str, related: list[str]) -> None:
    names = _ticked(name, related)
    stop_jobs_on(services.registry(), services.settings(), names, by=viewer())


def _erase(name: str, related: list[str]) -> None:
    erase(services.registry(), services.settings(), _ticked(name, related), by=viewer())
    clear_image_caches()
    st.query_params.pop(keys.DATASET, None)
    st.toast("The pictures are erased.", icon=":material/delete_forever:")
