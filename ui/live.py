"""The live panel of a run: reads the registry once a second while the run lives."""

from __future__ import annotations

import streamlit as st

from ann_core.evaluation import Evaluation
from ann_core.runs.folder import RunFolder
from ann_core.runs.run import Run
from ui import pages, services
from ui.guard import guard, guarded
from ui.panels import show_curves, show_evaluation
from ui.prose import link_to, plain

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
    st.caption(_settings(run))

    @st.fragment(run_every=REFRESH_SECONDS if run.live else None)
    def panel() -> None:
        with guard():
            now = services.registry().get(run.id)
            if run.live and not now.live:
                st.rerun()
            _show_state(now)

    panel()
    if run.has_model and run.result is not None:
        link_to(pages.PREDICT, "Ask it about a picture", icon=":material/help_center:")
        show_evaluation(Evaluation.from_dict(run.result["test"]))
        _offer_downloads(run)


def _settings(run: Run) -> str:
    network, preprocess = run.config.network, run.config.preprocess
    height, width = preprocess.image_size
    layers = "-".join(f"{n}" for n in network.hidden_units) or "none"
    colours = "gray" if preprocess.mode == "gray" else "colour"
    return (
        f"{plain(run.config.dataset)}, {width} × {height} {colours}, {preprocess.resize}. "
        f"Hidden layers {layers}, {network.epochs} epochs, batches of {network.batch_size}, "
        f"learning rate {network.learning_rate:g}, dropout {network.dropout_rate:g}."
    )


def _show_state(run: Run) -> None:
    if run.status == "failed":
        st.error(plain(run.error or "The run failed."), icon=":material/error:")
    elif run.status == "queued":
        ahead = services.registry().n_ahead(run.id)
        st.info(f"Waiting for a free place, {ahead} ahead." if ahead else "Starting soon.")
    else:
        st.progress(_share_done(run), text=_progress_text(run))
    if run.live:
        st.button(
            "Stop and keep what was learned",
            icon=":material/stop_circle:",
            key="stop",
            on_click=guarded(services.registry().ask_stop),
            args=(run.id,),
            disabled=run.want == "stop",
        )
    history = services.registry().metrics(run.id)
    if history:
        show_curves(history, run.config.network.epochs)
    elif run.live:
        st.caption("The curves begin when the first epoch has ended.")
    elif run.status == "stopped" and not run.has_model:
        st.caption("It was stopped before it had learned anything.")


def _share_done(run: Run) -> float:
    part = run.batch / run.n_batches if run.n_batches and run.live else 0.0
    return min(1.0, (run.epoch + part) / run.config.network.epochs)


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
                    data=path.read_bytes,
                    file_name=path.name,
                    on_click="ignore",
                    icon=":material/download:",
                    key=f"download_{path.name}",
                    help=f"{path.name}, {path.stat().st_size / 1e6:,.1f} MB",
                )
