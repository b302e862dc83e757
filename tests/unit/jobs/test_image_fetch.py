"""One image from an address for a page: by another process, within limits, and not kept."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from ann_core.errors import DatasetError, LimitError
from ann_core.jobs import image_fetch
from ann_core.jobs.image_fetch import A_MINUTE, ImageFetches
from ann_core.runs.owners import Visitor
from ann_core.settings import Settings
from tests.helpers.download_site import Site, everything, serving

IMAGE = b"\x89PNG\r\n\x1a\n" + bytes(1000)
ANNA = Visitor("a" * 32, "session of anna", "school")
BEN = Visitor("b" * 32, "session of ben", "school")
CLEO = Visitor("c" * 32, "session of cleo", "home")


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("NO_PROXY", "*")
    with serving(Site()) as site:
        site.files["/cat.png?sig=hush"] = IMAGE
        yield site


def test_another_process_fetches_it_and_nothing_stays(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANN_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("ANN_ALLOW_PRIVATE_ADDRESSES", "true")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    fetches = ImageFetches(Settings())
    assert fetches.fetch(f"{site.url}/cat.png?sig=hush", ANNA) == IMAGE
    with pytest.raises(DatasetError, match=r"127\.0\.0\.1/dog\.png, but an empty file") as caught:
        fetches.fetch(f"{site.url}/dog.png?sig=hush", ANNA)
    assert "hush" not in str(caught.value)
    assert everything(tmp_path) == []


def test_the_process_goes_by_the_rules_of_the_host(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also if whoever started it did not look."""
    given = io.TextIOWrapper(io.BytesIO(b"http://127.0.0.1/cat.png"))
    written = io.TextIOWrapper(io.BytesIO())
    monkeypatch.setattr(image_fetch.sys, "stdin", given)
    monkeypatch.setattr(image_fetch.sys, "stdout", written)
    monkeypatch.delenv("ANN_ALLOW_PRIVATE_ADDRESSES", raising=False)
    assert image_fetch.main() == 3
    assert b"only public addresses" in written.buffer.getvalue()  # type: ignore[attr-defined]
    assert site.requested == []


def test_a_visitor_an_address_and_all_together_have_a_limit_where_strangers_are() -> None:
    hosted = Settings(profile="hosted", max_waiting_at_address=12, max_waiting_in_all=14)
    fetches = ImageFetches(hosted)
    for _ in range(A_MINUTE):
        fetches.count(ANNA)
    other_key = Visitor("d" * 32, ANNA.session, "elsewhere")
    for refused in (ANNA, other_key):
        with pytest.raises(LimitError, match="10 pictures a minute"):
            fetches.count(refused)
    fetches.count(BEN)
    fetches.count(BEN)
    with pytest.raises(LimitError):
        fetches.count(Visitor("e" * 32, "another session", "school"))
    fetches.count(CLEO)
    fetches.count(CLEO)
    with pytest.raises(LimitError):
        fetches.count(Visitor("f" * 32, "yet another", "yet elsewhere"))


def test_nobody_is_counted_on_a_computer_of_ones_own() -> None:
    fetches = ImageFetches(Settings())
    for _ in range(10 * A_MINUTE):
        fetches.count(ANNA)


def test_what_looks_wrong_starts_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANN_ALLOW_PRIVATE_ADDRESSES", raising=False)
    monkeypatch.setattr(image_fetch.sys, "executable", "/no/such/python")
    with pytest.raises(DatasetError, match="unusual spelling"):
        ImageFetches(Settings()).fetch("http://2130706433/cat.png", ANNA)
