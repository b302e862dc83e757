"""All experiments: one is chosen, bet on and started."""

from __future__ import annotations

import streamlit as st

from ann_core.datasets.dataset import DatasetInfo
from ann_core.experiments.catalog import EXPERIMENTS
from ann_core.experiments.definition import Experiment
from ann_core.jobs import experiments
from ann_core.runs.progress import duration
from ui.base import keys, services
from ui.base.buttons import was_pressed
from ui.base.errors import guarded
from ui.base.owners import owner_key
from ui.base.page import MEASURE
from ui.base.pickers import choose_dataset
from ui.base.text import plain
from ui.experiments import actions
from ui.experiments.bets import choose_bet
from ui.experiments.knobs import choose_cartoons


def show_start() -> None:
    """Choose an experiment and a data set, bet, and start; below, those begun earlier."""
    experiment = _choose()
    st.header(experiment.title, anchor=False)
    st.markdown(f"**Claim:** {experiment.claim}", width=MEASURE)
    st.markdown(experiment.how, width=MEASURE)
    with st.expander("Why it should be so", icon=":material/lightbulb:", key="why"):
        st.markdown(experiment.why, width=MEASURE)
    info: DatasetInfo | None
    if experiment.draws:
        drawn = choose_cartoons()
        experiment, info = drawn or (experiment, None)
    else:
        info = choose_dataset()
    if info is not None or experiment.draws:
        bet = choose_bet(experiment)
    if info is not None:
        _offer_start(experiment, info, has_bet=bet is not None)
    _show_earlier()


def _choose() -> Experiment:
    titles = {each.key: each.title for each in EXPERIMENTS.values()}
    requested = st.query_params.get(keys.EXPERIMENT_KIND)
    if requested in titles:  # by the name that commands know; the control writes titles
        st.session_state[keys.EXPERIMENT_KIND] = requested
    if requested not in (None, *titles.values()):
        st.query_params.pop(keys.EXPERIMENT_KIND)
    chosen = st.segmented_control(
        "Experiment",
        list(titles),
        default=next(iter(titles)),
        format_func=titles.__getitem__,
        required=True,
        key=keys.EXPERIMENT_KIND,
        bind="query-params",
    )
    return EXPERIMENTS[chosen]


def _offer_start(experiment: Experiment, info: DatasetInfo, *, has_bet: bool) -> None:
    estimate = experiments.estimate(
        experiment, info, registry=services.registry(), settings=services.settings()
    )
    for refusal in estimate.refusals:
        st.warning(plain(refusal), icon=":material/block:")
    if estimate.plan:
        st.caption(
            f"{len(estimate.plan)} networks will be trained, one after another: about "
            f"{duration(estimate.seconds)} in all, if nobody else uses this computer."
        )
    if was_pressed(
        "Start the experiment",
        icon=":material/science:",
        key="begin_experiment",
        disabled=bool(estimate.refusals) or not has_bet,
        help=None if has_bet else "Bet first.",
    ):
        guarded(actions.begin)(experiment, info)
        st.rerun()


def _show_earlier() -> None:
    records = services.registry().experiments.recent(owner=owner_key(), limit=10)
    known = [record for record in records if record.name in EXPERIMENTS]
    if not known:
        return
    st.subheader("Your experiments", anchor=False)
    for record in known:
        state = "done" if record.result is not None else "not finished"
        st.button(
            f"{EXPERIMENTS[record.name].title} on {plain(record.dataset)}, {state}",
            key=f"open_{record.id}",
            type="tertiary",
            on_click=actions.open_experiment,
            args=(record.id,),
        )
