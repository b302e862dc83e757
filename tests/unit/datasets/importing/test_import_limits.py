"""Importing: what cannot be taken changes nothing that was there before."""

from __future__ import annotations

import io
import stat
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import Dataset
from ann_core.datasets.importing.archives import ArchiveLimits
from ann_core.datasets.importing.importer import ImportOptions, import_folder, import_zip
from ann_core.datasets.sources.builtin import import_builtin
from ann_core.errors import ArchiveError, DatasetError
from tests.helpers.image_files import (
    PETS,
    Files,
    ImportFiles,
    every_source,
    image,
    images,
    png_header,
    zipped,
)

if TYPE_CHECKING:
    from tests.unit.conftest import RunOnSmallDisk, Untouched


def encrypted(archive: bytes) -> bytes:
    changed = bytearray(archive)
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        index = -1
        while (index := archive.find(magic, index + 1)) >= 0:
            changed[index + offset] |= 1
    return bytes(changed)


def with_link(archive: bytes) -> bytes:
    content = io.BytesIO(archive)
    with zipfile.ZipFile(content, "a") as bundle:
        link = zipfile.ZipInfo("Cat/link.png")
        link.create_system = 3  # Unix
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        bundle.writestr(link, "/etc/passwd")
    return content.getvalue()


GOOD = zipped(images(PETS)).getvalue()
BAD_ZIPS = {
    "truncated": (GOOD[:-30], "damaged or cut off"),
    "half": (GOOD[: len(GOOD) // 2], "damaged or cut off"),
    "empty file": (b"", "this is an empty file"),
    "no zip": (b"Rar!\x1a\7\1\0" * 100, "Expected a zip or tar file .* this is a RAR archive"),
    "encrypted": (encrypted(GOOD), "locked with a password"),
    "up": (zipped(images(PETS) | {"../a.png": b"x"}).getvalue(), "leads out of its folder"),
    "root": (zipped(images(PETS) | {"/a.png": b"x"}).getvalue(), "leads out of its folder"),
    "drive": (zipped(images(PETS) | {"C:\\a": b"x"}).getvalue(), "leads out of its folder"),
    "link": (with_link(GOOD), "holds a link"),
    "entries": (zipped(images({"a": 51, "b": 50})).getvalue(), "101 entries; at most 100"),
    "bomb": (zipped(images(PETS) | {"a.png": bytes(10**6)}).getvalue(), "which is the limit"),
}


@pytest.mark.parametrize("case", BAD_ZIPS)
def test_a_bad_zip_changes_nothing(
    case: str, catalog: Catalog, dataset: Dataset, untouched: Untouched, tmp_path: Path
) -> None:
    archive, sentence = BAD_ZIPS[case]
    options = ImportOptions(limits=ArchiveLimits(max_entries=100, max_bytes=100_000))
    path = tmp_path / "bad.zip"
    path.write_bytes(archive)
    with untouched(tmp_path):
        for source in (path, io.BytesIO(archive)):
            with pytest.raises(ArchiveError, match=sentence):
                import_zip(source, "bad", catalog, options=options)
    assert [info.name for info in catalog.infos()] == ["existing"]


NO_IMAGE = "Expected pictures in a folder for each class .* but found no readable picture"
BAD_IMAGES: dict[str, tuple[Files, str]] = {
    "nothing": ({}, NO_IMAGE),
    "litter only": ({".DS_Store": b"x", "__MACOSX/._a.png": b"x"}, NO_IMAGE),
    "no pictures": (
        {"a.txt": b"x", "b.pdf": b"x"},
        NO_IMAGE + r"\. 2 files were left out, the first because its name does not end",
    ),
    "empty files": (
        {f"{name}/{i}.jpg": b"" for name in "ab" for i in range(5)},
        r"10 files were left out, the first because the file is empty \(0 bytes\) \('a/0.jpg'\)",
    ),
    "texts": ({f"cat.{i}.jpg": b"words" for i in range(9)}, "because it is text"),
    "cut pictures": (
        {f"{name}/{i}.jpg": image(kind="JPEG")[:300] for name in "ab" for i in range(5)},
        "because it is damaged or cut off",
    ),
    "huge headers": (
        {f"{name}/{i}.png": png_header(100_000, 100_000) for name in "ab" for i in range(5)},
        "because more than 50 megapixels",
    ),
    "one class": (
        images({"Cat": 9}),
        r"two classes or more, but found only 'Cat' \(9 pictures\)\. Put each class into",
    ),
    "one class by name": (images({"cat": 9}, "{name}.{number}.png"), "found only 'cat'"),
    "one class is unreadable": (
        images({"Cat": 9}) | {f"Dog/{i}.png": b"" for i in range(9)},
        r"found only 'Cat' .*9 files were left out, the first because the file is empty",
    ),
    "four of a class": (
        images({"Cat": 9, "Dog": 4, "Eel": 1}),
        "at least 5 readable pictures of each class, but 'Dog' has 4, 'Eel' has 1. Add pictures",
    ),
    "four after a bad one": (
        images({"Cat": 9, "Dog": 4}) | {"Dog/9.png": b""},
        r"'Dog' has 4\. .* 1 file was left out because the file is empty",
    ),
    "no training pictures of a class": (
        images({"Cat": 9}, "train/{name}/{number}.png")
        | images({"Dog": 9}, "test/{name}/{number}.png"),
        "Expected training pictures of every class, but 'Dog' has none",
    ),
}


@every_source
@pytest.mark.parametrize("case", BAD_IMAGES)
def test_bad_images_change_nothing(
    import_files: ImportFiles,
    case: str,
    catalog: Catalog,
    dataset: Dataset,
    untouched: Untouched,
    tmp_path: Path,
) -> None:
    files, sentence = BAD_IMAGES[case]
    with untouched(catalog.root.parent), pytest.raises(DatasetError, match=sentence):
        import_files(files, catalog, tmp_path)
    assert [info.name for info in catalog.infos()] == ["existing"]


@every_source
@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("cats/dogs", "Expected a data set name of 1 to 64 letters"),
        ("..", "Expected a data set name"),
        ("", "Expected a data set name"),
        ("existing", "There is a data set 'existing' already. Choose another name"),
        ("Existing", "There is a data set 'Existing' already"),
    ],
)
def test_a_bad_name_changes_nothing(
    import_files: ImportFiles,
    name: str,
    sentence: str,
    catalog: Catalog,
    dataset: Dataset,
    untouched: Untouched,
    tmp_path: Path,
) -> None:
    with untouched(catalog.root.parent), pytest.raises(DatasetError, match=sentence):
        import_files(images(PETS), catalog, tmp_path, name)


