"""Files that somebody gave stay theirs: on another page, after a refusal, in a closed panel.

Streamlit lets go of the files of an uploader as soon as the uploader is not drawn. So a session
keeps them itself, in memory and nowhere else, until they were imported or are removed.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st
from streamlit.runtime.uploaded_file_manager import DeletedFile, UploadedFile

from ann_core.errors import DatasetError
from ui.base import keys, services
from ui.base.text import plain

HOSTED_BYTES = 50_000_000
"""What one session may keep on a host; all of them together may keep twice that."""

GONE = (
    "The chosen file is not here any more: the server was restarted, or has taken the file "
    "already. Choose it again."
)
_SHOWN = 40


@dataclass(frozen=True)
class KeptFile:
    """A file as its owner gave it."""

    name: str
    content: bytes


@dataclass(eq=False)
class KeptFiles:
    """All files that one session keeps, by the uploader that they were given to.

    Attributes
    ----------
    live : dict
        Those that stand in an uploader as well.
    earlier : dict
        Those whose uploader has forgotten them.
    """

    live: dict[str, list[KeptFile]] = field(default_factory=dict)
    earlier: dict[str, list[KeptFile]] = field(default_factory=dict)

    @property
    def n_bytes(self) -> int:
        """Of all files together."""
        every = (*self.live.values(), *self.earlier.values())
        return sum(len(file.content) for files in every for file in files)

    def follow(self, uploader: str, files: Sequence[KeptFile], *, room: int) -> None:
        """Take note of what stands in an uploader now, as far as there is room for it."""
        self.live.pop(uploader, None)
        if self.n_bytes + sum(len(file.content) for file in files) <= room:
            self.live[uploader] = list(files)

    def restore(self, uploader: str) -> None:
        """Take note that an uploader was not drawn for a while, and so is empty."""
        forgotten = self.live.pop(uploader, [])
        self.earlier[uploader] = list(dict.fromkeys([*self.earlier.get(uploader, []), *forgotten]))

    def remove(self, uploader: str) -> None:
        """Let go of what an uploader has forgotten."""
        self.earlier.pop(uploader, None)

    def clear(self, prefix: str) -> None:
        """Let go of all that was given to uploaders whose keys begin so."""
        for files in (self.live, self.earlier):
            for uploader in [each for each in files if each.startswith(prefix)]:
                del files[uploader]


_of_all: weakref.WeakSet[KeptFiles] = weakref.WeakSet()


def kept_files() -> KeptFiles:
    """Return what this session keeps."""
    if keys.KEPT_FILES not in st.session_state:
        st.session_state[keys.KEPT_FILES] = KeptFiles()
        _of_all.add(st.session_state[keys.KEPT_FILES])
    kept: KeptFiles = st.session_state[keys.KEPT_FILES]
    return kept


def has_unsaved() -> bool:
    """Whether a reload would lose something that somebody gave."""
    return kept_files().n_bytes > 0 or bool(st.session_state.get(keys.CAMERA_PHOTOS))


def give_files(label: str, *, key: str, several: bool = False, **options: Any) -> list[KeptFile]:
    """Draw an uploader; return what was given to it, here or before another page was looked at.

    Parameters
    ----------
    several : bool
        Whether it takes more than one; else a new file takes the place of the one before.
    **options
        Of `st.file_uploader`.
    """
    kept = kept_files()
    st.file_uploader(
        label,
        key=key,
        accept_multiple_files=several,
        on_change=_follow,
        args=(key,),
        **options,
    )
    now = _in_uploader(key)
    if not now and key in kept.live:
        kept.restore(key)
    if not several and now:
        kept.remove(key)
    tell_if_gone(key)
    earlier = kept.earlier.get(key, [])
    if earlier:
        _show_earlier(key, earlier)
    return [*earlier, *now]


def tell_if_gone(key: str) -> None:
    """Say that a file that the browser still shows in an uploader is not on the server any more."""
    if any(isinstance(each, DeletedFile) for each in _given(key)):
        st.warning(GONE, icon=":material/upload_file:")


def still_here(upload: UploadedFile | None) -> UploadedFile:
    """Return a file whose button was pressed.

    Raises
    ------
    DatasetError
        If the server was started anew meanwhile, and has it no more.
    """
    if upload is None:
        raise DatasetError(GONE)
    return upload


def _given(key: str) -> list[Any]:
    """Return what an uploader holds, whether it takes one file or several."""
    value = st.session_state.get(key)
    return value if isinstance(value, list) else [value]


def _in_uploader(key: str) -> list[KeptFile]:
    files = [each for each in _given(key) if isinstance(each, UploadedFile)]
    return [
        KeptFile(file.name.replace("\\", "/").split("/")[-1], file.getvalue()) for file in files
    ]


def _follow(key: str) -> None:
    kept_files().follow(key, _in_uploader(key), room=_room())


def _room() -> int:
    if services.settings().profile != "hosted":
        return 1 << 62
    others = sum(each.n_bytes for each in list(_of_all) if each is not kept_files())
    return min(HOSTED_BYTES, 2 * HOSTED_BYTES - others)


def _show_earlier(key: str, files: Sequence[KeptFile]) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        for file in files[:_SHOWN]:
            st.caption(plain(file.name), width="content")
        if len(files) > _SHOWN:
            st.caption(f"and {len(files) - _SHOWN:,} more", width="content")
        st.button(
            "Remove" if len(files) == 1 else "Remove these",
            key=f"{key}_remove",
            icon=":material/close:",
            type="tertiary",
            on_click=kept_files().remove,
            args=(key,),
        )
