"""Downloads become data sets: each described truly, each image to the value."""

from __future__ import annotations

import io
import json
import shutil
import sys
import zipfile
from collections import Counter
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from ann_core.cli import main
from ann_core.datasets.dataset import Dataset
from ann_core.datasets.importing.importer import ImportOptions
from ann_core.datasets.sources.downloads import (
    DOWNLOADS,
    Download,
    available_downloads,
    import_download,
)
from ann_core.datasets.split import SplitConfig
from ann_core.errors import ConfigError, DatasetError
from ann_core.settings import Settings, get_settings
from tests.helpers.array_archives import TEST, TRAIN, cifar, fashion_on, mnist_on, on_site
from tests.helpers.download_site import (
    ONCE,
    Site,
    status,
)

if TYPE_CHECKING:
    from tests.unit.conftest import Untouched


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


@pytest.mark.parametrize("offer", [mnist_on, fashion_on])
def test_gray_sets_come_to_the_value_with_their_test_images(
    site: Site, settings: Settings, offer: Callable[[Site], Download]
) -> None:
    download = offer(site)
    dataset = import_download(download, "gray", settings, patience=ONCE)
    assert set(dataset.class_names) == set(download.labels)
    assert dataset.info.source == f"download: {download.title}"
    assert dataset.info.split.rule == "given"
    assert dataset.info.n_skipped == 0
    assert Counter(dataset.images["split"]) == {"train": 80, "validation": 10, "test": 20}
    assert pixels(dataset, ["test"]) == expected(download, *TEST)
    assert pixels(dataset, ["train", "validation"]) == expected(download, *TRAIN)
    again = import_download(download, "again", settings, patience=ONCE)
    assert again.fingerprint == dataset.fingerprint
    assert len(site.requested) == len(download.files)


def pixels(dataset: Dataset, splits: list[str]) -> Counter[tuple[str, bytes]]:
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
    site: Site, settings: Settings, key: str
) -> None:
    archive, arrays = cifar(20)
    download = on_site(site, key, [archive])
    dataset = import_download(download, "cifar", settings, patience=ONCE)
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
    site: Site, settings: Settings, with_hash: bool
) -> None:
    file = site.offer("a/pets.zip", zipped_pets())
    url = f"{file.url}#sha256={file.sha256}" if with_hash else file.url
    settings = Settings(data_dir=settings.data_dir, dogs_vs_cats_url=url)
    seen: list[tuple[int, int]] = []
    dataset = import_download(
        "dogs-vs-cats",
        "pets",
        settings,
        options=ImportOptions(SplitConfig(seed=7)),
        progress=lambda *at: seen.append(at),
    )
    assert dataset.class_names == ("Cat", "Dog")
    assert (dataset.info.n_images, dataset.info.n_found) == (20, 22)
    assert dataset.info.split.seed == 7
    assert dataset.info.source == "download: Dogs vs. Cats"
    assert (file.n_bytes, file.n_bytes) in seen
    assert seen[-1] == (21, 21)
    import_download("dogs-vs-cats", "again", settings)
    assert site.requested == ["/a/pets.zip"]


def test_a_mirror_with_another_file_is_refused(
    site: Site, settings: Settings, untouched: Untouched
) -> None:
    file = site.offer("pets.zip", zipped_pets())
    url = f"{file.url}#sha256={'0' * 64}"
    settings = Settings(data_dir=settings.data_dir, dogs_vs_cats_url=url)
    with (
        untouched(settings.data_dir),
        pytest.raises(DatasetError, match=r"^Dogs vs\. Cats could not be .* not the expected one"),
    ):
        import_download("dogs-vs-cats", "pets", settings, patience=ONCE)


def test_nothing_is_asked_of_the_network_for_a_name_that_cannot_be(
    site: Site, settings: Settings
) -> None:
    download = mnist_on(site)
    with pytest.raises(DatasetError, match="Expected a data set name"):
        import_download(download, "a/b", settings)
    with pytest.raises(DatasetError, match=r"Expected one of dogs-vs-cats, .*, got 'imagenet'"):
        import_download("imagenet", "pets", settings)
    assert site.requested == []


def test_one_bar_moves_over_all_files(site: Site, settings: Settings) -> None:
    download = fashion_on(site)
    seen: list[tuple[int, int]] = []
    import_download(download, "gray", settings, progress=lambda *at: seen.append(at))
    n_steps = seen.index((download.n_bytes, download.n_bytes)) + 1
    assert n_steps >= 4
    assert seen[:n_steps] == sorted(seen[:n_steps])
    assert {total for _, total in seen[:n_steps]} == {download.n_bytes}


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
