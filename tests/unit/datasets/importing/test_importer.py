"""Importing: folders, zip files and built-in sets, good and bad, with and without space."""

from __future__ import annotations

import hashlib
import io
import os
import stat
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import Dataset
from ann_core.datasets.importing.archives import ArchiveLimits
from ann_core.datasets.importing.importer import import_folder, import_zip
from ann_core.datasets.sources.builtin import BUILT_INS, import_builtin
from ann_core.datasets.sources.cartoons import CartoonConfig
from ann_core.datasets.split import SplitConfig, article_split
from ann_core.errors import ArchiveError, DatasetError
from ann_core.imaging.images import open_image

if TYPE_CHECKING:
    from tests.unit.conftest import MakeFolder, RunOnSmallDisk, Untouched

Files = dict[str, bytes]


def image(shade: int = 0, kind: str = "PNG", size: tuple[int, int] = (6, 5)) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", size, (shade, shade, shade)).save(content, kind)
    return content.getvalue()


def images(counts: dict[str, int], pattern: str = "{name}/{number}.png") -> Files:
    return {
        pattern.format(name=name, number=number): image(number)
        for name, n_images in counts.items()
        for number in range(n_images)
    }


PETS = {"Cat": 5, "Dog": 6}


def from_folder(files: Files, catalog: Catalog, tmp_path: Path, name: str = "pets") -> Dataset:
    folder = tmp_path / "brought"
    folder.mkdir(exist_ok=True)
    for file_name, content in files.items():
        path = folder / file_name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return import_folder(folder, name, catalog)


def zipped(files: Files) -> io.BytesIO:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, data in files.items():
            bundle.writestr(name, data)
    content.seek(0)
    return content


def from_zip(files: Files, catalog: Catalog, tmp_path: Path, name: str = "pets") -> Dataset:
    return import_zip(zipped(files), name, catalog)


import_dataset = pytest.mark.parametrize("bring", [from_folder, from_zip])
Bring = Callable[..., Dataset]


@import_dataset
@pytest.mark.parametrize(
    "pattern",
    [
        "{name}/{number}.png",
        "download/PetImages/{name}/{number}.png",
        "{name}.{number}.png",
        "train/{name}.{number}.png",
    ],
)
def test_every_layout_gives_the_same_data_set(
    bring: Bring, pattern: str, catalog: Catalog, tmp_path: Path
) -> None:
    dataset = bring(images(PETS, pattern), catalog, tmp_path)
    assert dataset.class_names == ("Cat", "Dog")
    assert dataset.info.counts == {
        "Cat": {"train": 3, "validation": 1, "test": 1},
        "Dog": {"train": 4, "validation": 1, "test": 1},
    }
    assert dataset.info.fingerprint == plain_fingerprint(catalog, tmp_path)
    assert (dataset.info.n_images, dataset.info.n_skipped) == (11, 0)


def plain_fingerprint(catalog: Catalog, tmp_path: Path) -> str:
    folder = tmp_path / "plain"
    folder.mkdir()
    return from_folder(images(PETS), catalog, folder, "plain").fingerprint


@import_dataset
def test_what_is_on_the_shelf_is_what_was_brought(
    bring: Bring, catalog: Catalog, tmp_path: Path
) -> None:
    files = images(PETS)
    dataset = bring(files, catalog, tmp_path)
    for index, row in enumerate(dataset.images.itertuples()):
        content = dataset.path(index).read_bytes()
        assert content == files[row.source]
        assert hashlib.sha256(content).hexdigest() == row.sha256
        assert (row.width, row.height, row.format, row.mode) == (6, 5, "PNG", "RGB")
        assert row.bytes == len(content)
        assert row.class_name == row.source.split("/")[0]
    assert dataset.labels.tolist() == [0] * 5 + [1] * 6


@import_dataset
def test_the_split_is_stored_with_the_data_set(
    bring: Bring, catalog: Catalog, tmp_path: Path
) -> None:
    dataset = bring(images(PETS), catalog, tmp_path)
    again = Catalog(catalog.root).load("pets")
    assert again.images.equals(dataset.images)
    assert again.info.split == SplitConfig(rule="stratified", seed=42)
    assert Counter(again.images["split"]) == {"train": 7, "validation": 2, "test": 2}


