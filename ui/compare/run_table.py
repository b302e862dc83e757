"""The table of runs and baselines: found by words, sorted, chosen by rows, taken along as CSV."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from ann_core.config import content_key
from ann_core.datasets.dataset import display_name
from ann_core.escaping import spreadsheet_csv
from ann_core.evaluation.compared_model import ConfigBaselines
from ann_core.evaluation.run_table import (
    COLUMNS,
    SETTINGS,
    SHARES,
    TEST_COLUMNS,
    TableRow,
    baseline_rows,
    best_first,
    matches,
    rows_frame,
    run_rows,
    settings_that_differ,
    without_test,
)
from ann_core.runs.run import Run
from ui.base import keys
from ui.base.pickers import MAX_RUNS
from ui.compare.chosen_rows import choose, chosen_ids, n_cleared
from ui.runs.shift_curve import shift_tests_of
from ui.runs.test_looks import look_at_test

_ALL = "All data sets"
_MAX_ROWS_HIGH = 12
_TEST_COLUMNS = tuple(name for name in TEST_COLUMNS if name != "test spread")
_WITHIN_IMAGES_COLUMN = {"picture size", "mode", "resize", "scaling", "bits used"}
_USUAL = (
    *("name", "kind", "data set", "pictures", "validation", "moved", *_TEST_COLUMNS),
    *(name for name in SETTINGS if name not in _WITHIN_IMAGES_COLUMN),
    *("epochs done", "best epoch", "train", "parameters", "seconds", "status"),
)
_OF_SEEDS = ("validation spread", "seeds")  # beside the usual ones, where seeds are one row
_HELP = {
    "train": "How many of the training pictures it gets right, with the final weights.",
    "validation": "The table is sorted by it: choose by it. Of several seeds, the mean.",
    "test": "Of marked rows, if you ask for it above. Of several seeds, the mean.",
    "test lower end": "Lower end of the 95% interval of the true share (Wilson's).",
    "test upper end": "Upper end of the 95% interval of the true share (Wilson's).",
    "moved": "Share of right answers on the validation pictures when all of them move by a tenth "
    "of their width or height, in the way that this network takes worst. Empty for a network from "
    "a file, which has no validation pictures with it, and for one of an older Flatland, until "
    "they are moved on the Train page.",
    "test moved": "The same on the test pictures.",
    "validation spread": "Standard deviation of the validation accuracies over the seeds.",
    "test spread": "Standard deviation of the test accuracies over the seeds.",
    "seeds": "Distinct seeds of finished trainings: each counts once, by its newest network.",
    "notes": "Of a baseline, what was chosen on the validation pictures.",
}


def show_table(runs: Sequence[Run], baselines: Sequence[ConfigBaselines]) -> list[str]:
    """Show runs and baselines, and return the ids of the rows that are shown."""
    by_seed = _filters(runs)
    rows = [row for row in _rows(runs, baselines, by_seed=by_seed) if _is_shown(row)]
    if not rows:
        st.info("No network matches these words. Clear the field, or choose another data set.")
        return []
    rows = _with_chosen_tests(best_first(rows), runs)
    columns, table = _columns(by_seed=by_seed), rows_frame(rows)
    _draw(table[_hide_equal(columns, rows)], rows)
    with st.container(horizontal=True):
        _offer_csv(table[columns])
        if any(run.live for run in runs):
            st.button("Look again", icon=":material/refresh:", key="runs_again")
    if len(runs) >= MAX_RUNS:
        st.caption(f"These are the newest {MAX_RUNS}; older ones are reached by their link.")
    return [row_id for row in rows for row_id in row.ids]


def _columns(*, by_seed: bool) -> list[str]:
    """List the chosen columns; rows of several seeds say how many, and how far apart."""
    columns = list(st.session_state.get(keys.TABLE_COLUMNS) or _USUAL)
    more = [name for name in _OF_SEEDS if by_seed and name not in columns]
    index = columns.index("validation") + 1 if "validation" in columns else len(columns)
    return [*columns[:index], *more, *columns[index:]]


def _hide_equal(columns: Sequence[str], rows: Sequence[TableRow]) -> list[str]:
    """Leave out settings that are the same in all networks, if they are not to be seen."""
    if not st.session_state.get(keys.TABLE_HIDE_EQUAL, True):
        return list(columns)
    apart = settings_that_differ(rows)
    return [name for name in columns if name not in SETTINGS or name in apart]


def _with_chosen_tests(rows: Sequence[TableRow], runs: Sequence[Run]) -> list[TableRow]:
    """Keep the test results of marked rows, if they are asked for, and note them as seen."""
    chosen = set(chosen_ids()) if st.session_state.get(keys.TABLE_TESTS) else set()
    shown = [row for row in rows if chosen.issuperset(row.ids)]
    ids = {row_id for row in shown for row_id in row.ids}
    look_at_test(run for run in runs if run.id in ids)
    return [row if row in shown else without_test(row) for row in rows]


def _offer_csv(table: pd.DataFrame) -> None:
    st.download_button(
        "Download as CSV",
        data=lambda: spreadsheet_csv(table),
        file_name="runs.csv",
        mime="text/csv",
        on_click="ignore",
        icon=":material/download:",
        key="runs_csv",
        help="The rows that are shown, as CSV, with all chosen columns; shares as fractions of 1.",
    )


def _filters(runs: Sequence[Run]) -> bool:
    """Show what narrows the table; return whether seeds are one row."""
    names = list(dict.fromkeys(display_name(run.config.dataset) for run in runs))
    if st.session_state.get(keys.TABLE_DATASET, _ALL) not in (_ALL, *names):
        st.session_state[keys.TABLE_DATASET] = _ALL
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            "Find",
            key=keys.TABLE_SEARCH,
            bind="query-params",
            placeholder="words of a row",
            width=220,
        )
        st.selectbox(
            "Data set", [_ALL, *names], key=keys.TABLE_DATASET, bind="query-params", width=220
        )
        by_seed = st.toggle(
            "Seeds as one row",
            key=keys.TABLE_BY_SEED,
            bind="query-params",
            help="Networks that differ only in their seed become one row: mean, spread, how many.",
        )
        st.toggle(
            "Test results of marked rows",
            key=keys.TABLE_TESTS,
            help="Look at them when you have chosen by the validation pictures: each network whose "
            "test result is shown counts as a look at the test pictures.",
        )
        with st.popover("Columns", icon=":material/view_column:", key="columns_menu"):
            st.multiselect(
                "Columns of the table",
                COLUMNS,
                default=_USUAL,
                key=keys.TABLE_COLUMNS,
                bind="query-params",
                help="They stand in the order in which they were chosen.",
            )
            st.toggle("Hide settings that are the same", value=True, key=keys.TABLE_HIDE_EQUAL)
    return bool(by_seed)


def _rows(
    runs: Sequence[Run], baselines: Sequence[ConfigBaselines], *, by_seed: bool
) -> list[TableRow]:
    rows = run_rows(runs, by_seed=by_seed, shifts_of=shift_tests_of)
    for each in baselines:
        if each.fitted is not None:
            rows += baseline_rows(each.fitted, each.config)
    return rows


def _is_shown(row: TableRow) -> bool:
    of = st.session_state.get(keys.TABLE_DATASET, _ALL)
    return of in (_ALL, row.values["data set"]) and matches(
        row, st.session_state.get(keys.TABLE_SEARCH, "")
    )


def _draw(table: pd.DataFrame, rows: Sequence[TableRow]) -> None:
    chosen = set(chosen_ids())
    marked = [index for index, row in enumerate(rows) if chosen.issuperset(row.ids)]
    # A table with other rows, or whose choice was made elsewhere, is another widget.
    key = keys.run_table(f"{content_key([row.ids for row in rows])}_{n_cleared()}")

    def picked() -> None:
        _pick(rows, st.session_state[key]["selection"]["rows"])

    shares = [name for name in table.columns if name in SHARES]
    st.dataframe(
        table.assign(**{name: 100 * table[name] for name in shares}),
        hide_index=True,
        key=key,
        height=35 * (min(len(table), _MAX_ROWS_HIGH) + 1) + 3,
        column_config=_column_config(),
        on_select=picked,
        selection_mode="multi-row",
        placeholder="–",
        selection_default={"selection": {"rows": marked, "columns": [], "cells": []}},
        alt="Networks and baselines, with settings and results; mark rows to compare them",
    )


def _pick(rows: Sequence[TableRow], indices: Sequence[int]) -> None:
    """Take over which rows are marked; those that are not shown stay chosen."""
    shown = {row_id for row in rows for row_id in row.ids}
    marked = [row_id for index in indices if index < len(rows) for row_id in rows[index].ids]
    before = [row_id for row_id in chosen_ids() if row_id not in shown or row_id in marked]
    choose(before + [row_id for row_id in marked if row_id not in before])


def _column_config() -> dict[str, Any]:
    columns = st.column_config
    config: dict[str, Any] = {
        name: columns.NumberColumn(format="%.1f%%", help=_HELP.get(name)) for name in SHARES
    }
    for name in ("learning rate", "L2", "dropout"):
        config[name] = columns.NumberColumn(format="%g")
    config["seeds"] = columns.NumberColumn(help=_HELP["seeds"])
    config["parameters"] = columns.NumberColumn(format="localized")
    config["seconds"] = columns.NumberColumn(format="%.1f", help="Of training alone.")
    config["started"] = columns.DatetimeColumn(
        format="D MMM YYYY, HH:mm", timezone=st.context.timezone
    )
    config["notes"] = columns.TextColumn(help=_HELP["notes"], width="medium")
    return config
