"""The live panel of a run: looks once a second while the run lives."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from ann_core.runs.progress import about, duration, two_digits
from ann_core.runs.result import RunResult
from ann_core.runs.run import Run
from ui.base import keys, navigation
from ui.base.errors import guard, surface_failure
from ui.base.folds import fold
from ui.base.page import FIRST
from ui.base.text import link_to, plain
from ui.runs import run_watcher
from ui.runs.run_curves import settings_text, show_curves
from ui.runs.run_files import folder_of, offer_downloads, show_log
from ui.runs.run_watcher import View
from ui.runs.shift_curve import TITLE, show_shift_test
from ui.runs.status_text import requested_text, status_text
from ui.train.inside import show_inside
from ui.train.run_controls import show_during, show_record

LIVE_SECONDS = 1.0
INSIDE_SECONDS = 5.0  # dozens of pictures for each who watches
PAUSED_SECONDS = 5.0  # it may be continued on another page
_BY_VALIDATION = (
    "Choose settings by the validation pictures, as many as you like to try. The test pictures "
    "are for the network that you chose: its test accuracy is on the Results page."
)
CALM_SECONDS = 2.0  # a bar for the batches of shorter epochs would only flicker


def show_run(run: Run) -> None:
    """Show a run, live while it waits or works, then with its result."""
    st.caption(settings_text(run))
    run = run_watcher.look(run.id).run
    paused = PAUSED_SECONDS if run.status == "paused" else None

    @st.fragment(run_every=LIVE_SECONDS if run.live else paused)
    def panel() -> None:
        surface_failure()
        with guard():
            view = run_watcher.look(run.id)
            if (view.run.live, view.run.status == "paused") != (run.live, run.status == "paused"):
                st.rerun()
            _show(view)

    @st.fragment(run_every=INSIDE_SECONDS if run.live else paused)
    def inside() -> None:
        with guard():
            view = run_watcher.look(run.id)
            if (view.run.live or view.history) and not view.run.has_model:
                show_inside(view.run)

    with st.container(key=f"{FIRST}run"):
        panel()
    if _has_result(run):
        _show_result(run)
    else:
        inside()
    show_record(run)


def _show(view: View) -> None:
    run = view.run
    if run.status == "failed":
        st.error(plain(run.error or "The training failed."), icon=":material/error:")
        show_log(run)
    _show_progress(view)
    show_during(view)
    if _has_result(run):
        return  # the curves stand beside the result
    if view.history:
        show_curves(view)
    elif run.live:
        st.caption("The curves appear after the first epoch.")
    elif run.status == "stopped" and not run.has_model:
        st.caption("It was stopped before it had learned anything.")


def _show_progress(view: View) -> None:
    """Draw a bar for the epochs and one for the batches, and say how fast it goes."""
    now = view.progress
    if not view.run.n_batches or not view.run.live:
        st.progress(now.share, text=status_text(view))
    else:
        epochs, batches = st.columns([2, 1])
        epochs.progress(now.share, text=status_text(view))
        if now.seconds_per_epoch is None or now.seconds_per_epoch >= CALM_SECONDS:
            batches.progress(now.epoch_share, text=now.batches)
        else:
            time = duration(now.seconds_per_epoch)
            batches.caption(f"{view.run.n_batches} batches an epoch, in {time}")
    if view.run.live:
        st.caption(_pace(view))


def _pace(view: View) -> str:
    now = view.progress
    words = [requested_text(view.run)]
    if now.seconds_left is not None:
        words.append(f"{about(now.seconds_left)} left")
    if now.images_per_second is not None:
        words.append(f"{two_digits(now.images_per_second)} pictures a second")
    if now.seconds_per_epoch is None:
        words.append("the time left is shown after the first epoch")
    sentence = ", ".join(word for word in words if word)
    return sentence[:1].upper() + sentence[1:]


def _has_result(run: Run) -> bool:
    return run.has_model and run.result is not None


def _show_result(run: Run) -> None:
    """Show how good it is and what becomes of that when pictures move; beside it, the curves."""
    result = run.learned
    if result.validation is not None:
        st.metric("Validation accuracy", f"{result.validation:.1%}", help=_BY_VALIDATION)
    st.markdown(_summary(result))
    parts: dict[str, Callable[[], None]] = {
        TITLE: lambda: show_shift_test(run, "validation"),
        "Curves": lambda: _show_curves(run),
    }
    tabs = st.tabs(list(parts), key=keys.TRAIN_PART, on_change="rerun", bind="query-params")
    for tab, draw in zip(tabs, parts.values(), strict=True):
        if tab.open:
            with tab, guard():
                draw()
    with st.container(horizontal=True, key="ways_on"):
        link_to(navigation.EVALUATE, "See the results", icon=":material/analytics:")
        if folder_of(run).litert_model.is_file():
            link_to(navigation.PREDICT, "Try it on a picture", icon=":material/help_center:")
    if folder_of(run).litert_model.is_file():
        with fold("Download", keys.DOWNLOAD_PANEL, icon=":material/download:"):
            offer_downloads(run)
    else:
        st.caption("Its files are gone, so it can no longer predict or be downloaded.")


def _show_curves(run: Run) -> None:
    view = run_watcher.look(run.id)
    if view.history:
        show_curves(view)
    else:
        st.caption("The curves of this training are not here.")


def _summary(result: RunResult) -> str:
    """Say what was learned from what, and which weights were kept."""
    return (
        f"{result.n_parameters:,} parameters, learned from {result.n_images['train']:,} "
        f"pictures in {duration(result.seconds)}; the weights are those of "
        f"{result.kept}. "
        f"{result.ended_by}"
    )
