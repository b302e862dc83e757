"""Uploads that no job has taken lie in the memory of the web process, within bounds."""

from __future__ import annotations

import pytest
from starlette.exceptions import HTTPException
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from ann_core.settings import Settings
from ui.base.upload_memory import GONE_SECONDS, UploadMemory


class Server:
    """A manager with bounds: 100 bytes a session, 250 in all."""

    def __init__(self) -> None:
        self.manager = MemoryUploadedFileManager("/upload")
        self.gone: set[str] = set()
        self.memory = UploadMemory(
            self.manager,
            max_session_bytes=100,
            max_bytes=250,
            is_connected=lambda session: session not in self.gone,
        )

    def put(self, session: str, file_id: str, n_bytes: int) -> None:
        file = UploadedFileRec(file_id, "x.bin", "application/octet-stream", bytes(n_bytes))
        self.memory.add_file(session_id=session, file=file)

    def held(self) -> dict[str, int]:
        return {
            session: sum(len(file.data) for file in files.values())
            for session, files in self.manager.file_storage.items()
            if files
        }


def test_a_session_holds_so_much_whatever_its_files_are_called() -> None:
    server = Server()
    for number in range(5):
        server.put("eve", f"whatever{number}", 20)
    with pytest.raises(HTTPException) as caught:
        server.put("eve", "whatever5", 20)
    assert caught.value.status_code == 413
    assert server.held() == {"eve": 100}
    server.put("eve", "whatever0", 20)  # in the place of the other
    server.manager.remove_file("eve", "whatever1")
    server.put("eve", "whatever6", 20)
    assert server.held() == {"eve": 100}


def test_who_has_left_makes_room_first_and_then_who_holds_most() -> None:
    server = Server()
    server.put("gone", "1", 60)
    server.put("eve", "1", 100)
    server.put("ann", "1", 80)
    server.gone.add("gone")
    server.put("bob", "1", 50)
    assert server.held() == {"eve": 100, "ann": 80, "bob": 50}
    server.put("bob", "2", 40)
    assert server.held() == {"ann": 80, "bob": 90}
    server.put("carl", "1", 80)
    with pytest.raises(HTTPException):
        server.put("dora", "1", 90)  # more than anybody else holds but bob, who has as much
    assert server.held() == {"ann": 80, "bob": 90, "carl": 80}


def test_what_somebody_left_behind_is_let_go_after_a_while() -> None:
    server = Server()
    server.put("ann", "1", 60)
    server.put("bob", "1", 50)
    server.gone = {"ann", "bob"}
    server.memory.let_go_of_the_gone(1000.0)
    server.gone = {"ann"}  # bob only changed his network
    server.memory.let_go_of_the_gone(1000.0 + GONE_SECONDS - 1)
    assert server.held() == {"ann": 60, "bob": 50}
    server.gone = {"ann", "bob"}
    server.memory.let_go_of_the_gone(1000.0 + GONE_SECONDS)
    assert server.held() == {"bob": 50}


def test_a_laptop_has_no_such_bounds_and_a_host_has() -> None:
    local, hosted = Settings(), Settings(profile="hosted")
    assert (local.max_upload_bytes, local.max_held_upload_bytes) == (0, 0)
    assert 0 < 2 * hosted.max_upload_bytes < hosted.max_held_upload_bytes