def test_splits_that_come_with_the_data_are_kept(catalog: Catalog, tmp_path: Path) -> None:
    files: Files = {}
    for number, split in enumerate(("train", "val", "test")):
        files |= images({"cat": 5, "dog": 6 + number}, split + "/{name}/{number}.png")
    dataset = from_folder(files, catalog, tmp_path)
    assert dataset.info.split.rule == "given"
    assert dataset.info.counts["dog"] == {"train": 6, "validation": 7, "test": 8}
    for source, split in zip(dataset.images["source"], dataset.images["split"], strict=True):
        assert split.startswith(source.split("/")[0])


def test_a_split_that_is_missing_is_drawn_from_training(catalog: Catalog, tmp_path: Path) -> None:
    files = images({"cat": 18, "dog": 18}, "train/{name}/{number}.png")
    files |= images({"cat": 7, "dog": 7}, "test/{name}/{number}.png")
    dataset = from_folder(files, catalog, tmp_path)
    assert dataset.info.counts["cat"] == {"train": 16, "validation": 2, "test": 7}


def test_the_articles_rule_throws_for_unreadable_images_too(
    catalog: Catalog, tmp_path: Path
) -> None:
    files = images({"cat": 60, "dog": 60}, "{name}.{number}.png")
    clean = from_zip_by_article(files, catalog, "clean")
    assert clean.images["split"].tolist() == 2 * article_split(60, SplitConfig())
    files["cat.3.png"] = b"broken"
    broken = from_zip_by_article(files, catalog, "broken")
    expected = clean.images[clean.images["source"] != "cat.3.png"]
    assert broken.images["split"].tolist() == expected["split"].tolist()
    assert broken.info.split.rule == "article"


def from_zip_by_article(files: Files, catalog: Catalog, name: str) -> Dataset:
    return import_zip(zipped(files), name, catalog, split=SplitConfig(rule="article"))


def test_the_articles_rule_needs_enough_images(
    catalog: Catalog, dataset: Dataset, untouched: Untouched
) -> None:
    with (
        untouched(catalog.root.parent),
        pytest.raises(DatasetError, match=r"validation gets none of the 10\. .*stratified rule"),
    ):
        from_zip_by_article(images({"cat": 5, "dog": 5}), catalog, "few")


@import_dataset
def test_images_that_cannot_be_used_are_listed(
    bring: Bring, catalog: Catalog, tmp_path: Path
) -> None:
    jpeg = image(9, "JPEG", (64, 64))
    bad = {
        "Cat/cut.jpg": jpeg[: len(jpeg) // 2],
        "Cat/empty.jpg": b"",
        "Cat/text.jpg": b"a cat, in words",
        "Dog/huge.png": huge_png(),
    }
    litter = {"Dog/Thumbs.db": b"x", "__MACOSX/Dog/._0.png": b"x", ".hidden/1.png": b"x"}
    others = {"readme.txt": b"x", "9.png": image(1)}
    dataset = bring(images(PETS) | bad | litter | others, catalog, tmp_path)
    assert (dataset.info.n_images, dataset.info.n_skipped) == (11, 6)
    reasons = dict(dataset.skipped.itertuples(index=False))
    assert set(reasons) == {*bad, *others}
    assert "damaged or cut off" in reasons["Cat/cut.jpg"]
    assert reasons["Cat/empty.jpg"] == "the file is empty (0 bytes)"
    assert reasons["Cat/text.jpg"].startswith("it is no JPEG")
    assert reasons["Dog/huge.png"] == "more than 50 megapixels; make it smaller first"
    assert reasons["readme.txt"] == "its name does not end like a picture's"
    assert reasons["9.png"] == "it lies beside the folders of the classes"


def huge_png() -> bytes:
    """A header that claims 100,000 x 100,000 pixels."""
    header = b"IHDR" + struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    checksum = struct.pack(">I", zlib.crc32(header))
    start = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13)
    return start + header + checksum + struct.pack(">I", 10) + b"IDAT"


