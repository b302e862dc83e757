"""A run goes from one Flatland to another as a file, by hand."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import Server, StartServer
from tests.browser.visitor import Visitor

DAMAGED = "This is no saved network as Flatland writes them"


def download(visitor: Visitor, name: str, folder: Path) -> Path:
    with visitor.page.expect_download() as coming:
        visitor.page.get_by_test_id("stDownloadButton").filter(has_text=name).click()
    target = folder / coming.value.suggested_filename
    coming.value.save_as(target)
    return target


def bring(visitor: Visitor, name: str, content: bytes) -> None:
    visitor.page.get_by_text("Open a saved network").click()
    visitor.upload(name, content, "application/zip")
    visitor.press("Open")


def damaged(archive: Path) -> bytes:
    """The bytes of an archive with one changed in the middle of its largest file."""
    content = bytearray(archive.read_bytes())
    with zipfile.ZipFile(archive) as files:
        largest = max(files.infolist(), key=lambda entry: entry.file_size)
    content[largest.header_offset + largest.compress_size // 2] ^= 255
    return bytes(content)


def figures(visitor: Visitor) -> list[str]:
    return visitor.page.get_by_test_id("stMetric").all_inner_texts()


def test_a_run_is_packed_here_and_opened_there(
    visitor: Visitor, server: Server, finished_run: str, start_server: StartServer, tmp_path: Path
) -> None:
    visitor.open(server.page_url(f"results?run={finished_run}"))
    visitor.unfold("Download")
    archive = download(visitor, "Everything (.zip)", tmp_path)
    with zipfile.ZipFile(download(visitor, "Code (.zip)", tmp_path)) as programs:
        assert {"train.py", "train.ipynb", "predict.py"} < set(programs.namelist())
    assert download(visitor, "Model card", tmp_path).read_text().startswith("# ")
    before = figures(visitor)
    assert before

    visitor.open(start_server().page_url("results"))
    visitor.sees("You have no trained network here yet.")
    content = archive.read_bytes()
    bring(visitor, "damaged.zip", damaged(archive))
    visitor.sees(DAMAGED, seconds=60)
    bring(visitor, "run.zip", content)
    visitor.sees("The saved network is open", seconds=60)
    visitor.settled()
    assert figures(visitor) == before
    expect(visitor.page).to_have_url(re.compile(r"[?&]run=\w"))
    visitor.page.reload()
    visitor.settled()
    assert figures(visitor) == before
    expect(visitor.page.get_by_test_id("stException")).to_have_count(0)
    visitor.unfold("Download")
    visitor.sees("Its pictures are not here")
