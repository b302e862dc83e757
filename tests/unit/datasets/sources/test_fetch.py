"""One file from the network: whole and as expected, or a sentence and nothing."""

from __future__ import annotations

import gzip
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from ann_core.datasets.sources.fetch import Patience, RemoteFile, fetch
from ann_core.errors import DatasetError
from ann_core.settings import Settings
from tests.helpers.download_site import (
    ONCE,
    Result,
    Site,
    cut_off,
    cut_off_without_length,
    endless,
    everything,
    hang_up,
    length_too_large,
    no_http,
    other_bytes,
    packed_on_the_way,
    page_instead,
    round_and_round,
    silent,
    silent_halfway,
    slow,
    status,
    whole,
    without_length,
)

if TYPE_CHECKING:
    from tests.unit.conftest import RunOnSmallDisk, Untouched


HASTY = Patience(seconds=0.4, n_retries=0)
CONTENT = np.random.default_rng(0).bytes(200_000)


def get(file: RemoteFile, settings: Settings, patience: Patience = ONCE) -> Path:
    return fetch(file, settings.downloads_dir, what="The set", max_bytes=10**6, patience=patience)


@pytest.mark.parametrize("response", [whole, slow, without_length, packed_on_the_way])
def test_a_file_comes_whole_and_only_once(site: Site, settings: Settings, response: Result) -> None:
    content = gzip.compress(CONTENT)
    file = site.offer("sub/file.gz", content)
    site.responses = [response]
    for _ in range(2):
        assert get(file, settings).read_bytes() == content
    assert site.requested == ["/sub/file.gz"]
    assert everything(settings.downloads_dir) == ["sub", "sub/file.gz"]


def test_a_file_of_unknown_length_and_hash_is_taken_as_it_comes(
    site: Site, settings: Settings
) -> None:
    file = site.offer("file", CONTENT, n_bytes=0, sha256="")
    site.responses = [without_length]
    assert get(file, settings).read_bytes() == CONTENT
    assert get(file, settings).read_bytes() == CONTENT
    assert len(site.requested) == 1


def test_a_file_that_was_damaged_since_is_fetched_again(site: Site, settings: Settings) -> None:
    file = site.offer("file", CONTENT)
    get(file, settings).write_bytes(b"damaged")
    assert get(file, settings).read_bytes() == CONTENT
    assert len(site.requested) == 2


def test_progress_counts_the_bytes_as_they_come(site: Site, settings: Settings) -> None:
    file = site.offer("file", CONTENT)
    site.responses = [slow]
    seen: list[tuple[int, int]] = []
    fetch(
        file,
        settings.downloads_dir,
        what="The set",
        max_bytes=0,
        progress=lambda *at: seen.append(at),
    )
    assert len(seen) >= 8
    assert seen == sorted(seen)
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert {total for _, total in seen} == {len(CONTENT)}


HOST = "127.0.0.1"
BAD_ANSWERS: dict[str, tuple[Result, str]] = {
    "silent": (silent, "127.0.0.1 was silent for 0.4 seconds; try again later"),
    "silent halfway": (silent_halfway, "127.0.0.1 was silent for 0.4 seconds; try again later"),
    "cut off": (
        cut_off,
        "the connection to 127.0.0.1 broke off after 0.1 MB of 0.2 MB; try again",
    ),
    "cut off without length": (
        cut_off_without_length,
        "the connection to 127.0.0.1 broke off after 0.1 MB of 0.2 MB; try again",
    ),
    "hangs up": (hang_up, "broke off after 0 bytes of 0.2 MB"),
    "no http": (no_http, "broke off after 0 bytes of 0.2 MB"),
    "404": (status(404), r"127.0.0.1 has no such file any more \(HTTP 404\)"),
    "403": (status(403), r"127.0.0.1 does not hand it out \(HTTP 403\)"),
    "500": (status(500), r"127.0.0.1 has a trouble of its own \(HTTP 500\); try again later"),
    "503": (status(503), r"\(HTTP 503\)"),
    "204": (status(204), r"\(HTTP 204\)"),
    "a page instead": (page_instead, "offers 42 bytes instead of 200,000"),
    "another length": (length_too_large, "offers 201,000 bytes instead of 200,000"),
    "other bytes": (other_bytes, "is not the expected one, byte by byte, and was thrown away"),
    "endless": (endless, "127.0.0.1 sends more than 0.2 MB"),
    "redirected for ever": (round_and_round, "its address leads nowhere"),
}