def test_files_that_vanish_while_they_are_read_are_listed(
    catalog: Catalog, image_folder: MakeFolder
) -> None:
    folder = image_folder({"cat": 6, "dog": 6})

    def vanish(done: int, total: int) -> None:
        (folder / "dog" / "3.png").unlink(missing_ok=True)

    dataset = import_folder(folder, "pets", catalog, progress=vanish)
    [(source, reason)] = dataset.skipped.itertuples(index=False)
    assert (source, reason) == ("dog/3.png", "it cannot be read (No such file or directory)")


def test_links_in_a_folder_are_not_followed(catalog: Catalog, image_folder: MakeFolder) -> None:
    folder = image_folder({"cat": 5, "dog": 5})
    (folder / "cat" / "9.png").symlink_to(folder / "dog" / "0.png")
    (folder / "mouse").symlink_to(folder / "dog")
    dataset = import_folder(folder, "pets", catalog)
    assert len(dataset) == 10
    assert dataset.class_names == ("cat", "dog")


def test_names_of_any_kind_survive(catalog: Catalog, tmp_path: Path) -> None:
    names = ['a "cat", or so', "null", "NA", "línea\nnueva", "wagen\r\nrücklauf", "猫", " dog "]
    dataset = from_folder(images(dict.fromkeys(names, 5)), catalog, tmp_path)
    assert set(dataset.class_names) == set(names)
    assert set(dataset.images["class_name"]) == set(names)
    assert dataset.images["source"].str.startswith(tuple(names)).all()


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps names as text")
def test_file_names_that_are_no_text_survive(catalog: Catalog, image_folder: MakeFolder) -> None:
    folder = image_folder({"cat": 5, "dog": 5})
    (folder / "dog").rename(folder / os.fsdecode(b"h\xfcnd"))
    dataset = import_folder(folder, "pets", catalog)
    assert dataset.class_names == ("cat", "h?nd")
    assert len(catalog.load("pets")) == 10


def test_classes_that_differ_in_case_stay_two(catalog: Catalog, tmp_path: Path) -> None:
    dataset = from_zip(images({"cat": 5, "Cat": 5}), catalog, tmp_path)
    assert dataset.class_names == ("Cat", "cat")
    assert dataset.images["file"].is_unique


def test_twice_the_same_name_in_a_zip_is_two_images(catalog: Catalog) -> None:
    content = zipped(images(PETS))
    with zipfile.ZipFile(content, "a") as bundle, pytest.warns(UserWarning, match="Duplicate"):
        bundle.writestr("Cat/0.png", image(99))
    assert import_zip(content, "pets", catalog).info.counts["Cat"]["train"] == 4


