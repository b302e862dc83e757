"""What somebody gave is kept by their session, within bounds."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from streamlit.runtime.uploaded_file_manager import DeletedFile
from streamlit.testing.v1 import AppTest

from ann_core.errors import DatasetError
from ui.base.kept_files import GONE, KeptFile, KeptFiles, still_here

ONE, TWO = KeptFile("1.png", b"one"), KeptFile("2.png", b"two")
ROOM = 100
UI = Path(__file__).parents[3] / "ui"


def test_what_an_uploader_forgets_is_kept() -> None:
    kept = KeptFiles()
    kept.follow("import_files_0", [ONE], room=ROOM)
    kept.restore("import_files_0")
    kept.follow("import_files_0", [ONE, TWO], room=ROOM)
    kept.restore("import_files_0")
    assert kept.earlier == {"import_files_0": [ONE, TWO]}, "each once"
    kept.remove("import_files_0")
    assert kept.n_bytes == 0


def test_what_is_taken_out_of_an_uploader_is_forgotten() -> None:
    kept = KeptFiles()
    kept.follow("predict_upload", [ONE], room=ROOM)
    kept.follow("predict_upload", [], room=ROOM)
    kept.restore("predict_upload")
    assert kept.n_bytes == 0


def test_no_more_is_kept_than_there_is_room_for() -> None:
    kept = KeptFiles()
    kept.follow("a", [ONE], room=5)
    kept.follow("b", [TWO], room=5)
    assert kept.live == {"a": [ONE]}
    kept.follow("a", [TWO], room=5)
    assert kept.live == {"a": [TWO]}, "its own place counts for it"


def test_an_import_clears_what_it_took_and_nothing_else() -> None:
    kept = KeptFiles()
    for uploader in ("import_files_0", "import_files_1", "predict_upload"):
        kept.follow(uploader, [ONE], room=ROOM)
    kept.restore("import_files_0")
    kept.clear("import_")
    assert (kept.live, kept.earlier) == ({"predict_upload": [ONE]}, {})


def test_every_uploader_says_when_its_file_is_gone() -> None:
    functions = [
        (path.name, function)
        for path in sorted(UI.rglob("*.py"))
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef)
    ]
    calls = {(name, each.name): _called(each) for name, each in functions}
    uploaders = [where for where, called in calls.items() if "file_uploader" in called]
    assert len(uploaders) > 5
    assert [where for where in uploaders if "tell_if_gone" not in calls[where]] == []


def _called(function: ast.FunctionDef) -> set[str]:
    """Names of what a function calls, the last part of each."""
    calls = [call.func for call in ast.walk(function) if isinstance(call, ast.Call)]
    return {getattr(func, "attr", getattr(func, "id", "")) for func in calls}


def test_a_file_that_the_server_has_lost_is_said_to_be_gone() -> None:
    page = AppTest.from_function(_uploader)
    page.session_state["several"] = [DeletedFile("lost")]
    page.run()
    assert [warning.value for warning in page.warning] == [GONE]
    page.session_state["several"] = []
    page.run()
    assert not page.warning


def test_a_button_pressed_for_a_lost_file_is_a_sentence() -> None:
    with pytest.raises(DatasetError, match="not here any more"):
        still_here(None)


def _uploader() -> None:
    from ui.base.kept_files import tell_if_gone

    tell_if_gone("several")
