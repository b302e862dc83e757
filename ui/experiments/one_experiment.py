"""One experiment, from its bet to its outcome; the same for whoever has its link."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from ann_core.datasets.dataset import display_name
from ann_core.experiments.catalog import find_experiment
from ann_core.experiments.conclusion import Conclusion
from ann_core.experiments.definition import Experiment
from ann_core.experiments.examples import example_strip, image_kinds
from ann_core.experiments.neighbours import NEIGHBOURS
from ann_core.experiments.standing import Standing
from ann_core.jobs import experiments
from ann_core.plots.experiment_plots import describe_result, draws_bet, result_figure
from ann_core.runs.owners import may_manage
from ui.base import keys, navigation, services
from ui.base.datasets import catalog
from ui.base.errors import guard, guarded, surface_failure
from ui.base.owners import owner_key, visitor
from ui.base.page import MEASURE
from ui.base.text import link_to, plain
from ui.experiments import actions
from ui.experiments.bets import choose_bet, show_bets
from ui.experiments.gallery import show_gallery
from ui.experiments.kept_weights import show_kept_weights
from ui.experiments.quiz import show_quiz

LIVE_SECONDS = 1.0


def show_experiment(experiment_id: str) -> None:
    """Show an experiment, live while its networks train, then with its outcome."""
    st.button(
        "All experiments",
        icon=":material/arrow_back:",
        key="all",
        on_click=actions.close_experiment,
    )
    first = _look(experiment_id)
    experiment = find_experiment(first.record.name)
    st.header(f"{experiment.title}: {plain(display_name(first.record.dataset))}", anchor=False)
    st.markdown(f"**Claim:** {experiment.claim}", width=MEASURE)
    st.markdown(experiment.how, width=MEASURE)
    _show_examples(first)
    show_quiz(first)
    if first.conclusion is None:
        _show_live(first, experiment)
    else:
        _show_conclusion(first, first.conclusion, experiment)
    show_bets(experiment, experiment_id)
    _show_runs(first)
    _show_link(experiment_id)
    _offer_end(first)


def _show_examples(standing: Standing) -> None:
    """Show both kinds of picture side by side, to whoever may see the data set."""
    kinds, here = image_kinds(standing.record.plan), catalog()
    infos = {name: here.find(each.dataset, each.fingerprint) for name, each in kinds.items()}
    if not kinds:
        return
    with st.grid(len(kinds), min_column_width=300, key="kinds"):
        for name, info in infos.items():
            if info is not None:
                strip = example_strip(here.load(info.name), kinds[name].preprocess)
                st.image(strip, caption=f"Test pictures, {name}")


def _look(experiment_id: str) -> Standing:
    """Read how it stands; its owner's look files what may wait by now."""
    registry, settings = services.registry(), services.settings()
    standing = experiments.look(registry, settings, experiment_id)
    record = standing.record
    waits = len(record.runs) < len(record.plan) and not record.stopped and not standing.problem
    if waits and may_manage(record.owner, owner_key()):
        info = catalog().find(record.dataset, record.fingerprint)
        if info is not None:
            experiments.file_runs(registry, settings, record, info=info, filer=visitor())
    return standing


def _show_live(first: Standing, experiment: Experiment) -> None:
    if first.problem:
        st.warning(plain(first.problem), icon=":material/info:")
        return
    mine = services.registry().experiments.bet_of(first.record.id, owner_key())

    @st.fragment(run_every=LIVE_SECONDS if first.live else None)
    def panel() -> None:
        surface_failure()
        with guard():
            standing = _look(first.record.id)
            if standing.conclusion is not None or standing.problem:
                st.rerun()
            st.progress(standing.share, text=standing.text())

    panel()
    if mine is not None:
        st.caption(f"Your bet: {experiment.bet(mine).label}.")
        return
    choose_bet(experiment)
    st.button(
        "Bet on this",
        key="bet",
        on_click=guarded(actions.bet_on),
        args=(first.record.id, experiment.key),
    )


def _show_conclusion(standing: Standing, conclusion: Conclusion, experiment: Experiment) -> None:
    mine = services.registry().experiments.bet_of(standing.record.id, owner_key())
    verdict = "The claim held here." if conclusion.holds else "The claim did not hold here."
    show = st.success if conclusion.holds else st.warning
    show(f"{plain(conclusion.sentence)} **{verdict}**", icon=":material/science:")
    bet = None if mine is None else experiment.bet(mine)
    if bet is not None:
        came = f"It came out differently: {experiment.bet(conclusion.outcome).label}."
        verdict = "That is what came out." if bet.key == conclusion.outcome else came
        drawn = draws_bet(conclusion.figure, bet)
        where = " The broad gray lines in the figure are your bet." if drawn else ""
        st.markdown(f"You bet on: {bet.label}. {verdict}{where}", width=MEASURE)
    st.vega_lite_chart(
        result_figure(conclusion.figure, bet),
        key="outcome",
        alt=describe_result(conclusion.figure),
    )
    st.caption("Bands and the numbers in brackets are 95% intervals.")
    if experiment.key == NEIGHBOURS.key:
        with guard():
            show_kept_weights(standing)
    st.table(
        {
            "": [number.what for number in conclusion.numbers],
            "value": [number.text() for number in conclusion.numbers],
            "of": [number.about for number in conclusion.numbers],
        }
    )
    show_gallery(standing)
    with st.expander("Why it should be so", icon=":material/lightbulb:", key="why"):
        st.markdown(experiment.why, width=MEASURE)


def _show_runs(standing: Standing) -> None:
    with st.expander("The networks of this experiment", icon=":material/hub:", key="networks"):
        for planned, run in zip(standing.record.plan, standing.runs, strict=True):
            if run is None:
                st.caption(f"{planned.role}: not there")
            else:
                page = navigation.EVALUATE if run.has_model else navigation.TRAIN
                link_to(page, f"{planned.role}: {run.status}", query={keys.RUN: run.id})


def _show_link(experiment_id: str) -> None:
    address = str(st.context.url or "").partition("?")[0]
    st.caption("Whoever has this link sees this experiment and all bets, and can bet too.")
    st.code(
        f"{address}?{urlencode({keys.EXPERIMENT: experiment_id})}", language=None, wrap_lines=True
    )


def _offer_end(standing: Standing) -> None:
    """Let the owner stop it while it runs, and delete it afterwards."""
    record = standing.record
    if not may_manage(record.owner, owner_key()):
        return
    if any(run is not None and run.live for run in standing.runs):
        st.button(
            "Stop the experiment",
            icon=":material/stop_circle:",
            key="stop_experiment",
            on_click=guarded(actions.stop),
            args=(record.id,),
        )
        return
    with st.popover("Delete", icon=":material/delete:", key="delete_experiment"):
        st.markdown("The experiment, its bets and all its networks will be gone for good.")
        st.button(
            "Delete for good",
            key="delete_experiment_for_good",
            on_click=guarded(actions.delete),
            args=(record.id,),
        )
