"""What browsers have uploaded and no job has taken yet: Streamlit holds it in memory.

A file may be put there without any widget that asks for it, under any name, and stays as long
as its session. So when hosted, a session may hold so much and all together may hold so much;
who holds most makes room for the others, and what somebody left behind is let go.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import streamlit as st
from starlette.exceptions import HTTPException
from streamlit import config, runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec

from ann_core.settings import Settings

SESSION_FILES = 2
"""As many files of the largest size may one session hold; of smaller ones, more."""

GONE_SECONDS = 30.0
"""How long files wait for a browser that is cut off: it may only have changed its network."""

_LOOK_SECONDS = 5.0
_TOO_LARGE = 413
_OPTION = "server.maxUploadSize"  # in MB of 1024 * 1024 bytes


class UploadMemory:
    """Bounds on what a manager of uploads holds.

    Parameters
    ----------
    manager : MemoryUploadedFileManager
        Its `add_file` is the one way in.
    max_session_bytes, max_bytes : int
        Of one session, and of all.
    is_connected : callable
        Whether a session still has a browser.
    """

    def __init__(
        self,
        manager: MemoryUploadedFileManager,
        *,
        max_session_bytes: int,
        max_bytes: int,
        is_connected: Callable[[str], bool],
    ) -> None:
        self._manager = manager
        self._max_session_bytes = max_session_bytes
        self._max_bytes = max_bytes
        self._is_connected = is_connected
        self._add = manager.add_file
        self._lock = threading.Lock()
        self._gone_since: dict[str, float] = {}

    def add_file(self, session_id: str, file: UploadedFileRec) -> None:
        """Add a file as the manager does, if there is room or can be made.

        Raises
        ------
        HTTPException
            The browser shows it at the widget.
        """
        with self._lock:
            self._manager.remove_file(session_id, file.file_id)  # it is replaced
            mine = self._held(session_id) + len(file.data)
            if mine > self._max_session_bytes or not self._make_room(session_id, mine):
                raise HTTPException(_TOO_LARGE, "This server holds no more uploads at once.")
            self._add(session_id=session_id, file=file)

    def let_go_of_the_gone(self, now: float) -> None:
        """Let go of files whose session has had no browser for `GONE_SECONDS`.

        Parameters
        ----------
        now : float
            Of a clock that is never set back.
        """
        holding = [each for each, files in list(self._manager.file_storage.items()) if files]
        gone = [each for each in holding if not self._is_connected(each)]
        self._gone_since = {each: self._gone_since.get(each, now) for each in gone}
        for each, since in self._gone_since.items():
            if now - since >= GONE_SECONDS:
                self._manager.remove_session_files(each)

    def watch(self) -> None:
        """Let go of what is left behind, as long as the process lives."""
        while True:
            time.sleep(_LOOK_SECONDS)
            self.let_go_of_the_gone(time.monotonic())

    def _make_room(self, session_id: str, mine: int) -> bool:
        """Let go of the files of others, the gone ones first, then of who holds most."""
        others = {each: self._held(each) for each in list(self._manager.file_storage)}
        others.pop(session_id, None)
        excess = mine + sum(others.values()) - self._max_bytes
        by_size = sorted(others, key=lambda each: (self._is_connected(each), -others[each]))
        going = []
        for each in by_size:
            if excess <= 0:
                break
            if others[each] > mine or not self._is_connected(each):
                going.append(each)
                excess -= others[each]
        if excess > 0:
            return False
        for each in going:
            self._manager.remove_session_files(each)
        return True

    def _held(self, session_id: str) -> int:
        files = self._manager.file_storage.get(session_id, {})
        return sum(len(file.data) for file in list(files.values()))


def bound_uploads(settings: Settings) -> None:
    """Give the running server the bounds of this installation, if it has any."""
    largest, most = settings.max_upload_bytes, settings.max_held_upload_bytes
    if largest:
        config.set_option(_OPTION, min(config.get_option(_OPTION), max(1, largest >> 20)))
    manager = runtime.get_instance().uploaded_file_mgr if runtime.exists() else None
    if most and isinstance(manager, MemoryUploadedFileManager):
        memory = UploadMemory(
            manager,
            max_session_bytes=SESSION_FILES * largest or most,
            max_bytes=most,
            is_connected=runtime.get_instance().is_active_session,
        )
        manager.add_file = memory.add_file  # type: ignore[method-assign]
        threading.Thread(target=memory.watch, daemon=True, name="uploads").start()


def uploaded(key: str) -> UploadedFile | None:
    """Return what a widget's callback finds in the session, unless it was let go meanwhile."""
    value = st.session_state.get(key)
    return value if isinstance(value, UploadedFile) else None


def release_uploads() -> None:
    """Let go of what this session holds: a job has taken it, and its form closes."""
    context = get_script_run_ctx()
    if context is not None:
        context.uploaded_file_mgr.remove_session_files(context.session_id)
