"""The panel on the Explore page that brings images in, by whatever way."""

from __future__ import annotations

import streamlit as st

from ann_core.datasets.importing.uploads import zip_upload
from ann_core.datasets.sources.addresses import MAX_LENGTH, file_name
from ann_core.datasets.sources.builtin import BUILT_INS
from ann_core.datasets.sources.downloads import DOWNLOADS
from ann_core.datasets.sources.reserved import find_builtin
from ann_core.errors import RunError
from ann_core.file_names import archive_stem, archive_title
from ann_core.files import data_size
from ann_core.jobs.import_job import server_path
from ann_core.runs.job_types import ImportConfig
from ann_core.runs.privacy import Way
from ui.base import keys, services
from ui.base.buttons import was_pressed
from ui.base.datasets import catalog
from ui.base.errors import guard, guarded
from ui.base.kept_files import kept_files, still_here, tell_if_gone
from ui.base.privacy import show_privacy_note
from ui.base.upload_memory import uploaded
from ui.explore.class_upload import show_classes
from ui.explore.import_form import (
    WIDTH,
    import_choices,
    import_upload,
    name_field,
    start_import,
    suggest,
)
from ui.explore.reading_form import ARCHIVE_TYPES, LayoutChoice, choose_layout

_PRIVATE: dict[str, Way] = {
    "Zip file": "upload",
    "Class by class": "upload",
    "Address": "address",
    "Server folder": "folder",
}
"""Ways on which people bring pictures of their own."""


def import_panel() -> None:
    """Offer every way to bring images in; open where there are none, closed after a start."""
    if st.session_state.pop(keys.IMPORT_CLOSES, False):
        st.session_state[keys.IMPORT_PANEL] = False
    _after_import()
    panel = st.expander(
        "Add pictures",
        icon=":material/add_photo_alternate:",
        key=keys.IMPORT_PANEL,
        # No state is set here: after a restart of the server, the browser knows whether it is open.
        expanded=not catalog().infos(),
        on_change="rerun",
    )
    if panel.open:
        with panel:
            _show_ways()


def _after_import() -> None:
    """Clear the form of an import that has succeeded; open it again if it has failed."""
    job_id = st.session_state.get(keys.STARTED_IMPORT)
    if job_id is None:
        return
    try:
        job = services.registry().job(job_id)
    except RunError:  # it is old, and was deleted
        del st.session_state[keys.STARTED_IMPORT]
        return
    if job.live:
        return
    del st.session_state[keys.STARTED_IMPORT]
    if job.status == "done":
        clear_import_form()
    else:
        st.session_state[keys.IMPORT_PANEL] = True


def clear_import_form() -> None:
    """Let go of all that was given in the panel."""
    for key in [key for key in st.session_state if str(key).startswith(keys.IMPORT_PREFIX)]:
        if key != keys.IMPORT_PANEL:
            del st.session_state[key]
    kept_files().clear(keys.IMPORT_PREFIX)


def _show_ways() -> None:
    ways = {
        "Built-in": _builtin_form,
        "Download": _download_form,
        "Zip file": _zip_form,
        "Class by class": show_classes,
        "Address": _address_form,
    }
    if services.settings().allow_server_folders:
        ways["Server folder"] = _folder_form
    first = next(iter(ways))
    way = st.segmented_control(
        *("From", list(ways)),
        default=first,
        required=True,
        key="import_from",
        persist_state="session",
    )
    ways[way or first]()
    if way in _PRIVATE:
        show_privacy_note(_PRIVATE[way])


def _builtin_form() -> None:
    kind = st.radio(
        "Built-in set",
        list(BUILT_INS),
        format_func=lambda k: BUILT_INS[k].title,
        captions=[b.description for b in BUILT_INS.values()],
        key="import_builtin",
    )
    name = _name_of_shipped("builtin", kind)
    if name is None:
        return
    if was_pressed("Create", icon=":material/add_photo_alternate:", key="import_builtin_go"):
        start_import(ImportConfig(name=name, source="builtin", what=kind))


