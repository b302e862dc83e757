"""What is said before an import is what the import does."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.importing.archives import ArchiveLimits
from ann_core.datasets.importing.importer import ImportOptions, import_folder, import_zip
from ann_core.datasets.importing.preview import preview
from ann_core.errors import ArchiveError, DatasetError
from tests.helpers.image_files import PETS, Files, from_folder, image, images, zipped
from tests.helpers.old_zips import zip_of_bytes

SPLIT = images(PETS, "seg_train/{name}/{number}.png") | images(PETS, "seg_test/{name}/{number}.png")
UNLABELLED = {f"seg_pred/{n}.png": image(n) for n in range(3)}


def test_a_zip_and_a_folder_are_read_beforehand_as_by_the_import(
    catalog: Catalog, tmp_path: Path
) -> None:
    files = SPLIT | UNLABELLED | {"note.txt": b"x"}
    expected = (
        "Read as: train 11 pictures in 2 classes (Cat, Dog); test 11; 3 without a class left out; "
        "1 not named like a picture left out.",
        "No folder is for validation: pictures for it are drawn from the training pictures.",
    )
    dataset = from_folder(files, catalog, tmp_path)
    for source in (zipped(files), tmp_path / "to-import"):
        assert preview(source).sentences == expected
    assert dataset.info.reading == expected
    assert Catalog(catalog.root).load("pets").info.reading == expected


def test_another_reading_gives_another_data_set(catalog: Catalog) -> None:
    source, anew = zipped(SPLIT), ImportOptions(reading="no-splits")
    seen = preview(source, reading="no-splits").sentences
    dataset = import_zip(source, "pets", catalog, options=anew)
    assert seen == dataset.info.reading
    assert seen == ("Read as: 22 pictures in 2 classes (Cat, Dog), split anew.",)
    assert dataset.info.split.rule == "stratified"


def test_a_class_that_cannot_be_tested_is_named(catalog: Catalog) -> None:
    files = images({"0": 5, "90": 5, "180": 5}, "train/{name}/{number}.png")
    for split in ("val", "test"):
        names = {"0": 5, "90": 5} | ({"180": 5} if split == "val" else {})
        files |= images(names, split + "/{name}/{number}.png")
    expected = "There is no test picture of '180'."
    assert preview(zipped(files)).sentences[-1] == expected
    dataset = import_zip(zipped(files), "rotation", catalog)
    assert dataset.info.reading[-1] == expected
    assert dataset.class_names == ("0", "90", "180")


def test_what_would_be_refused_is_refused_beforehand() -> None:
    with pytest.raises(DatasetError, match="'Dog' has 4"):
        preview(zipped(images({"Cat": 9, "Dog": 4})))
    with pytest.raises(ArchiveError, match="leads out of its folder"):
        preview(zipped(images(PETS) | {"../a.png": b"x"}))
    with pytest.raises(ArchiveError, match="damaged or cut off"):
        preview(io.BytesIO(zipped(images(PETS)).getvalue()[:-30]))


def test_labels_in_tables_are_not_read() -> None:
    files = {f"train/{n}.png": b"x" for n in range(9)} | {"trainLabels.csv": b"id,label"}
    with pytest.raises(DatasetError) as caught:
        preview(zipped(files))
    sentence = str(caught.value)
    assert "found none whose class can be told" in sentence
    assert "'trainLabels.csv' may say which picture is of which class" in sentence
    assert "labels in CSV files are not read; sort the pictures into a folder" in sentence


@pytest.mark.parametrize("name", ["train/labels/img_1.txt", "labels.xlsx"])
def test_labels_in_other_files_are_not_read_either(name: str) -> None:
    files = {f"train/images/img_{n}.jpg": b"x" for n in range(9)} | {name: b"0 0 0 1 1"}
    with pytest.raises(DatasetError, match="labels in files beside the pictures are not read"):
        preview(zipped(files))


def test_a_guessed_encoding_is_said_and_can_be_changed(catalog: Catalog) -> None:
    content = image(1)
    names = [f"{word}/{n}.png" for word in ("kočka", "pes") for n in range(5)]
    archive = io.BytesIO(zip_of_bytes({name.encode("cp1250"): content for name in names}))
    seen = preview(archive)
    assert seen.encoding == "cp1252"
    assert "were read as cp1252 (Windows, Western Europe), such as 'koèka/" in seen.sentences[1]
    chosen = ImportOptions(encoding="cp1250")
    assert import_zip(archive, "pets", catalog, options=chosen).class_names == ("kočka", "pes")


def test_a_tar_file_too_large_is_looked_through_by_the_import_only(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as bundle:
        for name, data in images(PETS).items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            bundle.addfile(entry, io.BytesIO(data))
    read = "Read as: 11 pictures in 2 classes (Cat, Dog), split anew."
    assert preview(content).sentences == (read,)
    monkeypatch.setattr("ann_core.datasets.importing.preview.MAX_BYTES", -30_000_000_000)
    assert "too large to be looked through beforehand" in preview(content).sentences[0]
    assert import_zip(content, "pets", catalog).info.reading == (read,)


def one_a_class(wrapped: bool = False) -> Files:
    cat = images({"cat": 5}, "{name}/{number}.png" if wrapped else "{number}.png")
    return {"cat.zip": zipped(cat).getvalue(), "dog.zip": zipped(images({"x": 6})).getvalue()}


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_zip_for_each_class_is_taken(wrapped: bool, catalog: Catalog, tmp_path: Path) -> None:
    files = one_a_class(wrapped) | {"readme.txt": b"x"}
    expected = "Each of 2 archives is a class: 'cat', 'dog'."
    assert preview(zipped(files)).sentences == (expected,)
    from_zip = import_zip(zipped(files), "zip", catalog)
    for dataset in (from_zip, from_folder(files, catalog, tmp_path)):
        assert {c: sum(n.values()) for c, n in dataset.info.counts.items()} == {"cat": 5, "dog": 6}
        assert expected in dataset.info.reading
        assert dataset.skipped["source"].tolist() == ["readme.txt"]
    assert [path.name for path in catalog.root.iterdir() if path.name.startswith(".")] == []


def test_inner_archives_keep_the_limits_together(catalog: Catalog) -> None:
    files = one_a_class() | {"fox.zip": zipped({"1.png": bytes(900_000)}).getvalue()}
    options = ImportOptions(limits=ArchiveLimits(max_bytes=800_000))
    with pytest.raises(ArchiveError, match=r"'fox\.zip': This zip file unpacks to more than"):
        import_zip(zipped(files), "pets", catalog, options=options)
    files["fox.zip"] = zipped({"../1.png": b"x"}).getvalue()
    with pytest.raises(ArchiveError, match=r"'fox\.zip': .* leads out of its folder"):
        import_zip(zipped(files), "pets", catalog)
    assert catalog.infos() == []


@pytest.mark.parametrize(
    "names", [("train.zip", "test1.zip"), ("pets.zip",), ("x_train.tar.gz", "x_test.tar.gz")]
)
def test_other_inner_archives_are_named(
    names: tuple[str, ...], catalog: Catalog, tmp_path: Path
) -> None:
    files: Files = dict.fromkeys(names, zipped(images(PETS)).getvalue()) | {"sample.csv": b"x"}
    sentence = f"found other archives: .*import '{names[0]}' by itself"
    with pytest.raises(DatasetError, match=sentence):
        preview(zipped(files))
    with pytest.raises(DatasetError, match=sentence):
        import_zip(zipped(files), "pets", catalog)
    with pytest.raises(DatasetError, match=sentence):
        from_folder(files, catalog, tmp_path)


def test_an_archive_beside_the_pictures_is_left_out(catalog: Catalog, tmp_path: Path) -> None:
    dataset = from_folder(images(PETS) | {"backup.zip": b"x"}, catalog, tmp_path)
    assert dataset.skipped["reason"].tolist() == [
        "it is an archive; unpack it, or import it by itself"
    ]


def test_names_with_a_colon_are_names(catalog: Catalog) -> None:
    files = images({"M:F old": 5, "M:F young": 5})
    assert import_zip(zipped(files), "faces", catalog).class_names == ("M:F old", "M:F young")


def test_an_endless_folder_is_not_looked_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, catalog: Catalog
) -> None:
    from_folder(images(PETS), catalog, tmp_path)
    monkeypatch.setattr("ann_core.datasets.importing.preview.MAX_FILES", 10)
    assert "too large" in preview(tmp_path / "to-import").sentences[0]
    assert len(import_folder(tmp_path / "to-import", "again", catalog)) == 11
