"""Runs beside each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from ann_core.errors import RunError
from ann_core.evaluation.compared_model import ComparableModels, find_baselines
from ann_core.evaluation.comparison import differing, run_names, settings_of
from ann_core.evaluation.interpretation import describe_best
from ann_core.evaluation.run_table import is_baseline_id
from ann_core.runs.job import check_run_id
from ann_core.runs.run import Run
from ui.base import keys, services
from ui.base.errors import guard
from ui.base.page import MEASURE
from ui.base.pickers import explain_no_network, own_first
from ui.base.text import plain
from ui.compare import plots
from ui.compare.baselines import offer_baselines
from ui.compare.chosen_rows import chosen_ids, clear_choice
from ui.compare.run_notes import offer_deletion, show_notes
from ui.compare.run_table import show_table
from ui.compare.seeds import offer_repeats
from ui.compare.significance import show_significance
from ui.runs.run_cache import report_of
from ui.runs.test_looks import looks_text


def show_comparison() -> None:
    """Show a table of runs, and what makes those that are chosen different."""
    chosen = chosen_ids()
    runs = own_first()
    with guard():
        runs += _linked_runs(chosen, {run.id for run in runs})
    if not runs:
        explain_no_network()
        return
    root = services.settings().baselines_dir
    baselines = find_baselines([run.config for run in runs], root)
    shown = show_table(runs, baselines)
    _recommend([run for run in runs if run.id in shown], chosen)
    offer_baselines(baselines)
    _show_chosen(ComparableModels(runs, baselines, report_of), chosen, shown)


def _recommend(runs: Sequence[Run], chosen: Sequence[str]) -> None:
    """Name the best by validation, and count the looks at the test images, of one data set.

    It is that of the chosen networks, or of all in the table.
    """
    done = [run for run in runs if run.result is not None and run.result.validation is not None]
    marked = [run for run in done if run.id in chosen]
    data_sets = {run.config.fingerprint for run in marked or done}
    if len(data_sets) > 1:
        st.caption(
            "Mark networks of one data set, or choose one above the table, to see which is best on "
            "its validation pictures, and how often its test pictures have been looked at."
        )
    done = [run for run in done if data_sets == {run.config.fingerprint}]
    if not done:
        return
    best = max(done, key=lambda run: run.learned.validation or 0.0)
    if len(done) > 1:
        title = plain(run_names([best])[best.id])
        st.markdown(describe_best(title, len(done), best.learned), width=MEASURE)
    st.caption(looks_text(best), width=MEASURE)


def _linked_runs(chosen: Sequence[str], known: set[str]) -> list[Run]:
    """Read the runs that the address names and that are not in the list.

    Raises
    ------
    RunError
        If it names no run.
    """
    missing = [run_id for run_id in chosen if run_id not in known and not is_baseline_id(run_id)]
    try:
        return [services.registry().get(check_run_id(run_id)) for run_id in missing]
    except RunError:
        clear_choice()
        raise


def _show_chosen(models: ComparableModels, chosen: Sequence[str], shown: Sequence[str]) -> None:
    runs = models.runs
    by_id = {run.id: run for run in runs}
    picked = [by_id[run_id] for run_id in chosen if run_id in by_id]
    in_table = [run for run in runs if run.id in shown]
    _head(chosen)
    parts: dict[str, Callable[[], None]] = {
        "Curves": lambda: plots.show_curves(picked),
        "Settings": lambda: _show_settings(picked),
        "Chance": lambda: show_significance(models, chosen),
        "Settings and result": lambda: plots.show_parallel(in_table),
        "Seeds": lambda: offer_repeats(picked, runs),
        "Name and notes": lambda: _show_record(picked),
    }
    tabs = st.tabs(list(parts), key=keys.COMPARE_PART, on_change="rerun", bind="query-params")
    for tab, draw in zip(tabs, parts.values(), strict=True):
        if tab.open:
            with tab, guard():
                draw()


def _head(chosen: Sequence[str]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header("Side by side", anchor=False, width="content")
        st.button(
            "Clear selection",
            icon=":material/deselect:",
            key="choose_none",
            on_click=clear_choice,
            disabled=not chosen,
        )
    if not chosen:
        st.info("Mark rows at the left of the table: two or more to compare, one to repeat it.")


def _show_settings(runs: Sequence[Run]) -> None:
    """Show the settings of each run in a column; those that differ come first and are marked."""
    if not runs:
        st.caption("Mark a network in the table to see its settings.")
        return
    names = run_names(runs)
    settings = {plain(names[run.id]): settings_of(run.config) for run in runs}
    apart = differing([run.config for run in runs])
    order = sorted(settings_of(runs[0].config), key=lambda name: name not in apart)
    rows = [
        {"setting": f"**{name}**" if name in apart else name}
        | ({"": "**differs**" if name in apart else "same"} if len(runs) > 1 else {})
        | {run: _cell(values[name], bold=name in apart) for run, values in settings.items()}
        for name in order
    ]
    if len(runs) > 1:
        count = f"{len(apart)} of {len(order)} settings differ"
        st.markdown(f"{count}: {', '.join(apart)}." if apart else "All settings are the same.")
    st.table(
        {column: [row[column] for row in rows] for column in rows[0]},
        hide_index=True,
        alt="Settings of each network; those that differ come first",
    )


def _cell(value: object, *, bold: bool) -> str:
    text = f"{value:g}" if isinstance(value, float) else plain(str(value))
    return f"**{text}**" if bold else text


def _show_record(runs: Sequence[Run]) -> None:
    if not runs:
        st.caption("Mark a network in the table to name it, or to write notes.")
        return
    show_notes(runs)
    offer_deletion(runs)
    st.caption("Whoever has the link can read names and notes.", width=MEASURE)
