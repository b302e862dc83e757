"""What is said of people's pictures follows the settings that decide it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from ann_core.runs.privacy import Way, privacy_note
from ann_core.settings import Settings

ROOT = Path(__file__).resolve().parents[3]
IMPORTS: list[Way] = ["upload", "folder", "address"]


def settings(tmp_path: Path, **values: Any) -> Settings:
    return Settings(**{"data_dir": tmp_path, "database_url": ""} | values)


TAKES_FILES = re.compile(r"st\.file_uploader\(|give_files\(|st\.camera_input\(")
NOTED_ELSEWHERE = {
    "ui/base/kept_files.py": "whoever calls it says it",
    "ui/explore/class_upload.py": "import_panel says it below every way",
    "ui/explore/manage_splits.py": "a table of groups, no pictures",
}


def test_every_control_that_takes_pictures_says_what_becomes_of_them() -> None:
    takers = {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for path in (ROOT / "ui").rglob("*.py")
        if TAKES_FILES.search(path.read_text(encoding="utf-8"))
    }
    silent = {path for path, source in takers.items() if "show_privacy_note(" not in source}
    assert len(takers) > 5
    assert silent == set(NOTED_ELSEWHERE)


@pytest.mark.parametrize("way", [*IMPORTS, "archive"])
def test_who_sees_them_and_where_they_are_depends_on_the_profile(tmp_path: Path, way: Way) -> None:
    local = privacy_note(way, settings(tmp_path))
    hosted = privacy_note(way, settings(tmp_path, profile="hosted"))
    assert "the computer that runs Flatland" in local
    assert "Whoever can open this Flatland can see them." in local
    assert "this server" in hosted
    assert "whoever runs the server" in hosted


@pytest.mark.parametrize(
    ("values", "words", "others"),
    [
        ({}, "They stay until you erase them.", "days"),
        (
            {"profile": "hosted"},
            "nobody has used them for 14 days, sooner only after 24 hours",
            "They stay until you erase them.",
        ),
        ({"profile": "hosted", "max_dataset_age_days": 3}, "for 3 days", "14"),
        ({"profile": "hosted", "max_disk_bytes": 0}, "used them for 14 days.", "room"),
        ({"profile": "hosted", "max_dataset_age_days": 0}, "or are erased after 24 hours", "days"),
    ],
)
def test_how_long_they_stay_follows_the_limits(
    tmp_path: Path, values: dict[str, Any], words: str, others: str
) -> None:
    for way in IMPORTS:
        sentence = privacy_note(way, settings(tmp_path, **values))
        assert words in sentence
        assert others not in sentence


def test_those_of_an_archive_stay_as_long_as_its_run(tmp_path: Path) -> None:
    assert "until you delete the network." in privacy_note("archive", settings(tmp_path))
    hosted = privacy_note("archive", settings(tmp_path, profile="hosted", max_run_age_days=5))
    assert "at most 5 days" in hosted


def test_a_question_leaves_nothing(tmp_path: Path) -> None:
    for profile in ("local", "hosted"):
        sentence = privacy_note("question", settings(tmp_path, profile=profile))
        assert "is kept on no disk" in sentence
        assert "forgotten when you take it away" in sentence
