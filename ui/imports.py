"""Bringing pictures in: built-in sets, a zip file, a folder of the server."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from ann_core.datasets.archives import ArchiveLimits
from ann_core.datasets.builtin import BUILT_INS, import_builtin
from ann_core.datasets.dataset import Dataset
from ann_core.datasets.importing import import_folder, import_zip
from ann_core.datasets.split import SplitConfig
from ann_core.errors import DatasetError
from ann_core.files import Progress
from ui import services, state
from ui.guard import guard
from ui.prose import plain

_RULES = {"stratified": "80 / 10 / 10, exact in each class", "article": "As in the article"}
_PANEL = "import_panel"
_MAX_NAME = 60
_WIDTH = 480


def import_panel() -> None:
    """Offer every way to bring pictures in; open where there are none, closed after an import."""
    if state.IMPORTED in st.session_state:
        _forget_names()  # they are taken now
        st.session_state[_PANEL] = False
    elif _PANEL not in st.session_state:
        st.session_state[_PANEL] = not services.catalog().infos()
    panel = st.expander(
        "Bring in pictures", icon=":material/add_photo_alternate:", key=_PANEL, on_change="rerun"
    )
    if panel.open:  # closed, it also lets go of an uploaded file
        with panel:
            _show_ways()


def report_import() -> None:
    """Say once what came of the last import."""
    if state.IMPORTED in st.session_state:
        name, n_images, n_skipped = st.session_state.pop(state.IMPORTED)
        left_out = f"{n_skipped:,} files left out, listed below" if n_skipped else "none left out"
        st.success(f"{plain(name)} is here: {n_images:,} pictures taken, {left_out}.")


def _show_ways() -> None:
    ways = ["Built-in", "Zip file"]
    if services.settings().allow_server_folders:
        ways.append("Server folder")
    way = st.segmented_control("From", ways, default=ways[0], required=True, key="import_from")
    if way == "Zip file":
        _zip_form()
    elif way == "Server folder":
        _folder_form()
    else:
        _builtin_form()


def make_builtin(kind: str, name: str) -> Dataset:
    """Make a built-in set, with a progress bar.

    Raises
    ------
    DatasetError, DiskFullError
    """
    return _with_progress(
        f"Making {name}",
        lambda report: import_builtin(kind, name, services.catalog(), progress=report),
    )


def suggest_name(text: str) -> str:
    """Make a free and allowed data set name out of a file's name or any other text."""
    taken = {info.name.casefold() for info in services.catalog().infos()}
    name = re.sub(r"[^\w-]+", "-", text).strip("-_")[:_MAX_NAME] or "pictures"
    numbered = (f"{name}-{number}" for number in range(2, len(taken) + 3))
    return next((free for free in (name, *numbered) if free.casefold() not in taken), name)


def _builtin_form() -> None:
    kind = st.radio(
        "Built-in set",
        list(BUILT_INS),
        format_func=lambda k: BUILT_INS[k].title,
        captions=[b.description for b in BUILT_INS.values()],
        key="import_builtin",
    )
    name_key = f"import_builtin_name_{kind}"
    st.session_state.setdefault(name_key, suggest_name(kind))
    name = st.text_input("Name of the data set", key=name_key, width=_WIDTH).strip()
    if st.button("Make it", icon=":material/add_photo_alternate:", key="import_builtin_go"):
        _finish(lambda: make_builtin(kind, name))


def _zip_form() -> None:
    st.caption(
        "A folder for each class (cat/1.jpg, dog/1.jpg), or the class in each name (cat.1.jpg). "
        "Folders train, validation and test are kept as they are."
    )
    upload = st.file_uploader(
        "Zip file with pictures", type="zip", key="import_zip", on_change=_suggest_for_zip
    )
    name, split = _name_and_split("zip")
    if st.button("Import", icon=":material/upload:", key="import_zip_go", disabled=upload is None):
        assert upload is not None
        settings = services.settings()
        limits = ArchiveLimits(settings.max_archive_entries, settings.max_unpacked_bytes)
        _finish(
            lambda: _with_progress(
                f"Importing {name}",
                lambda report: import_zip(
                    upload,
                    name,
                    services.catalog(),
                    split=split,
                    limits=limits,
                    source=f"zip file {upload.name}",
                    progress=report,
                ),
            )
        )


def _suggest_for_zip() -> None:
    upload = st.session_state.get("import_zip")
    if upload is not None:
        _suggest("zip", Path(upload.name).stem)


def _folder_form() -> None:
    folder = st.text_input(
        "Folder on this server", key="import_folder", on_change=_suggest_for_folder, width=_WIDTH
    ).strip()
    name, split = _name_and_split("folder")
    if st.button("Import", icon=":material/upload:", key="import_folder_go", disabled=not folder):
        _finish(lambda: _import_server_folder(folder, name, split))


def _suggest_for_folder() -> None:
    folder = st.session_state.get("import_folder", "").strip()
    if folder:
        _suggest("folder", Path(folder).name)


def _import_server_folder(folder: str, name: str, split: SplitConfig) -> Dataset:
    # A hand-made message may press a button that is not shown.
    if not services.settings().allow_server_folders:
        raise DatasetError("Folders of the server are not open here. Upload a zip file instead.")
    try:
        path = Path(folder).expanduser()
        path.is_dir()
    except (OSError, ValueError, RuntimeError) as error:
        raise DatasetError(f"Expected a folder of this server, but {error}.") from error
    return _with_progress(
        f"Importing {name}",
        lambda report: import_folder(path, name, services.catalog(), split=split, progress=report),
    )


def _suggest(way: str, text: str) -> None:
    """Fill in a name, unless somebody has typed one."""
    key, suggested = f"import_{way}_name", f"import_{way}_name_suggested"
    typed = st.session_state.get(key)
    if not typed or typed == st.session_state.get(suggested):
        st.session_state[key] = st.session_state[suggested] = suggest_name(text)


def _forget_names() -> None:
    for key in list(st.session_state):
        if str(key).startswith("import_") and "_name" in str(key):
            del st.session_state[key]


def _name_and_split(key: str) -> tuple[str, SplitConfig]:
    name = st.text_input("Name of the data set", key=f"import_{key}_name", width=_WIDTH).strip()
    rule = st.radio(
        "Split into training, validation and test",
        list(_RULES),
        format_func=_RULES.__getitem__,
        key=f"import_{key}_split",
        horizontal=True,
    )
    return name, SplitConfig.parse({"rule": rule})


def _with_progress(label: str, work: Callable[[Progress], Dataset]) -> Dataset:
    """Run `work` under a progress bar that moves at most a hundred times a stage."""
    label = plain(label)
    bar = st.progress(0.0, text=label)
    last = -1

    def report(done: int, total: int) -> None:
        nonlocal last
        percent = 100 * done // total if total else 100
        if percent != last:
            last = percent
            bar.progress(percent, text=f"{label}: {done:,} of {total:,}")

    try:
        return work(report)
    finally:
        bar.empty()


def _finish(work: Callable[[], Dataset]) -> None:
    """Import, then show the new data set."""
    with guard():
        dataset = work()
        st.session_state[state.IMPORTED] = (dataset.name, len(dataset), dataset.info.n_skipped)
        st.session_state[state.DATASET] = dataset.name
        st.rerun()
