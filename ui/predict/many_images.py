"""Many images at once: one upload, one table, one file to take along."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import streamlit as st

from ann_core.datasets.importing.archives import ArchiveLimits
from ann_core.evaluation.ood import describe_rule
from ann_core.prediction.batch import (
    MAX_CLASSES,
    MAX_FILES,
    UNLIKE,
    FilePrediction,
    class_counts,
    gather,
    predict_files,
    predictions_csv,
    predictions_table,
)
from ann_core.runs.run import Run
from ui.base import keys, services
from ui.base.image_source import UPLOAD_TYPES
from ui.base.kept_files import tell_if_gone
from ui.base.page import MEASURE
from ui.base.privacy import show_privacy_note
from ui.base.text import plain, short
from ui.base.turns import long_turn
from ui.runs.models import open_classifier, open_for_batch

_ENOUGH = 64  # images from which the weights are packed for many


@dataclass(frozen=True, eq=False)
class _Batch:
    """Predictions of one network for one upload, and how long they took."""

    upload: tuple[str, ...]
    predictions: list[FilePrediction]
    class_names: tuple[str, ...]
    seconds: float


def show_many(run: Run) -> None:
    """Let people bring many images, or a zip file of them, and show all predictions.

    Raises
    ------
    ArchiveError, RunError
        If the upload or the network cannot be used.
    """
    files = st.file_uploader(
        "Pictures, or a zip file of them",
        type=[*UPLOAD_TYPES, "zip"],
        accept_multiple_files=True,
        key="many_upload",
        help=f"At most {MAX_FILES:,} files at once, also inside zip files.",
    )
    tell_if_gone("many_upload")
    if not files:
        st.session_state.pop(keys.MANY_PREDICTIONS, None)
        st.caption(
            f"Up to {MAX_FILES:,} files at once. Files that are not pictures are listed in the "
            "table with a reason."
        )
        show_privacy_note("question")
        return
    upload = (run.id, *(file.file_id for file in files))
    batch: _Batch | None = st.session_state.get(keys.MANY_PREDICTIONS)
    if batch is None or batch.upload != upload:
        batch = _predict(run, upload, files)
        st.session_state[keys.MANY_PREDICTIONS] = batch
    _show(batch)
    rule = open_classifier(run).ood_rule
    st.caption(
        f"The warning is “{UNLIKE}” for pictures unlike those that the network was trained on. "
        f"{describe_rule(rule)}"
        if rule is not None
        else "An older Flatland trained this network: it warns of no picture in a table.",
        width=MEASURE,
    )


def _predict(run: Run, upload: tuple[str, ...], files: Sequence[Any]) -> _Batch:
    """Ask about all files, with a bar while it lasts."""
    settings = services.settings()
    bar = st.progress(0.0, "Unpacking")
    uploads = [(file.name, file) for file in files]
    for file in files:
        file.seek(0)

    def move(done: int, total: int) -> None:
        bar.progress(done / max(total, 1), f"{done:,} of {total:,} pictures")

    def wait() -> None:
        bar.progress(0.0, "Waiting: files of somebody else are being worked on")

    try:
        with long_turn(wait):
            started = time.monotonic()
            files = gather(uploads, limits=ArchiveLimits(MAX_FILES, settings.max_predict_bytes))
            packed = len(files) >= _ENOUGH
            opened = open_for_batch(run) if packed else nullcontext(open_classifier(run))
            with opened as classifier:
                predictions = predict_files(classifier, files, move, thumbnails=True)
    finally:
        bar.empty()
    seconds = time.monotonic() - started
    return _Batch(upload, predictions, classifier.class_names, seconds)


@st.fragment
def _show(batch: _Batch) -> None:
    st.header(f"{len(batch.predictions):,} files", anchor=False)
    st.markdown(_counted(batch), width=MEASURE)
    if len(batch.class_names) > MAX_CLASSES:
        st.caption(f"Of {len(batch.class_names)} classes, the first {MAX_CLASSES} have a column.")
    table = predictions_table(batch.predictions, batch.class_names)
    st.dataframe(
        table,
        hide_index=True,
        key="many_table",
        row_height=52,
        height=min(560, 60 + 52 * len(table)),
        column_config=_columns(batch.class_names),
        alt=f"Predictions for {len(batch.predictions):,} files, a row each",
    )
    st.download_button(
        "Download as CSV",
        data=lambda: predictions_csv(batch.predictions, batch.class_names),
        file_name="answers.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        key="many_csv",
    )


def _counted(batch: _Batch) -> str:
    """Count predictions by class, and say how long they took."""
    counts, n_files = class_counts(batch.predictions), len(batch.predictions)
    n_missing = n_files - sum(counts.values())
    shown = [f"{count:,} {plain(short(name))}" for name, count in counts.items()][:MAX_CLASSES]
    missing = f" {n_missing:,} could not be read; the reason is in their row." if n_missing else ""
    pace = n_files / max(batch.seconds, 1e-3)
    n_unlike = sum(bool(each.prediction and each.prediction.unlike) for each in batch.predictions)
    unlike = f" {n_unlike:,} with the warning “{UNLIKE}”." if n_unlike else ""
    return (
        f"{', '.join(shown) or 'No picture among them'}.{missing}{unlike} It took "
        f"{batch.seconds:.1f} s, {pace:,.0f} files a second. Click the head of a column to sort "
        "by it."
    )


def _columns(class_names: Sequence[str]) -> dict[str, Any]:
    share = st.column_config.NumberColumn(format="percent")
    columns: dict[str, Any] = {
        "picture": st.column_config.ImageColumn(width="small"),
        "probability": share,
        "fingerprint": st.column_config.TextColumn(width="medium"),
    }
    return columns | {f"p({name})": share for name in class_names[:MAX_CLASSES]}
