"""What the owner of a run can ask of it. The core checks the key again, whoever asks."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from ann_core.runs.housekeeping import delete_run
from ann_core.runs.owners import EXAMPLE_OWNER, OPERATOR
from ann_core.runs.run import Run, is_usual
from ui.base import navigation, services, state
from ui.base.errors import guarded
from ui.base.owners import answered, owner_key, owns
from ui.base.text import link_to
from ui.runs import run_watcher
from ui.runs.run_watcher import View
from ui.runs.status_text import standing, whose
from ui.train import forms


def show_during(view: View) -> None:
    """Offer to pause, continue and stop; a line for those who may not."""
    run = view.run
    known = answered()  # on a page that opens, the buttons wait for that in their places
    if known and not owns(run):
        st.caption(whose(run))
        return
    if run.status == "paused":
        st.caption(standing(view))
    if not (run.live or run.can_resume):
        return
    with st.container(horizontal=True, key="run_controls"):
        if run.live:
            _button("Pause", "pause", run, enabled=known and run.can_pause)
        else:
            _button("Continue", "resume", run, enabled=known and run.can_resume)
        if run.live or run.status == "paused":
            _button("Stop and keep what was learned", "stop", run, enabled=known and run.can_stop)


def show_record(run: Run) -> None:
    """Offer what can be done with a run as a whole; outside of what is polled."""
    with st.container(horizontal=True, key="run_record"):
        if is_usual(run.config):
            st.button(
                "Use these settings again",
                icon=":material/tune:",
                key="use_again",
                on_click=guarded(forms.fill_form),
                args=(run.config,),
            )
        else:
            link_to(navigation.EXPERIMENTS, "It belongs to an experiment")
        if not run.live and (owns(run) or _is_own_example(run)):
            _offer_deletion(run)


def _is_own_example(run: Run) -> bool:
    """Whether it came with Flatland, on the visitor's own computer; on a host, it is for all."""
    return run.owner == EXAMPLE_OWNER and services.settings().profile == "local"


def _offer_deletion(run: Run) -> None:
    with st.popover("Delete", icon=":material/delete:", key="delete"):
        st.markdown("The network, its curves, its model and its files will be gone for good.")
        st.button(
            "Delete for good", key="delete_for_good", on_click=guarded(_delete), args=(run.id,)
        )


def _button(label: str, action: str, run: Run, *, enabled: bool) -> None:
    icons = {"pause": "pause_circle", "resume": "play_circle", "stop": "stop_circle"}
    st.button(
        label,
        icon=f":material/{icons[action]}:",
        key=action,
        on_click=guarded(_ACTIONS[action]),
        args=(run.id,),
        disabled=not enabled,
    )


def _pause(run_id: str) -> None:
    services.registry().commands.pause(run_id, by=owner_key())
    run_watcher.look_again(run_id)


def _resume(run_id: str) -> None:
    services.registry().commands.resume(run_id, by=owner_key(), limits=services.settings().limits)
    run_watcher.look_again(run_id)


def _stop(run_id: str) -> None:
    services.registry().commands.stop(run_id, by=owner_key())
    run_watcher.look_again(run_id)


def _delete(run_id: str) -> None:
    registry = services.registry()
    by = OPERATOR if _is_own_example(registry.get(run_id)) else owner_key()
    delete_run(registry, services.settings(), run_id, by=by)
    run_watcher.look_again(run_id)
    state.forget()
    st.toast("The network is deleted.", icon=":material/delete:")


_ACTIONS: dict[str, Callable[[str], None]] = {"pause": _pause, "resume": _resume, "stop": _stop}
