"""Many images at once: one upload, one table, one file to take along."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from ann_core.files import staged_folder
from ann_core.prediction.batch import (
    MAX_CLASSES,
    MAX_FILES,
    FilePrediction,
    gather,
    predict_files,
    predictions_csv,
    predictions_table,
)
from ann_core.runs.run import Run
from ui.base import keys, services
from ui.base.image_source import UPLOAD_TYPES
from ui.base.page import MEASURE
from ui.base.text import plain, short
from ui.runs.models import open_classifier, open_for_batch

_ENOUGH = 64  # images from which the weights are packed for many


@dataclass(frozen=True, eq=False)
class _Asked:
    """Answers to one upload by one network, and how long they took."""

    upload: tuple[str, ...]
    predictions: list[FilePrediction]
    class_names: tuple[str, ...]
    seconds: float


def show_many(run: Run) -> None:
    """Let people bring many images, or a zip file of them, and show all answers.

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
    if not files:
        st.session_state.pop(keys.MANY_PREDICTIONS, None)
        st.caption(
            f"Up to {MAX_FILES:,} files at once. Files that are no pictures stand in the table "
            "with a reason."
        )
        return
    upload = (run.id, *(file.file_id for file in files))
    asked: _Asked | None = st.session_state.get(keys.MANY_PREDICTIONS)
    if asked is None or asked.upload != upload:
        asked = _ask(run, upload, files)
        st.session_state[keys.MANY_PREDICTIONS] = asked
    _show(asked)


def _ask(run: Run, upload: tuple[str, ...], files: Sequence[Any]) -> _Asked:
    """Ask about all files, with a bar while it lasts."""
    settings = services.settings()
    bar = st.progress(0.0, "Unpacking")
    started = time.monotonic()
    uploads = [(file.name, file) for file in files]
    for file in files:
        file.seek(0)

    def move(done: int, total: int) -> None:
        bar.progress(done / max(total, 1), f"{done:,} of {total:,} pictures")

    try:
        with staged_folder(settings.uploads_dir) as staging:
            found, damaged = gather(uploads, staging, max_bytes=settings.max_unpacked_bytes)
            predictions, class_names = _predictions(run, found, move)
    finally:
        bar.empty()
    return _Asked(upload, predictions + damaged, class_names, time.monotonic() - started)


def _predictions(
    run: Run, files: Sequence[Any], move: Any
) -> tuple[list[FilePrediction], tuple[str, ...]]:
    if len(files) < _ENOUGH:
        classifier = open_classifier(run)
        return predict_files(classifier, files, move, thumbnails=True), classifier.class_names
    with open_for_batch(run) as classifier:
        return predict_files(classifier, files, move, thumbnails=True), classifier.class_names


@st.fragment
def _show(asked: _Asked) -> None:
    answered = [prediction for prediction in asked.predictions if prediction.prediction is not None]
    n_missing = len(asked.predictions) - len(answered)
    st.header(f"{len(asked.predictions):,} files", anchor=False)
    st.markdown(_counted(asked, n_missing), width=MEASURE)
    if len(asked.class_names) > MAX_CLASSES:
        st.caption(f"Of {len(asked.class_names)} classes, the first {MAX_CLASSES} have a column.")
    table = predictions_table(asked.predictions, asked.class_names)
    st.dataframe(
        table,
        hide_index=True,
        key="many_table",
        row_height=52,
        height=min(560, 60 + 52 * len(table)),
        column_config=_columns(asked.class_names),
        alt=f"Answers for {len(asked.predictions):,} files, a row each",
    )
    st.download_button(
        "Download as CSV",
        data=lambda: predictions_csv(asked.predictions, asked.class_names),
        file_name="answers.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        key="many_csv",
    )


def _counted(asked: _Asked, n_missing: int) -> str:
    """Count answers by class, and say how long they took."""
    predicted = [a.prediction.class_name for a in asked.predictions if a.prediction is not None]
    counts = sorted(((predicted.count(name), name) for name in set(predicted)), reverse=True)
    told = ", ".join(f"{count:,} {plain(short(name))}" for count, name in counts[:MAX_CLASSES])
    missing = f" {n_missing:,} could not be read; the reason is in their row." if n_missing else ""
    pace = len(asked.predictions) / max(asked.seconds, 1e-3)
    return (
        f"{told or 'No picture among them'}.{missing} It took {asked.seconds:.1f} s, {pace:,.0f} "
        "files a second. A click on the head of a column sorts by it."
    )


def _columns(class_names: Sequence[str]) -> dict[str, Any]:
    share = st.column_config.NumberColumn(format="percent")
    columns: dict[str, Any] = {
        "picture": st.column_config.ImageColumn(width="small"),
        "probability": share,
        "fingerprint": st.column_config.TextColumn(width="medium"),
    }
    return columns | {f"p({name})": share for name in class_names[:MAX_CLASSES]}
