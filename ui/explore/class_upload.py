"""Images given class by class: a class is typed, its images are dropped or taken."""

from __future__ import annotations

import streamlit as st

from ann_core.datasets.importing.uploads import images_upload
from ann_core.datasets.validation import check_given
from ann_core.errors import LimitError
from ann_core.files import data_size
from ui.base import keys
from ui.base.buttons import was_pressed
from ui.base.choices import hold_choice
from ui.base.datasets import catalog
from ui.base.errors import guard, guarded
from ui.base.image_source import UPLOAD_TYPES
from ui.base.kept_files import give_files
from ui.base.upload_memory import uploaded
from ui.explore.import_form import import_choices, import_upload

_FEWEST, _MAX = 2, 20
_MAX_PHOTO_BYTES = 50_000_000  # one of the camera has some 100,000

Files = list[tuple[str, bytes]]


def show_classes() -> None:
    """Ask for classes and their images, and import them."""
    st.caption("Name each class and drop its pictures, five or more, or take them by camera.")
    count = st.session_state.setdefault(keys.N_UPLOAD_CLASSES, _FEWEST)
    images: dict[str, Files] = {}
    for number in range(count):
        name, files = _show_class(number)
        if name or files:
            images.setdefault(name, []).extend(files)
    if count < _MAX:
        st.button("Another class", icon=":material/add:", key="import_more", on_click=_add_class)
    _show_camera(count)
    st.session_state.setdefault(keys.import_name("pictures"), catalog().free_name("my-pictures"))
    choices = import_choices("pictures")
    n_files = sum(len(files) for files in images.values())
    ready = n_files > 0 and choices.split is not None
    if was_pressed(
        "Import", icon=":material/upload:", key="import_pictures_go", disabled=not ready
    ):
        with guard():
            check_given({name: len(files) for name, files in images.items()})
            config = choices.config("pictures", "", "pictures given class by class")
            import_upload(images_upload(images), config)


def _show_class(number: int) -> tuple[str, Files]:
    """Show the row of a class; return its name and images."""
    left, right = st.columns([1, 3])
    name = left.text_input(
        f"Class {number + 1}",
        key=keys.upload_class(number),
        placeholder=("cat", "dog")[number] if number < _FEWEST else "",
        persist_state="session",
    ).strip()
    with right:
        given = give_files(
            f"Pictures of class {number + 1}",
            several=True,
            type=UPLOAD_TYPES,
            key=keys.upload_of_class(number),
        )
    photos: list[bytes] = st.session_state.get(keys.CAMERA_PHOTOS, {}).get(number, [])
    if photos:
        left.caption(f"{len(photos):,} taken by camera")
    files = [(file.name, file.content) for file in given]
    return name, files + [(f"photo-{n + 1}.jpg", photo) for n, photo in enumerate(photos)]


def _show_camera(count: int) -> None:
    if not st.toggle("Take pictures by camera", key="import_camera_on"):
        return
    hold_choice(keys.CAMERA_CLASS, range(count))
    st.selectbox(
        "They are of",
        range(count),
        format_func=lambda n: st.session_state.get(keys.upload_class(n)) or f"Class {n + 1}",
        key=keys.CAMERA_CLASS,
        width=240,
    )
    photo = st.camera_input("Take a photo", key=keys.IMPORT_CAMERA, resolution="480p")
    st.button(
        "Keep this photo",
        icon=":material/add_a_photo:",
        key="import_keep",
        disabled=photo is None,
        on_click=guarded(_keep_photo),
        args=(count,),
    )


def _keep_photo(count: int) -> None:
    """Keep a photo, of the class that is chosen at the click, in the session's memory.

    Raises
    ------
    LimitError
        If it holds as much as a class of photos takes many times over.
    """
    photo = uploaded(keys.IMPORT_CAMERA)
    if photo is None:
        return
    photos: dict[int, list[bytes]] = st.session_state.setdefault(keys.CAMERA_PHOTOS, {})
    held = sum(len(content) for kept in photos.values() for content in kept)
    if held + photo.size > _MAX_PHOTO_BYTES:
        raise LimitError(
            [
                f"Photos of {data_size(held)} are kept here, and at most "
                f"{data_size(_MAX_PHOTO_BYTES)} can be. Import these first."
            ]
        )
    hold_choice(keys.CAMERA_CLASS, range(count))
    photos.setdefault(st.session_state[keys.CAMERA_CLASS], []).append(photo.getvalue())


def _add_class() -> None:
    st.session_state[keys.N_UPLOAD_CLASSES] = min(
        _MAX, st.session_state.get(keys.N_UPLOAD_CLASSES, _FEWEST) + 1
    )
