"""Importing: every file that was found is taken, or listed with a reason."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.importing.importer import import_folder, import_zip
from tests.helpers.image_files import (
    PETS,
    ImportFiles,
    every_source,
    from_folder,
    from_zip,
    image,
    images,
    png_header,
    zipped,
)

if TYPE_CHECKING:
    from tests.unit.conftest import MakeFolder


@every_source
def test_images_that_cannot_be_used_are_listed(
    import_files: ImportFiles, catalog: Catalog, tmp_path: Path
) -> None:
    jpeg = image(9, "JPEG", (64, 64))
    bad = {
        "Cat/cut.jpg": jpeg[: len(jpeg) // 2],
        "Cat/empty.jpg": b"",
        "Cat/text.jpg": b"a cat, in words",
        "Dog/huge.png": png_header(100_000, 100_000),
    }
    litter = {"Dog/Thumbs.db": b"x", "__MACOSX/Dog/._0.png": b"x", ".hidden/1.png": b"x"}
    others = {"readme.txt": b"x", "9.png": image(1)}
    dataset = import_files(images(PETS) | bad | litter | others, catalog, tmp_path)
    assert (dataset.info.n_images, dataset.info.n_skipped) == (11, 6)
    reasons = dict(dataset.skipped.itertuples(index=False))
    assert set(reasons) == {*bad, *others}
    assert "damaged or cut off" in reasons["Cat/cut.jpg"]
    assert reasons["Cat/empty.jpg"] == "the file is empty (0 bytes)"
    assert reasons["Cat/text.jpg"].startswith("it is text")
    assert reasons["Dog/huge.png"] == "more than 50 megapixels; make it smaller first"
    assert reasons["readme.txt"] == "its name does not end like a picture's"
    assert reasons["9.png"] == "it lies beside the folders of the classes"


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
    class_names = {name.strip() for name in names}
    assert set(dataset.class_names) == class_names
    assert set(dataset.images["class_name"]) == class_names
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