def _name_of_shipped(way: str, kind: str) -> str | None:
    """Ask for the name of a set that Flatland brings along.

    On a host it belongs to all and keeps its own; None, said on the page, if it is there already.
    """
    if services.settings().profile != "hosted":
        name_key = keys.kind_name(way, kind)
        st.session_state.setdefault(name_key, catalog().free_name(kind))
        return name_field(name_key)
    name, info = find_builtin(kind, catalog())
    if info is None:
        return name
    st.info(f"It is here already: choose '{name}' below.", icon=":material/check:")
    return None


def _download_form() -> None:
    kind = st.radio(
        "Data set",
        list(DOWNLOADS),
        format_func=lambda k: DOWNLOADS[k].title,
        captions=[d.description for d in DOWNLOADS.values()],
        key="import_download",
    )
    chosen = DOWNLOADS[kind]
    st.markdown(
        f"**{data_size(chosen.n_bytes)}** to download. Licence: {chosen.licence}. "
        f"Source: [{chosen.source}]({chosen.source})"
    )
    name = _name_of_shipped("download", kind)
    if name is None:
        return
    if was_pressed("Download", icon=":material/download:", key="import_download_go"):
        config = ImportConfig(name=name, source="download", what=kind)
        start_import(config, disk_bytes=2 * chosen.n_bytes)


def _zip_form() -> None:
    st.caption(
        "A folder for each class (cat/1.jpg, dog/1.jpg), or the class in each name (cat.1.jpg). "
        "Folders train, validation and test are kept as they are."
    )
    upload = st.file_uploader(
        "Zip or tar file with pictures",
        type=ARCHIVE_TYPES,
        key=keys.IMPORT_ZIP,
        on_change=_suggest_for_zip,
    )
    tell_if_gone(keys.IMPORT_ZIP)
    layout = LayoutChoice()
    if upload is not None:
        layout = choose_layout("zip", upload, upload.file_id)
    choices = import_choices("zip")
    ready = upload is not None and choices.split is not None
    if was_pressed("Import", icon=":material/upload:", key="import_zip_go", disabled=not ready):
        with guard():
            file = still_here(upload)
            config = layout.of(choices.config("zip", "", archive_title(file.name)))
            import_upload(zip_upload(file, file.file_id), config)


def _suggest_for_zip() -> None:
    upload = uploaded(keys.IMPORT_ZIP)
    if upload is not None:
        suggest("zip", archive_stem(upload.name))


def _address_form() -> None:
    url = st.text_input(
        "Address of a zip or tar file with pictures",
        key=keys.IMPORT_ADDRESS,
        persist_state="session",
        on_change=_suggest_for_address,
        max_chars=MAX_LENGTH,
        placeholder="https://",
        width=WIDTH,
        help="Of the file itself, not of a page about it. Inside, it is laid out like a zip file "
        "that is uploaded.",
    ).strip()
    st.caption(
        "Others who see the data set can read which server it came from and the name of the file, "
        "but nothing else of the address."
    )
    choices = import_choices("address")
    ready = bool(url) and choices.split is not None
    if was_pressed("Import", icon=":material/link:", key="import_address_go", disabled=not ready):
        start_import(choices.config("address", url))


def _suggest_for_address() -> None:
    name = file_name(st.session_state.get(keys.IMPORT_ADDRESS, "").strip())
    if name:
        suggest("address", archive_stem(name))


def _folder_form() -> None:
    folder = st.text_input(
        "Folder on this server",
        key=keys.IMPORT_FOLDER,
        on_change=guarded(_suggest_for_folder),
        width=WIDTH,
        help="Or a zip or tar file there.",
    ).strip()
    layout = LayoutChoice()
    with guard():
        if folder and (path := server_path(folder, services.settings())).exists():
            layout = choose_layout("folder", path, str(path))
    choices = import_choices("folder")
    ready = bool(folder) and choices.split is not None
    if was_pressed("Import", icon=":material/upload:", key="import_folder_go", disabled=not ready):
        with guard():
            # A hand-made message may press a button that is not shown.
            server_path(folder, services.settings())
            start_import(layout.of(choices.config("folder", folder)))


def _suggest_for_folder() -> None:
    folder = st.session_state.get(keys.IMPORT_FOLDER, "").strip()
    if folder:
        path = server_path(folder, services.settings())
        suggest("folder", path.name if path.is_dir() else archive_stem(path.name))
