"""The live panel of a run: reads the registry once a second while the run lives."""

from __future__ import annotations

import streamlit as st

from ann_core.evaluation import Evaluation
from ann_core.runs.folder import RunFolder
from ann_core.runs.run import Run
from ui import services
from ui.panels import show_curves, show_evaluation

REFRESH_SECONDS = 1.0
_STATUS_WORDS = {
    "queued": "waiting",
    "starting": "starting",
    "running": "training",
    "done": "done",
    "stopped": "stopped",
    "paused": "paused",
    "failed": "failed",
}


def show_run(run: Run) -> None:
    """Show a run, live while it waits or works, then with its result."""

    @st.fragment(run_every=REFRESH_SECONDS if run.live else None)
    def panel() -> None:
        now = services.registry().get(run.id)
        if run.live and not now.live:
            st.rerun()
        _show_progress(now)
        if now.live:
            st.button(
                "Stop and keep what was learned",
                icon=":material/stop_circle:",
                key="stop",
                on_click=services.registry().ask_stop,
                args=(run.id,),
                disabled=now.want == "stop",
            )
        show_curves(services.registry().metrics(run.id), run.config.network.epochs)

    panel()
    if run.result is not None:
        show_evaluation(Evaluation.from_dict(run.result["test"]))
        _offer_downloads(run)


def _show_progress(run: Run) -> None:
    n_epochs = run.config.network.epochs
    if run.status == "failed":
        st.error(run.error or "The run failed.", icon=":material/error:")
    elif run.status == "queued":
        ahead = services.registry().place_in_line(run.id)
        st.info(
            f"Waiting for a free place: {ahead} before this one." if ahead else "Starting soon."
        )
    done = run.epoch + (run.batch / run.n_batches if run.n_batches and run.live else 0)
    st.progress(min(1.0, done / n_epochs), text=_progress_text(run))


def _progress_text(run: Run) -> str:
    n_epochs = run.config.network.epochs
    if not run.live:
        return f"{_STATUS_WORDS[run.status]}: epoch {run.epoch} of {n_epochs}"
    text = run.phase or _STATUS_WORDS[run.status]
    if run.n_batches and run.epoch < n_epochs:
        text += f": epoch {run.epoch + 1} of {n_epochs}, batch {run.batch} of {run.n_batches}"
    return f"stopping after this batch ({text})" if run.want == "stop" else text


def _offer_downloads(run: Run) -> None:
    folder = RunFolder.of(services.settings().runs_dir, run.id)
    files = {
        "Model for Keras": folder.keras_model,
        "Model for phones": folder.litert_model,
        "History": folder.history,
    }
    with st.container(horizontal=True):
        for label, path in files.items():
            if path.is_file():
                st.download_button(
                    label,
                    data=path.read_bytes if path.suffix != ".csv" else path.read_text,
                    file_name=path.name,
                    on_click="ignore",
                    icon=":material/download:",
                    key=f"download_{path.name}",
                )
