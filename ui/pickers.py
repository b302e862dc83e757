"""Choosing a data set or a run: the same control on every page."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ann_core.datasets.dataset import Dataset, DatasetInfo
from ann_core.runs.run import Run
from ui import pages, services, state
from ui.guard import guard
from ui.prose import link_to, run_title


def choose_dataset(*, with_link: bool = True) -> DatasetInfo | None:
    """Show the data sets to choose from; None, with a way out, if there are none."""
    infos = {info.name: info for info in services.catalog().infos()}
    if not infos:
        st.info("There are no pictures yet. Bring some in, or take a built-in set.")
        if with_link:
            link_to(pages.EXPLORE, "Bring in pictures", icon=":material/add_photo_alternate:")
        return None
    # Shown by name alone, for what is shown is also what stands in the address.
    name = st.selectbox("Data set", list(infos), key=state.DATASET, bind="query-params", width=360)
    return infos.get(name or "")


def load_dataset(info: DatasetInfo) -> Dataset:
    """Open the index of a data set, kept for the next rerun.

    Raises
    ------
    DatasetError
        If it is gone, or its files are damaged.
    """
    return _load(info.name, info.created)


@st.cache_resource(max_entries=4, show_spinner="Opening the data set")
def _load(name: str, created: str) -> Dataset:  # created: the name may be used again
    return services.catalog().load(name)


def choose_run(runs: Sequence[Run], *, required: bool) -> Run | None:
    """Show runs to choose from; chosen already is the one that the address names.

    Parameters
    ----------
    required : bool
        Whether to take the first of `runs` if the address names none of them.
    """
    by_id = {run.id: run for run in runs}
    current: Run | None = None
    with guard():
        current = state.current_run()
    if current is not None and (current.has_model or not required):
        by_id.setdefault(current.id, current)
    chosen = current.id if current is not None and current.id in by_id else None
    if chosen is None and required:
        chosen = next(iter(by_id), None)
    if not by_id:
        return None
    if current is not None and chosen != current.id:
        st.caption("The network you were looking at has nothing to answer with; this is another.")
    st.session_state[state.RUN_CHOICE] = chosen
    run_id = st.selectbox(
        "Network",
        list(by_id),
        index=0 if required else None,
        format_func=lambda i: run_title(by_id[i]),
        key=state.RUN_CHOICE,
        on_change=state.choice_made,
        placeholder="Look at an earlier one",
    )
    return by_id.get(run_id or "")
