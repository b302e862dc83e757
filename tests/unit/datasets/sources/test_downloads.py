"""Downloads, from a real server on this machine that behaves as badly as servers can."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import json
import pickle
import shutil
import socket
import struct
import sys
import tarfile
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from ann_core.cli import main
from ann_core.datasets.catalog import Catalog
from ann_core.datasets.sources.array_files import CIFAR_LABELS
from ann_core.datasets.sources.downloads import (
    DOWNLOADS,
    Download,
    available_downloads,
    import_download,
)
from ann_core.datasets.sources.fetch import Patience, RemoteFile, fetch
from ann_core.datasets.split import SplitConfig
from ann_core.errors import ConfigError, DatasetError
from ann_core.settings import Settings, get_settings

if TYPE_CHECKING:
    from tests.unit.conftest import RunOnSmallDisk, Untouched

ONCE = Patience(seconds=20, n_retries=0)
HASTY = Patience(seconds=0.4, n_retries=0)
Result = Callable[["Handler", bytes], None]


class Site(ThreadingHTTPServer):
    """A server on this machine: `files` by path, and how it answers, request by request."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.responses: list[Result] = []  # for the next requests; then it behaves
        self.asked: list[str] = []
        self.over = threading.Event()
        self.url = f"http://127.0.0.1:{self.server_port}"

    def offer(self, name: str, content: bytes, **known: object) -> RemoteFile:
        """Put a file on the site and describe it truly, unless told otherwise."""
        self.files[f"/{name}"] = content
        file = RemoteFile(
            name, f"{self.url}/{name}", len(content), hashlib.sha256(content).hexdigest()
        )
        return replace(file, **known)  # type: ignore[arg-type]


