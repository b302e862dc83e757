"""The same network with other seeds: how much of a result is chance."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

import streamlit as st

from ann_core.datasets.dataset import display_name
from ann_core.errors import DatasetError, LimitError
from ann_core.evaluation.comparison import new_seeds, run_names, same_but_seed, with_seed
from ann_core.evaluation.interpretation import describe_seeds
from ann_core.jobs.admission import submit_run
from ann_core.runs.owners import Submission
from ann_core.runs.run import Run
from ui.base import keys, services
from ui.base.choices import hold_choice
from ui.base.datasets import catalog
from ui.base.errors import guarded
from ui.base.owners import visitor
from ui.base.page import MEASURE

_MAX = 20


def offer_repeats(chosen: Sequence[Run], runs: Sequence[Run]) -> None:
    """Show what the seeds of a network have reached so far, and offer more of them.

    Parameters
    ----------
    runs : sequence of Run
        All that are in the list: those that differ in the seed only count.
    """
    if not chosen:
        st.caption("Mark a network in the table to train it again with other seeds.")
        return
    groups = [group[0] for group in same_but_seed(chosen)]
    names = run_names(groups)
    if len(groups) > 1:
        hold_choice(keys.REPEATED_RUN, names)
        st.selectbox(
            "Network", list(names), format_func=names.__getitem__, width=420, key=keys.REPEATED_RUN
        )
    run = _chosen(groups)
    alike = _alike(run, runs)
    st.markdown(describe_seeds(alike), width=MEASURE)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        n = st.number_input("Seeds in all", 2, _MAX, value=5, key=keys.REPEAT_N, width=160)
        seeds = new_seeds(alike, run.config, int(n))
        st.button(
            f"Train {len(seeds)} more" if seeds else "Nothing to train",
            icon=":material/casino:",
            key="repeat_start",
            on_click=guarded(_file),
            args=(groups, runs),
            disabled=not seeds,
        )
    if seeds:
        st.caption(f"With seed {', '.join(str(seed) for seed in seeds)}; all else is the same.")


def _chosen(groups: Sequence[Run]) -> Run:
    run_id = st.session_state.get(keys.REPEATED_RUN)
    return next((run for run in groups if run.id == run_id), groups[0])


def _alike(run: Run, runs: Sequence[Run]) -> list[Run]:
    return next(group for group in same_but_seed(runs) if run.id in {each.id for each in group})


def _file(groups: Sequence[Run], runs: Sequence[Run]) -> None:
    """File a run for each seed, of what is chosen at the click; clicked twice, each is filed once.

    Raises
    ------
    DatasetError
        If the images are gone or have changed.
    LimitError
        If not all of them may be filed.
    """
    run = _chosen(groups)
    config = run.config
    seeds = new_seeds(_alike(run, runs), config, st.session_state[keys.REPEAT_N])
    info = catalog().find(config.dataset, config.fingerprint)
    if info is None:
        catalog().info(config.dataset)  # says so if there is none of this name
        raise DatasetError(
            f"The pictures of '{display_name(config.dataset)}' have changed since this network was "
            "trained: other seeds would not be the only difference. Train it again on the Train "
            "page."
        )
    key = st.session_state.setdefault(keys.REPEAT_SUBMIT_KEY, secrets.token_urlsafe(16))
    for n_filed, seed in enumerate(seeds):
        again = with_seed(config, seed)
        try:
            submit_run(
                services.registry(),
                services.settings(),
                again,
                info=info,
                submission=Submission(f"{key}:{again.key()}", visitor(), run.name),
            )
        except LimitError as error:
            filed = f"{n_filed or 'None'} of {len(seeds)} will be trained."
            raise LimitError([filed, *error.problems]) from error
    services.begin_now()
    del st.session_state[keys.REPEAT_SUBMIT_KEY]
    st.toast(f"{len(seeds)} trainings are waiting in line.", icon=":material/casino:")
