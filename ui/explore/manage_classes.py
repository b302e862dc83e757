"""Change the classes of a data set, and add pictures to them; each makes a new version."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from ann_core.datasets.dataset import Dataset
from ann_core.datasets.editing.edits import AddImages, DeleteClass, Edit, MergeClasses, RenameClass
from ann_core.datasets.importing.uploads import Upload, images_upload, zip_upload
from ann_core.datasets.split import SPLITS
from ann_core.datasets.validation import MAX_CLASS_NAME
from ui.base.image_source import UPLOAD_TYPES
from ui.base.kept_files import tell_if_gone
from ui.base.page import MEASURE
from ui.base.privacy import show_privacy_note
from ui.components.small_table import show_rows
from ui.explore.import_form import WIDTH
from ui.explore.new_version import ask_for_version

_RENAME, _MERGE, _DELETE = "Rename it", "Merge it into another", "Delete it"


def show_classes(dataset: Dataset) -> None:
    """List the classes, and rename, merge or delete one of them."""
    info = dataset.info
    counts = [{s: info.counts[name].get(s, 0) for s in SPLITS} for name in info.class_names]
    table = [
        {"class": name, "pictures": sum(each.values())} | each
        for name, each in zip(info.class_names, counts, strict=True)
    ]
    show_rows(table, alt="Pictures of each class, in all and by split")
    left, right = st.columns(2)
    name = left.selectbox("Class", info.class_names, key="manage_class")
    action = right.selectbox(
        "What to do with it", (_RENAME, _MERGE, _DELETE), key="manage_class_action"
    )
    edits = _edits(dataset, name, action)
    ask_for_version(dataset, edits, key="manage_class_go", label="Make the version")


def _edits(dataset: Dataset, name: str, action: str) -> list[Edit]:
    """Ask for the rest, and say what would be done; nothing as long as that is not known."""
    if action == _RENAME:
        to = st.text_input(
            "New name of the class", key="manage_class_to", max_chars=MAX_CLASS_NAME, width=WIDTH
        ).strip()
        return [RenameClass(class_name=name, to=to)] if to else []
    if action == _MERGE:
        others = [each for each in dataset.class_names if each != name]
        into = st.selectbox("Merge it into", others, key="manage_class_into", width=WIDTH)
        return [MergeClasses(class_names=(name,), into=into)]
    n_images = sum(dataset.info.counts[name].values())
    st.markdown(f"Its {n_images:,} pictures will not be in the new version.", width=MEASURE)
    return [DeleteClass(class_name=name)]


def show_more_images(dataset: Dataset) -> None:
    """Take pictures in for a class that is there, or for a new one."""
    st.markdown(
        "They are checked as in an import. Exact copies of pictures that are there already are "
        "left out; the others are divided into training, validation and test as the rest was.",
        width=MEASURE,
    )
    name = st.selectbox(
        "Class, or type the name of a new one",
        dataset.class_names,
        index=None,
        key="manage_add_class",
        accept_new_options=True,
        placeholder="Which class they are of",
        width=WIDTH,
        help="Leave it empty for a zip file with a folder for each class.",
    )
    uploader = f"manage_add_{dataset.name}"
    files = st.file_uploader(
        "Pictures, or one zip file",
        type=[*UPLOAD_TYPES, "zip"],
        accept_multiple_files=True,
        key=uploader,
    )
    tell_if_gone(uploader)
    show_privacy_note("upload")
    upload, edits = _upload(name or "", [(file.name, file) for file in files])
    ask_for_version(
        dataset, edits, key="manage_add_go", label="Add them", icon=":material/add:", upload=upload
    )


def _upload(class_name: str, files: list) -> tuple[Upload | None, list[Edit]]:  # type: ignore[type-arg]
    """Describe what was chosen; nothing as long as something is missing, which is said."""
    if not files:
        return None, []
    zips = [file for name, file in files if name.lower().endswith(".zip")]
    if zips and len(files) > 1:
        st.info("One zip file at a time, or pictures only.")
        return None, []
    if zips:
        edit = AddImages(source="zip", class_name=class_name)
        return zip_upload(zips[0], zips[0].file_id), [edit]
    if not class_name:
        st.info("Choose the class of these pictures.")
        return None, []
    given = {class_name: [(Path(name).name, file.getvalue()) for name, file in files]}
    return images_upload(given), [AddImages(class_name=class_name)]