def test_too_many_classes_are_refused(catalog: Catalog) -> None:
    content = image()
    files = {f"{number}/1.png": content for number in range(1_001)}
    with pytest.raises(DatasetError, match=r"at most 1,000 classes, but found 1,001\. Is each"):
        import_zip(zipped(files), "many", catalog)


def test_a_source_that_is_not_there_is_named(catalog: Catalog, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"there is no folder '.*none'"):
        import_folder(tmp_path / "none", "pets", catalog)
    with pytest.raises(DatasetError, match=r"there is no file '.*none\.zip'"):
        import_zip(tmp_path / "none.zip", "pets", catalog)
    with pytest.raises(DatasetError, match="Expected one of cartoons, digits, got 'letters'"):
        import_builtin("letters", "pets", catalog)


def test_an_import_that_is_stopped_leaves_nothing(
    catalog: Catalog, dataset: Dataset, untouched: Untouched, tmp_path: Path
) -> None:
    def stop(done: int, total: int) -> None:
        if done == 7:
            raise KeyboardInterrupt

    with untouched(catalog.root.parent), pytest.raises(KeyboardInterrupt):
        import_zip(zipped(images(PETS)), "pets", catalog, progress=stop)


def test_a_name_that_is_taken_during_an_import_is_not_overwritten(
    catalog: Catalog, tmp_path: Path
) -> None:
    def be_faster(done: int, total: int) -> None:
        if done == total and not catalog.infos():
            import_zip(zipped(images({"a": 5, "b": 5})), "pets", catalog)

    with pytest.raises(DatasetError, match="There is a data set 'pets' already"):
        import_zip(zipped(images(PETS)), "pets", catalog, progress=be_faster)
    assert catalog.load("pets").class_names == ("a", "b")
    assert [path.name for path in catalog.root.iterdir()] == ["pets"]


def test_a_full_disk_loses_nothing_and_a_freed_one_goes_on(
    small_disk: RunOnSmallDisk, tmp_path: Path
) -> None:
    small, large = tmp_path / "small.zip", tmp_path / "large.zip"
    small.write_bytes(zipped(images(PETS)).getvalue())
    noise = np.random.default_rng(0).integers(0, 256, (150, 150, 3), dtype=np.uint8)
    content = io.BytesIO()
    Image.fromarray(noise).save(content, "PNG")
    noisy = dict.fromkeys(images({"a": 20, "b": 20}), content.getvalue())
    large.write_bytes(zipped(noisy).getvalue())
    results = small_disk(
        """
        import contextlib
        from ann_core.datasets.sources.builtin import import_builtin
        from ann_core.datasets.sources.cartoons import CartoonConfig
        from ann_core.datasets.catalog import Catalog
        from ann_core.datasets.importing.importer import import_folder, import_zip
        from ann_core.errors import DiskFullError
        small, large, folder = map(Path, sys.argv[1:])
        catalog = Catalog(disk / "datasets")
        cartoons = CartoonConfig(n_images=400, image_size=32, background=0)
        import_zip(small, "existing", catalog)
        before = listing()
        jobs = {
            "zip": lambda: import_zip(large, "new", catalog),
            "folder": lambda: import_folder(folder, "new", catalog),
            "digits": lambda: import_builtin("digits", "new", catalog),
            "cartoons": lambda: import_builtin("cartoons", "new", catalog, cartoons=cartoons),
        }
        for name, job in jobs.items():
            try:
                job()
            except DiskFullError as error:
                results[name] = str(error)
            results[name, "same"] = listing() == before
        fill()
        before = listing()
        for name, job in jobs.items():
            try:
                job()
            except DiskFullError as error:
                results["full", name] = str(error)
            results["full", name, "same"] = listing() == before
        catalog.delete("existing")
        results["left"] = [path.name for path in catalog.root.iterdir()]
        (disk / "filling").unlink()
        results["after"] = len(import_zip(small, "existing", catalog))
        results = {" ".join(k) if isinstance(k, tuple) else k: v for k, v in results.items()}
        """,
        small,
        large,
        unpacked(large, tmp_path / "unpacked"),
    )
    jobs = ["zip", "folder", "digits", "cartoons"]
    for case in [*jobs, *(f"full {job}" for job in jobs)]:
        assert "is full. Nothing that existed was changed; free some space" in results[case]
        assert results[f"{case} same"], case
    assert results["left"] == []
    assert results["after"] == 11


def unpacked(archive: Path, folder: Path) -> Path:
    with zipfile.ZipFile(archive) as bundle:
        bundle.extractall(folder)
    return folder