@pytest.mark.parametrize("case", BAD_ANSWERS)
def test_what_a_server_does_wrong_is_said_in_one_sentence(
    case: str, site: Site, settings: Settings, untouched: Untouched
) -> None:
    response, words = BAD_ANSWERS[case]
    file = site.offer("file", CONTENT)
    site.responses = [response]
    with untouched(settings.data_dir), pytest.raises(DatasetError, match=words) as caught:
        get(file, settings, HASTY if "silent" in case else ONCE)
    sentence = str(caught.value)
    assert sentence.startswith("The set could not be downloaded: ")
    assert sentence.endswith(".") and "\n" not in sentence


def test_no_network_is_said_in_one_sentence(settings: Settings, untouched: Untouched) -> None:
    with socket.create_server((HOST, 0)) as free:
        closed = free.getsockname()[1]
    for url, host in {
        f"http://user:secret@{HOST}:{closed}/file": HOST,
        "http://nowhere.invalid/file": "nowhere.invalid",
    }.items():
        with untouched(settings.data_dir), pytest.raises(DatasetError) as caught:
            get(RemoteFile("file", url, 10, "0" * 64), settings)
        assert str(caught.value) == (
            f"The set could not be downloaded: {host} cannot be reached; check this computer's "
            "network and try again."
        )


@pytest.mark.parametrize("response", [status(503), cut_off, other_bytes])
def test_what_fails_once_is_tried_again(site: Site, settings: Settings, response: Result) -> None:
    file = site.offer("file", CONTENT)
    site.responses = [response]
    path = get(file, settings, Patience(n_retries=1))
    assert path.read_bytes() == CONTENT
    assert len(site.requested) == 2


@pytest.mark.parametrize("response", [status(404), page_instead])
def test_what_would_fail_again_is_not_tried_again(
    site: Site, settings: Settings, response: Result
) -> None:
    file = site.offer("file", CONTENT)
    site.responses = [response]
    with pytest.raises(DatasetError):
        get(file, settings, Patience(n_retries=5))
    assert len(site.requested) == 1


@pytest.mark.parametrize("error", [ValueError("stop"), OSError("stop"), KeyboardInterrupt()])
def test_a_download_that_is_stopped_leaves_nothing(
    site: Site, settings: Settings, untouched: Untouched, error: BaseException
) -> None:
    file = site.offer("file", CONTENT)

    def stop(done: int, total: int) -> None:
        if done > total // 2:
            raise error

    with untouched(settings.data_dir), pytest.raises(type(error)) as caught:
        fetch(file, settings.downloads_dir, what="The set", max_bytes=0, progress=stop)
    assert caught.value is error
    assert caught.value.__cause__ is None
    assert len(site.requested) == 1


def test_a_file_of_unknown_length_ends_at_the_limit(
    site: Site, settings: Settings, untouched: Untouched
) -> None:
    file = site.offer("file", CONTENT, n_bytes=0, sha256="")
    site.responses = [endless]
    with (
        untouched(settings.data_dir),
        pytest.raises(DatasetError, match=r"127\.0\.0\.1 sends more than 1\.0 MB"),
    ):
        get(file, settings)


def test_a_disk_without_room_is_told_before_and_on_the_way(
    site: Site, small_disk: RunOnSmallDisk
) -> None:
    content = bytes(3_000_000)
    file = site.offer("file", content)
    results = small_disk(
        """
        from ann_core.datasets.sources.fetch import RemoteFile, fetch
        from ann_core.errors import FlatlandError
        url, n_bytes = sys.argv[1], int(sys.argv[2])
        folder = disk / "downloads"
        folder.mkdir()
        for case, length in {"before": n_bytes, "on the way": 0}.items():
            try:
                fetch(RemoteFile("file", url, length), folder, what="The set", max_bytes=10**8)
            except FlatlandError as error:
                results[case] = str(error)
        results["left"] = listing()
        """,
        file.url,
        len(content),
    )
    assert results["before"].startswith(
        "The set could not be downloaded: it has 3.0 MB, and the disk"
    )
    assert "free some space and try again" in results["before"]
    assert "is full. Nothing that existed was changed; free some space" in results["on the way"]
    assert results["left"] == []
    assert len(site.requested) == 1