def test_progress_ends_with_all(catalog: Catalog, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    path = tmp_path / "pets.zip"
    path.write_bytes(zipped(images(PETS)).getvalue())
    dataset = import_zip(path, "pets", catalog, progress=lambda *at: seen.append(at))
    assert seen == [(done, 11) for done in range(12)] * 2
    assert dataset.info.source == "zip file pets.zip"
    assert path.is_file()


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
    "empty file": (b"", "damaged or cut off"),
    "no zip": (b"Rar!" * 100, "Expected a whole zip file"),
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
    limits = ArchiveLimits(max_entries=100, max_bytes=100_000)
    path = tmp_path / "bad.zip"
    path.write_bytes(archive)
    with untouched(tmp_path):
        for source in (path, io.BytesIO(archive)):
            with pytest.raises(ArchiveError, match=sentence):
                import_zip(source, "bad", catalog, limits=limits)
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
    "texts": ({f"cat.{i}.jpg": b"words" for i in range(9)}, "because it is no JPEG"),
    "cut pictures": (
        {f"{name}/{i}.jpg": image(kind="JPEG")[:300] for name in "ab" for i in range(5)},
        "because it is damaged or cut off",
    ),
    "huge headers": (
        {f"{name}/{i}.png": huge_png() for name in "ab" for i in range(5)},
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


@import_dataset
@pytest.mark.parametrize("case", BAD_IMAGES)
def test_bad_images_change_nothing(
    bring: Bring,
    case: str,
    catalog: Catalog,
    dataset: Dataset,
    untouched: Untouched,
    tmp_path: Path,
) -> None:
    files, sentence = BAD_IMAGES[case]
    with untouched(catalog.root.parent), pytest.raises(DatasetError, match=sentence):
        bring(files, catalog, tmp_path)
    assert [info.name for info in catalog.infos()] == ["existing"]


@import_dataset
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
    bring: Bring,
    name: str,
    sentence: str,
    catalog: Catalog,
    dataset: Dataset,
    untouched: Untouched,
    tmp_path: Path,
) -> None:
    with untouched(catalog.root.parent), pytest.raises(DatasetError, match=sentence):
        bring(images(PETS), catalog, tmp_path, name)


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


def test_the_digits_are_those_of_scikit_learn(catalog: Catalog) -> None:
    dataset = import_builtin("digits", "digits", catalog)
    bunch = load_digits()
    assert len(dataset) == 1797
    assert dataset.class_names == tuple("0123456789")
    assert dataset.info.n_skipped == 0
    expected = Counter(str(label) for label in bunch.target)
    assert Counter(dataset.images["class_name"]) == expected
    assert dataset.info.source == f"built-in: {BUILT_INS['digits'].title}"
    ordered = np.argsort(bunch.target, kind="stable")
    for index, number in enumerate(ordered):
        values = np.asarray(open_image(dataset.path(index)).image)
        assert values.ndim == 2
        assert np.rint(values * (16 / 255)).tolist() == bunch.images[number].tolist()
    for counts in dataset.info.counts.values():
        total = sum(counts.values())
        assert counts["validation"] == counts["test"] == round(total / 10)


def test_the_cartoons_come_as_two_classes_of_jpeg(catalog: Catalog) -> None:
    config = CartoonConfig(n_images=21, image_size=32)
    dataset = import_builtin("cartoons", "cartoons", catalog, cartoons=config)
    assert Counter(dataset.images["class_name"]) == {"cat": 11, "dog": 10}
    assert set(dataset.images["format"]) == {"JPEG"}
    assert set(dataset.images["width"]) == {32}
    again = import_builtin("cartoons", "again", catalog, cartoons=config)
    assert again.fingerprint == dataset.fingerprint


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
    told = small_disk(
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
                told[name] = str(error)
            told[name, "same"] = listing() == before
        fill()
        before = listing()
        for name, job in jobs.items():
            try:
                job()
            except DiskFullError as error:
                told["full", name] = str(error)
            told["full", name, "same"] = listing() == before
        catalog.delete("existing")
        told["left"] = [path.name for path in catalog.root.iterdir()]
        (disk / "filling").unlink()
        told["after"] = len(import_zip(small, "existing", catalog))
        told = {" ".join(k) if isinstance(k, tuple) else k: v for k, v in told.items()}
        """,
        small,
        large,
        unpacked(large, tmp_path / "unpacked"),
    )
    jobs = ["zip", "folder", "digits", "cartoons"]
    for case in [*jobs, *(f"full {job}" for job in jobs)]:
        assert "is full. Nothing that existed was changed; free some space" in told[case]
        assert told[f"{case} same"], case
    assert told["left"] == []
    assert told["after"] == 11


def unpacked(archive: Path, folder: Path) -> Path:
    with zipfile.ZipFile(archive) as bundle:
        bundle.extractall(folder)
    return folder


def test_the_photographs_of_the_shared_data(shared_data: Path, catalog: Catalog) -> None:
    archive = shared_data / "dogs-vs-cats-fullsize-400.zip"
    dataset = import_zip(archive, "dogs-vs-cats-400", catalog)
    assert dataset.class_names == ("cat", "dog")
    assert dataset.info.n_images == 400
    assert dataset.info.n_skipped == 0
    assert set(dataset.images["format"]) == {"JPEG"}
