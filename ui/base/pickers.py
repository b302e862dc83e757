"""Choosing a data set or a run: the same control on every page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ann_core.datasets.catalog import INFO_FILE, check_name
from ann_core.datasets.dataset import Dataset, DatasetInfo, display_name
from ann_core.datasets.origin import touch
from ann_core.errors import DatasetError
from ann_core.runs.dataset_owners import dataset_key
from ann_core.runs.example_runs import example_runs
from ann_core.runs.job_types import ImportJob
from ann_core.runs.owners import may_manage
from ann_core.runs.run import Run
from ui.base import keys, navigation, services, state
from ui.base.choices import set_choice
from ui.base.datasets import catalog, images_of, keep_link
from ui.base.errors import guard
from ui.base.link_keys import came_by_link, link_keys
from ui.base.owners import answered, owner_key
from ui.base.text import link_to, plain, run_title

MAX_RUNS = 100


def choose_dataset(
    *, with_link: bool = True, container: DeltaGenerator | None = None
) -> DatasetInfo | None:
    """Show the data sets to choose from; None, with a way out, if there are none.

    Parameters
    ----------
    container : container, optional
        Where the choice stands, such as a row with buttons beside it.
    """
    infos = {info.name: info for info in catalog().infos()}
    requested = state.requested_dataset()
    if requested is not None and requested not in infos:
        if not answered():
            return None  # it may be their own: another one would be a start anew
        _explain_unknown(requested)
    if not infos:
        _explain_no_dataset(with_link=with_link)
        return None
    if requested in infos:
        state.remember_dataset(requested)
        keep_link(dataset_key(infos[requested]))
    shown = requested if requested in infos else next(iter(infos))
    choice = set_choice(keys.DATASET, shown, infos)
    name = (container or st.container()).selectbox(
        "Data set",
        list(infos),
        format_func=_dataset_titles(list(infos)).__getitem__,
        key=choice.key,
        on_change=state.dataset_made,
        args=(choice,),
        width=360,
    )
    return infos.get(name or "")


def _explain_no_dataset(*, with_link: bool) -> None:
    """Say that there are no pictures, or that the first are on their way."""
    under_way = services.registry().data_jobs(owner=owner_key(), live=True)
    if any(isinstance(job, ImportJob) for job in under_way):
        words, label = "Your pictures are on their way: the import is not over yet.", "See how far"
    else:
        words = "There are no pictures yet. Add some, or use a built-in set."
        label = "Add pictures"
    st.info(words)
    if with_link:
        link_to(navigation.EXPLORE, label, icon=":material/add_photo_alternate:")


def explain_no_network() -> None:
    """Say that this visitor has no network, and lead to training."""
    st.info("You have no trained network here yet.")
    link_to(navigation.TRAIN, "Train one", icon=":material/model_training:")


def _dataset_titles(names: Sequence[str]) -> dict[str, str]:
    """Name each data set as people call it; no two alike, as `_titles` says."""
    counts = Counter(display_name(name) for name in names)
    return {name: name if counts[display_name(name)] > 1 else display_name(name) for name in names}


def _explain_unknown(requested: str) -> None:
    """Say that the data set of a link is not here, and not whether it is there for others."""
    try:
        check_name(requested)
    except DatasetError:
        return  # no link of ours
    if came_by_link():
        st.warning(
            "This link does not open any data set: a part of it is missing, or its owner has made "
            "old links stop working. Ask for a new one.",
            icon=":material/link_off:",
        )
    else:
        st.warning(
            f"There is no data set '{plain(display_name(requested))}' for you here. It may have "
            "been renamed or deleted, or be somebody else's: then ask its owner for a link.",
            icon=":material/link_off:",
        )


def load_dataset(info: DatasetInfo) -> Dataset:
    """Open the index of a data set, kept for the next rerun.

    Raises
    ------
    DatasetError
        If it is gone, or its files are damaged.
    """
    touch(services.catalog().root / info.name / INFO_FILE)  # what follows may come from memory
    return _load(info.name, info.created)


@st.cache_resource(max_entries=4, show_spinner="Opening the data set")
def _load(name: str, created: str) -> Dataset:  # created: the name may be used again
    return services.catalog().load(name)


def choose_run(*, required: bool) -> Run | None:
    """Show runs to choose from; chosen already is the one that the address names.

    The visitor's own come first. On a host they are the only ones, beside the one
    in the address.

    Parameters
    ----------
    required : bool
        Whether to take the first if the address names none of them, and only such
        as have a model.
    """
    by_id = {run.id: run for run in own_first() if run.has_model or not required}
    current: Run | None = None
    with guard():
        current = state.current_run()
    if current is not None and (current.has_model or not required):
        by_id.setdefault(current.id, current)
    chosen = current.id if current is not None and current.id in by_id else None
    if chosen is not None and link_keys():
        images_of(by_id[chosen])  # keeps the key of its link in the address
    if chosen is None and required:
        chosen = next(iter(by_id), None)
    if not by_id:
        return None
    if current is not None and chosen != current.id:
        st.caption("The network you were looking at has no model to predict with; this is another.")
    choice = set_choice(keys.RUN_CHOICE, chosen, by_id)
    run_id = st.selectbox(
        "Network",
        list(by_id),
        index=0 if required else None,
        format_func=_titles(list(by_id.values())).__getitem__,
        key=choice.key,
        on_change=state.run_made,
        args=(choice,),
        placeholder="Choose an earlier one",
    )
    return by_id.get(run_id or "")


def choose_second(first: Run) -> Run | None:
    """Offer the other networks, to be requested about the same image; the address names it."""
    by_id = {run.id: run for run in own_first() if run.has_model and run.id != first.id}
    second_id = st.query_params.get(keys.SECOND_RUN)
    if second_id and second_id != first.id and second_id not in by_id:
        with guard():
            second = services.registry().get(second_id)
            by_id |= {second.id: second} if second.has_model else {}
    if not by_id:
        return None
    shown = second_id if second_id in by_id else None
    choice = set_choice(keys.SECOND_RUN_CHOICE, shown, by_id)
    run_id = st.selectbox(
        "Compare with",
        list(by_id),
        index=None,
        format_func=_titles(list(by_id.values())).__getitem__,
        key=choice.key,
        on_change=state.second_made,
        args=(choice,),
        placeholder="No second network",
    )
    return by_id.get(run_id or "")


def _titles(runs: Sequence[Run]) -> dict[str, str]:
    """Name each run; the browser tells by its name which one was chosen, so no two are alike."""
    titles = {run.id: run_title(run) for run in runs}
    counts = Counter(titles.values())
    return {
        run_id: title if counts[title] == 1 else f"{title} ({run_id[:4]})"
        for run_id, title in titles.items()
    }


def own_first() -> list[Run]:
    """List the newest runs that this visitor may see, their own ones first.

    On a host these are their own, those that they came to by a link, and the examples.
    """
    registry, key = services.registry(), owner_key()
    if services.settings().profile == "hosted":
        own = registry.recent(owner=key, limit=MAX_RUNS)
        return [*own, *state.seen_runs([run.id for run in own]), *example_runs(registry)]
    runs = registry.recent(limit=MAX_RUNS)
    own = [run for run in runs if may_manage(run.owner, key)]
    if len(runs) == MAX_RUNS:  # then those of many others may be newer than all own ones
        own = registry.recent(owner=key, limit=MAX_RUNS)
    known = {run.id for run in own}
    return own + [run for run in runs if run.id not in known]