class Handler(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        response = self.server.responses.pop(0) if self.server.responses else whole
        # The other side may have had enough.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            response(self, self.server.files.get(self.path, b""))

    def begin(self, *, status: int = 200, length: int | None = None, **headers: str) -> None:
        self.send_response(status)
        if length is not None:
            self.send_header("Content-Length", str(length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


def whole(request: Handler, content: bytes) -> None:
    request.begin(length=len(content))
    request.wfile.write(content)


def slow(request: Handler, content: bytes) -> None:
    request.begin(length=len(content))
    for piece in np.array_split(np.frombuffer(content, np.uint8), 8):
        request.wfile.write(piece.tobytes())
        time.sleep(0.05)


def without_length(request: Handler, content: bytes) -> None:
    request.begin()
    request.wfile.write(content)


def packed_on_the_way(request: Handler, content: bytes) -> None:
    request.begin(length=len(content), Content_Encoding="gzip")
    request.wfile.write(content)


def silent(request: Handler, content: bytes) -> None:
    request.server.over.wait(5)


def silent_halfway(request: Handler, content: bytes) -> None:
    request.begin(length=len(content))
    request.wfile.write(content[: len(content) // 2])
    request.wfile.flush()
    request.server.over.wait(5)


def cut_off(request: Handler, content: bytes) -> None:
    request.begin(length=len(content))
    request.wfile.write(content[: len(content) // 2])


def cut_off_without_length(request: Handler, content: bytes) -> None:
    request.begin()
    request.wfile.write(content[: len(content) // 2])


def hang_up(request: Handler, content: bytes) -> None:
    request.connection.shutdown(socket.SHUT_RDWR)


def no_http(request: Handler, content: bytes) -> None:
    request.wfile.write(b"SSH-2.0-OpenSSH_9.7\r\n")


def page_instead(request: Handler, content: bytes) -> None:
    whole(request, b"<html>Please log in to this network</html>")


def length_too_large(request: Handler, content: bytes) -> None:
    request.begin(length=len(content) + 1_000)
    request.wfile.write(content)


def other_bytes(request: Handler, content: bytes) -> None:
    whole(request, content[::-1])


def endless(request: Handler, content: bytes) -> None:
    request.begin()
    for _ in range(10_000):
        request.wfile.write(bytes(100_000))


def round_and_round(request: Handler, content: bytes) -> None:
    request.server.responses.append(round_and_round)
    request.begin(status=302, length=0, Location=request.path)


def status(code: int) -> Result:
    return lambda request, content: whole_with(request, code)


def whole_with(request: Handler, code: int) -> None:
    request.begin(status=code, length=4)
    request.wfile.write(b"oops")


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("NO_PROXY", "*")
    site = Site()
    thread = threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield site
    site.over.set()
    site.shutdown()
    thread.join()
    site.server_close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(data_dir=tmp_path / "data")
    for folder in (settings.downloads_dir, settings.datasets_dir):
        folder.mkdir(parents=True)
    return settings


@pytest.fixture
def model_cache(settings: Settings) -> Catalog:
    return Catalog(settings.datasets_dir)


CONTENT = np.random.default_rng(0).bytes(200_000)


def get(file: RemoteFile, settings: Settings, patience: Patience = ONCE) -> Path:
    return fetch(file, settings.downloads_dir, what="The set", max_bytes=10**6, patience=patience)


# What is described


def test_descriptions_are_whole() -> None:
    assert list(DOWNLOADS) == [
        *("dogs-vs-cats", "mnist", "fashion-mnist", "cifar-10", "cifar-10-cats-and-dogs")
    ]
    for key, download in DOWNLOADS.items():
        assert download.key == key
        assert download.n_bytes == sum(file.n_bytes for file in download.files) > 10**7
        assert download.title and download.description and download.licence
        assert download.source.startswith("https://")
        assert download.read is None or set(download.class_names) <= set(download.labels)
        for file in download.files:
            assert file.url.startswith("https://")
            assert len(bytes.fromhex(file.sha256)) == 32
            assert file.url.endswith(Path(file.name).name)


def test_addresses_and_hash_are_those_of_keras() -> None:
    keras = find_spec("keras")
    assert keras and keras.submodule_search_locations
    folder = Path(keras.submodule_search_locations[0]) / "src" / "datasets"
    mnist, fashion = ((folder / f"{name}.py").read_text() for name in ("mnist", "fashion_mnist"))
    [file] = DOWNLOADS["mnist"].files
    base, name = file.url.rsplit("/", 1)
    assert f'"{base}/"' in mnist and name in mnist and file.sha256 in mnist
    for file in DOWNLOADS["fashion-mnist"].files:
        base, name = file.url.rsplit("/", 1)
        assert f'"{base}/"' in fashion and f'"{name}"' in fashion


def test_only_the_address_of_dogs_vs_cats_is_a_setting(tmp_path: Path) -> None:
    assert available_downloads(Settings(data_dir=tmp_path)) == DOWNLOADS
    url = "http://mirror.example/a/pets.zip"
    there = available_downloads(Settings(data_dir=tmp_path, dogs_vs_cats_url=url))
    assert there.keys() == DOWNLOADS.keys()
    assert [key for key in there if there[key] != DOWNLOADS[key]] == ["dogs-vs-cats"]
    [file] = there["dogs-vs-cats"].files
    assert (file.url, file.sha256, file.n_bytes) == (url, "", 0)
    sha256 = "AB" * 32
    with_hash = Settings(data_dir=tmp_path, dogs_vs_cats_url=f"{url}#sha256={sha256}")
    [checked] = available_downloads(with_hash)["dogs-vs-cats"].files
    assert (checked.url, checked.sha256) == (url, sha256)
    assert checked.name != file.name


@pytest.mark.parametrize(
    "url", ["mirror.example/pets.zip", "file:///etc/passwd", "http://[", "http://a/b#sha256=12"]
)
def test_an_address_that_is_none_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANN_DOGS_VS_CATS_URL", url)
    with pytest.raises(ConfigError, match="dogs_vs_cats_url: "):
        get_settings()


# One file


@pytest.mark.parametrize("response", [whole, slow, without_length, packed_on_the_way])
def test_a_file_comes_whole_and_only_once(site: Site, settings: Settings, response: Result) -> None:
    content = gzip.compress(CONTENT)
    file = site.offer("sub/file.gz", content)
    site.responses = [response]
    for _ in range(2):
        assert get(file, settings).read_bytes() == content
    assert site.asked == ["/sub/file.gz"]
    assert everything(settings.downloads_dir) == ["sub", "sub/file.gz"]


def everything(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_a_file_of_unknown_length_and_hash_is_taken_as_it_comes(
    site: Site, settings: Settings
) -> None:
    file = site.offer("file", CONTENT, n_bytes=0, sha256="")
    site.responses = [without_length]
    assert get(file, settings).read_bytes() == CONTENT
    assert get(file, settings).read_bytes() == CONTENT
    assert len(site.asked) == 1


def test_a_file_that_was_damaged_since_is_fetched_again(site: Site, settings: Settings) -> None:
    file = site.offer("file", CONTENT)
    get(file, settings).write_bytes(b"damaged")
    assert get(file, settings).read_bytes() == CONTENT
    assert len(site.asked) == 2


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
    assert len(site.asked) == 2


@pytest.mark.parametrize("response", [status(404), page_instead])
def test_what_would_fail_again_is_not_tried_again(
    site: Site, settings: Settings, response: Result
) -> None:
    file = site.offer("file", CONTENT)
    site.responses = [response]
    with pytest.raises(DatasetError):
        get(file, settings, Patience(n_retries=5))
    assert len(site.asked) == 1


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
    assert len(site.asked) == 1


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
    told = small_disk(
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
                told[case] = str(error)
        told["left"] = listing()
        """,
        file.url,
        len(content),
    )
    assert told["before"].startswith("The set could not be downloaded: it has 3.0 MB, and the disk")
    assert "free some space and try again" in told["before"]
    assert "is full. Nothing that existed was changed; free some space" in told["on the way"]
    assert told["left"] == []
    assert len(site.asked) == 1


# Whole data sets


def gray(n_images: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Images of 28 x 28 random values, each class equally often."""
    rng = np.random.default_rng(seed)
    labels = (np.arange(n_images) % 10).astype(np.uint8)
    return rng.integers(0, 256, (n_images, 28, 28), dtype=np.uint8), labels


TRAIN, TEST = gray(90, 1), gray(20, 2)


def npz(**arrays: np.ndarray) -> bytes:
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)
    return content.getvalue()


def idx(array: np.ndarray) -> bytes:
    header = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
    return gzip.compress(header + array.tobytes())


CIFAR_FILES = ["batches.meta.txt", *(f"data_batch_{n}.bin" for n in range(1, 6)), "test_batch.bin"]


def cifar(per_file: int) -> tuple[bytes, dict[str, tuple[np.ndarray, np.ndarray]]]:
    """The archive, and its images and labels by split."""
    rng = np.random.default_rng(3)
    content = io.BytesIO()
    parts: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {"train": [], "test": []}
    with tarfile.open(fileobj=content, mode="w:gz") as bundle:
        for name in CIFAR_FILES:
            labels = (np.arange(per_file) % 10).astype(np.uint8)
            images = rng.integers(0, 256, (per_file, 32, 32, 3), dtype=np.uint8)
            planes = images.transpose(0, 3, 1, 2).reshape(per_file, -1)
            data = np.hstack([labels[:, None], planes]).tobytes()
            if name.endswith(".txt"):
                data = "\n".join(CIFAR_LABELS).encode()
            else:
                parts["test" if "test" in name else "train"].append((images, labels))
            member = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            member.size = len(data)
            bundle.addfile(member, io.BytesIO(data))
    arrays = {
        split: (np.concatenate([i for i, _ in many]), np.concatenate([n for _, n in many]))
        for split, many in parts.items()
    }
    return content.getvalue(), arrays


def on_site(site: Site, key: str, contents: list[bytes]) -> Download:
    described = DOWNLOADS[key]
    files = [site.offer(f.name, c) for f, c in zip(described.files, contents, strict=True)]
    return replace(described, files=tuple(files))


def mnist_on(site: Site) -> Download:
    arrays = dict(zip(("x_train", "y_train", "x_test", "y_test"), (*TRAIN, *TEST), strict=True))
    return on_site(site, "mnist", [npz(**arrays)])


def fashion_on(site: Site) -> Download:
    return on_site(site, "fashion-mnist", [idx(a) for a in (*TRAIN, *TEST)])


@pytest.mark.parametrize("offer", [mnist_on, fashion_on])
def test_gray_sets_come_to_the_value_with_their_test_images(
    site: Site, settings: Settings, model_cache: Catalog, offer: Callable[[Site], Download]
) -> None:
    download = offer(site)
    dataset = import_download(download, "gray", model_cache, settings, patience=ONCE)
    assert set(dataset.class_names) == set(download.labels)
    assert dataset.info.source == f"download: {download.title}"
    assert dataset.info.split.rule == "given"
    assert dataset.info.n_skipped == 0
    assert Counter(dataset.images["split"]) == {"train": 80, "validation": 10, "test": 20}
    assert pixels(dataset, ["test"]) == expected(download, *TEST)
    assert pixels(dataset, ["train", "validation"]) == expected(download, *TRAIN)
    again = import_download(download, "again", model_cache, settings, patience=ONCE)
    assert again.fingerprint == dataset.fingerprint
    assert len(site.asked) == len(download.files)


def pixels(dataset: object, splits: list[str]) -> Counter[tuple[str, bytes]]:
    from ann_core.datasets.dataset import Dataset

    assert isinstance(dataset, Dataset)
    rows = np.flatnonzero(dataset.images["split"].isin(splits))
    return Counter(
        (str(dataset.images["class_name"].iat[row]), values_of(dataset.path(row))) for row in rows
    )


def values_of(path: Path) -> bytes:
    with Image.open(path) as image:
        return np.asarray(image).tobytes()


def expected(
    download: Download, images: np.ndarray, labels: np.ndarray
) -> Counter[tuple[str, bytes]]:
    return Counter(
        (download.labels[label], image.tobytes())
        for image, label in zip(images, labels, strict=True)
        if download.labels[label] in download.class_names
    )


@pytest.mark.parametrize("key", ["cifar-10", "cifar-10-cats-and-dogs"])
def test_cifar_comes_in_colour_from_its_binary_records(
    site: Site, settings: Settings, model_cache: Catalog, key: str
) -> None:
    archive, arrays = cifar(20)
    download = on_site(site, key, [archive])
    dataset = import_download(download, "cifar", model_cache, settings, patience=ONCE)
    assert set(dataset.class_names) == set(download.class_names)
    assert set(dataset.images["mode"]) == {"RGB"}
    assert pixels(dataset, ["test"]) == expected(download, *arrays["test"])
    assert pixels(dataset, ["train", "validation"]) == expected(download, *arrays["train"])
    n_classes = len(download.class_names)
    assert len(dataset) == n_classes * 12
    assert len(dataset.indices("test")) == n_classes * 2


def zipped_pets() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as bundle:
        for number in range(10):
            for name in ("Cat", "Dog"):
                image = io.BytesIO()
                Image.new("RGB", (8, 6), (number, 0, 200 * (name == "Dog"))).save(image, "PNG")
                bundle.writestr(f"PetImages/{name}/{number}.png", image.getvalue())
        bundle.writestr("PetImages/Cat/Thumbs.db", b"x")
        bundle.writestr("PetImages/Dog/11702.jpg", b"")
        bundle.writestr("readme[1].txt", b"x")
    return content.getvalue()


@pytest.mark.parametrize("with_hash", [True, False])
def test_dogs_vs_cats_comes_from_the_address_of_the_settings(
    site: Site, settings: Settings, model_cache: Catalog, with_hash: bool
) -> None:
    file = site.offer("a/pets.zip", zipped_pets())
    url = f"{file.url}#sha256={file.sha256}" if with_hash else file.url
    settings = Settings(data_dir=settings.data_dir, dogs_vs_cats_url=url)
    seen: list[tuple[int, int]] = []
    dataset = import_download(
        "dogs-vs-cats",
        "pets",
        model_cache,
        settings,
        split=SplitConfig(seed=7),
        progress=lambda *at: seen.append(at),
    )
    assert dataset.class_names == ("Cat", "Dog")
    assert (dataset.info.n_images, dataset.info.n_found) == (20, 22)
    assert dataset.info.split.seed == 7
    assert dataset.info.source == "download: Dogs vs. Cats"
    assert (file.n_bytes, file.n_bytes) in seen
    assert seen[-1] == (21, 21)
    import_download("dogs-vs-cats", "again", model_cache, settings)
    assert site.asked == ["/a/pets.zip"]


def test_a_mirror_with_another_file_is_refused(
    site: Site, settings: Settings, model_cache: Catalog, untouched: Untouched
) -> None:
    file = site.offer("pets.zip", zipped_pets())
    url = f"{file.url}#sha256={'0' * 64}"
    settings = Settings(data_dir=settings.data_dir, dogs_vs_cats_url=url)
    with (
        untouched(settings.data_dir),
        pytest.raises(DatasetError, match=r"^Dogs vs\. Cats could not be .* not the expected one"),
    ):
        import_download("dogs-vs-cats", "pets", model_cache, settings, patience=ONCE)


def test_nothing_is_asked_of_the_network_for_a_name_that_cannot_be(
    site: Site, settings: Settings, model_cache: Catalog
) -> None:
    download = mnist_on(site)
    with pytest.raises(DatasetError, match="Expected a data set name"):
        import_download(download, "a/b", model_cache, settings)
    with pytest.raises(DatasetError, match=r"Expected one of dogs-vs-cats, .*, got 'imagenet'"):
        import_download("imagenet", "pets", model_cache, settings)
    assert site.asked == []


def test_one_bar_moves_over_all_files(site: Site, settings: Settings, model_cache: Catalog) -> None:
    download = fashion_on(site)
    seen: list[tuple[int, int]] = []
    import_download(download, "gray", model_cache, settings, progress=lambda *at: seen.append(at))
    n_asked = seen.index((download.n_bytes, download.n_bytes)) + 1
    assert n_asked >= 4
    assert seen[:n_asked] == sorted(seen[:n_asked])
    assert {total for _, total in seen[:n_asked]} == {download.n_bytes}


def damaged_cifar(size: int, name: str = "test_batch.bin") -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as bundle:
        member = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
        member.size = size
        bundle.addfile(member, io.BytesIO(bytes(size)))
    return content.getvalue()


GOOD_IDX = [idx(a) for a in (*TRAIN, *TEST)]
FIVE = np.zeros((5, 4, 4), np.uint8)
DAMAGED: dict[str, tuple[str, list[bytes], str]] = {
    "npz is none": ("mnist", [b"no zip"], "Delete '.*mnist.npz' and try again"),
    "npz is cut": ("mnist", [npz(x_train=FIVE)[:-30]], "it lacks some of"),
    "npz lacks arrays": (
        "mnist",
        [npz(x_train=FIVE, y_train=FIVE[:, 0, 0])],
        "it lacks some of the four arrays",
    ),
    "npz is pickled": (
        "mnist",
        [npz(**{f"{a}_{s}": np.array([{}]) for a in "xy" for s in ("train", "test")})],
        "four arrays of plain numbers",
    ),
    "a bare pickle": ("mnist", [pickle.dumps({"x_train": 1})], "of plain numbers"),
    "npz of floats": (
        "mnist",
        [npz(x_train=FIVE * 1.0, y_train=FIVE[:, 0, 0], x_test=FIVE, y_test=FIVE[:, 0, 0])],
        r"float64 \(5, 4, 4\)",
    ),
    "idx is cut": ("fashion-mnist", [GOOD_IDX[0][:-500], *GOOD_IDX[1:]], "found something else"),
    "idx ends early": (
        "fashion-mnist",
        [gzip.compress(gzip.decompress(GOOD_IDX[0])[:-1]), *GOOD_IDX[1:]],
        "it ends too early",
    ),
    "idx is a bomb": (
        "fashion-mnist",
        [gzip.compress(struct.pack(">HBB3I", 0, 8, 3, *[2**31] * 3)), *GOOD_IDX[1:]],
        "it claims 9,903,520,314,283,042,199,192,993,792 values",
    ),
    "idx of another type": (
        "fashion-mnist",
        [gzip.compress(struct.pack(">HBB", 0, 13, 3)), *GOOD_IDX[1:]],
        "its header is another one",
    ),
    "idx with labels of others": (
        "fashion-mnist",
        [GOOD_IDX[0], GOOD_IDX[3], *GOOD_IDX[2:]],
        r"uint8 \(90, 28, 28\), uint8 \(20,\)",
    ),
    "a label without a name": (
        "fashion-mnist",
        [GOOD_IDX[0], idx(TRAIN[1] + 1), *GOOD_IDX[2:]],
        "Expected labels 0 to 9, but the data has label 10",
    ),
    "tar is none": ("cifar-10", [b"no tar"], "cifar-10-binary.tar.gz"),
    "tar is cut": ("cifar-10", [cifar(10)[0][:-2_000]], "cifar-10-binary.tar.gz"),
    "tar without pictures": ("cifar-10", [damaged_cifar(0, "test.bin")], "no file of pictures"),
    "tar ends within a picture": (
        "cifar-10",
        [damaged_cifar(3074)],
        "test_batch.bin ends within a picture",
    ),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_files_that_hold_something_else_become_no_data_set(
    case: str, site: Site, settings: Settings, model_cache: Catalog
) -> None:
    key, contents, words = DAMAGED[case]
    download = on_site(site, key, contents)
    with pytest.raises(DatasetError, match=words):
        import_download(download, "damaged", model_cache, settings, patience=ONCE)
    assert everything(settings.datasets_dir) == []


# The command line


def test_the_command_line_lists_and_imports_downloads(
    site: Site,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    file = site.offer("pets.zip", zipped_pets())
    monkeypatch.setenv("ANN_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("ANN_DOGS_VS_CATS_URL", file.url)
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["ann_core", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        return (int(left.value.code or 0), *capsys.readouterr())

    code, out, _ = run("sources")
    assert code == 0
    lines = {line.split()[0]: line for line in out.splitlines()}
    assert list(lines) == ["name", "cartoons", "digits", *DOWNLOADS]
    assert "11 MB" in lines["mnist"] and "CC BY-SA 3.0" in lines["mnist"]
    assert "unknown" in lines["dogs-vs-cats"] and "https://www.microsoft.com" in out
    listed = json.loads(run("sources", "--json")[1])
    assert [(s["name"], s.get("n_bytes")) for s in listed][3] == ("mnist", 11_490_434)

    code, out, _ = run("import", "dogs-vs-cats")
    assert (code, out.splitlines()[0]) == (0, "dogs-vs-cats: 20 pictures, 2 left out")
    shutil.rmtree(settings.downloads_dir)
    site.responses = [status(404)]
    code, out, err = run("import", "dogs-vs-cats", "--name", "again")
    assert (code, out) == (1, "")
    assert err == (
        "Dogs vs. Cats could not be downloaded: 127.0.0.1 has no such file any more (HTTP 404).\n"
    )
