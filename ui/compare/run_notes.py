"""Name and notes of runs, for their owner; and letting runs go."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ann_core.evaluation.comparison import run_names
from ann_core.runs.commands import MAX_NOTES
from ann_core.runs.housekeeping import delete_run
from ann_core.runs.run import Run
from ui.base import keys, services, state
from ui.base.choices import hold_choice
from ui.base.errors import guarded
from ui.base.owners import answered, owner_key, owns
from ui.base.text import plain
from ui.compare.chosen_rows import chosen_ids, clear_choice
from ui.runs import run_watcher
from ui.runs.status_text import whose


def show_notes(runs: Sequence[Run]) -> None:
    """Let the owner of a run name it and write notes; others read them."""
    names = run_names(runs)
    run = runs[0]
    if len(runs) > 1:
        hold_choice(keys.NOTED_RUN, names)
        run_id = st.selectbox(
            "Network", list(names), format_func=names.__getitem__, width=420, key=keys.NOTED_RUN
        )
        run = next(each for each in runs if each.id == run_id)
    if answered() and not owns(run):
        st.caption(whose(run))
        st.markdown(plain(run.notes) or "No notes.")
        return
    name, notes = keys.run_name(run.id), keys.run_notes(run.id)
    with st.form(key=f"record_{run.id}", border=False, enter_to_submit=False):
        st.text_input("Name", run.name, max_chars=100, key=name, width=420)
        st.text_area(
            "Notes",
            run.notes,
            max_chars=MAX_NOTES,
            key=notes,
            placeholder="What you tried, and what you saw",
        )
        st.form_submit_button(
            "Save",
            icon=":material/save:",
            key=f"keep_{run.id}",
            on_click=guarded(_keep),
            args=(run.id, name, notes),
            disabled=not answered(),
        )


def offer_deletion(runs: Sequence[Run]) -> None:
    """Offer to delete those of the chosen runs that are the visitor's own and have ended."""
    own = [run for run in runs if owns(run) and not run.live]
    if not own:
        return
    names = run_names(own)
    with st.popover("Delete", icon=":material/delete:", key="delete_chosen"):
        what = "\n".join(f"- {plain(name)}" for name in names.values())
        st.markdown(f"{what}\n\nTheir curves, models and files will be gone for good.")
        st.button(
            f"Delete {len(own)} for good" if len(own) > 1 else "Delete for good",
            key="delete_chosen_for_good",
            on_click=guarded(_delete),
            args=([run.id for run in own],),
        )


def _keep(run_id: str, name: str, notes: str) -> None:
    given = {"name": st.session_state[name], "notes": st.session_state[notes]}
    services.registry().commands.describe(run_id, by=owner_key(), **given)
    run_watcher.look_again(run_id)
    st.toast("Saved.", icon=":material/save:")


def _delete(run_ids: Sequence[str]) -> None:
    left = [run_id for run_id in chosen_ids() if run_id not in run_ids]
    for run_id in run_ids:
        delete_run(services.registry(), services.settings(), run_id, by=owner_key())
        run_watcher.look_again(run_id)
        if st.session_state.get(keys.LAST_RUN) == run_id:
            state.forget()
    clear_choice(left)
    st.toast("Deleted.", icon=":material/delete:")
