"""A data set taken along comes back as what it was, to the byte."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.class_folders import LABELS_FILE, class_folders
from ann_core.datasets.dataset import Dataset, count
from ann_core.datasets.importing.importer import import_folder, import_zip
from ann_core.datasets.zip_export import estimated_bytes, write_zip
from ann_core.errors import DatasetError, TargetError

if TYPE_CHECKING:
    from tests.unit.conftest import MakeFolder, RunOnSmallDisk, Untouched


def with_classes(dataset: Dataset, names: Mapping[str, str]) -> Dataset:
    """Call the classes of a data set otherwise, as they are called after a change of hands."""
    images = dataset.images.assign(class_name=dataset.images["class_name"].map(names))
    changes = {"class_names": tuple(names.values()), "counts": count(images)}
    return replace(dataset, images=images, info=dataset.info.model_copy(update=changes))


def with_sources(dataset: Dataset, sources: Sequence[str]) -> Dataset:
    """Let the first images have had other names."""
    images = dataset.images.copy()
    images.loc[: len(sources) - 1, "source"] = list(sources)
    return replace(dataset, images=images)


def contents(dataset: Dataset, *, by_split: bool) -> Counter[tuple[str, ...]]:
    """Hash of each file with its class, and its split."""
    table, rows = dataset.images, range(len(dataset))
    digests = [hashlib.sha256(dataset.path(row).read_bytes()).hexdigest() for row in rows]
    splits = table["split"] if by_split else [""] * len(dataset)
    return Counter(zip(digests, table["class_name"], splits, strict=True))


def entries(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as bundle:
        return bundle.namelist()


CLASS_NAMES = [
    ("cat", "dog"),
    ("a/b", "a\\b"),
    ("con", "nul.txt"),
    ("dots...", "dots"),
    ("Cat", "cat"),
    (" cat", "cat "),
    ("train", "test"),
    (".hidden", "__MACOSX"),
    ("..", "."),
    ("a:b?", "a*b|"),
    ("Kätzchen", "Ka\u0308tzchen"),
    ("x" * 100, "ü" * 100),
    ("=1+1", "猫"),
    ("line\nbreak", "tab\t"),
    ("valid", "train"),
    ("cat.1", "cat.2"),
    ("x" * 150, "\u732b" * 90),
]


@pytest.mark.parametrize("class_names", CLASS_NAMES)
def test_what_is_taken_along_comes_back(
    dataset: Dataset,
    catalog: Catalog,
    tmp_path: Path,
    class_names: tuple[str, str],
) -> None:
    called = with_classes(dataset, dict(zip(dataset.class_names, class_names, strict=True)))
    for by_split in (False, True):
        written = write_zip(called, tmp_path / "x.zip", by_split=by_split)
        assert written.n_images == 24
        assert written.n_bytes == (tmp_path / "x.zip").stat().st_size <= estimated_bytes(called)
        again = import_zip(tmp_path / "x.zip", f"again-{by_split}", catalog)
        assert again.info.n_skipped == 0
        assert sorted(again.class_names) == sorted(class_names)
        assert contents(again, by_split=by_split) == contents(called, by_split=by_split)
    assert again.info.counts == called.info.counts


@pytest.mark.parametrize("by_split", [False, True])
def test_plain_classes_need_no_labels(dataset: Dataset, tmp_path: Path, by_split: bool) -> None:
    write_zip(dataset, tmp_path / "x.zip", by_split=by_split)
    names = entries(tmp_path / "x.zip")
    splits = {"train", "validation", "test"}
    assert names == sorted(names) and len(names) == 24
    if by_split:
        assert {name.split("/")[0] for name in names} == splits
    assert {name.split("/")[-2] for name in names} == {"dark", "bright"}


def test_equal_data_sets_give_equal_files(dataset: Dataset, tmp_path: Path) -> None:
    for name in ("one.zip", "two.zip"):
        write_zip(dataset, tmp_path / name)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as bundle:
        for entry in bundle.infolist():
            assert entry.date_time == (1980, 1, 1, 0, 0, 0)
            assert entry.compress_type == zipfile.ZIP_STORED
            assert entry.external_attr >> 16 == 0o100644


def test_files_keep_their_names_where_every_disk_takes_them(dataset: Dataset) -> None:
    images = dataset.images[dataset.images["class_name"] == "dark"].reset_index(drop=True)
    dark = replace(dataset, images=images)
    given = [
        *("a/Mimi.png", "b/mimi.PNG", "c/mimi.png", "Mi\u0308mi.png", "M\u00efmi.png"),
        *("what?.png", "nul.png", ".hidden.png", "x\\y.png", "y.png"),
        *("no ending", "photo.pdf"),
    ]
    names = class_folders(with_sources(dark, given), by_split=False).names
    assert names[:12] == (
        *("dark/Mimi.png", "dark/mimi (2).PNG", "dark/mimi (3).png"),
        *("dark/Mi\u0308mi.png", "dark/M\u00efmi (2).png"),
        *("dark/000005.png", "dark/000006.png", "dark/000007.png"),
        *("dark/y.png", "dark/y (2).png", "dark/no ending.png", "dark/photo.pdf.png"),
    )


def test_a_numbered_name_does_not_meet_one_that_was_given(dataset: Dataset) -> None:
    given = ["1.png", "x/1.png", "1 (2).png", "y/1 (2).png"]
    same = replace(dataset, images=dataset.images.assign(class_name="dark"))
    names = class_folders(with_sources(same, given), by_split=False).names[:4]
    assert len({name.casefold() for name in names}) == 4


def test_labels_of_strangers_are_believed_only_if_they_make_sense(
    image_folder: MakeFolder, catalog: Catalog
) -> None:
    folder = image_folder()
    labels = folder / LABELS_FILE
    good = {"by_split": False, "classes": {"dark": "con", "bright": "a/b"}}
    labels.write_text(json.dumps(good))
    assert import_folder(folder, "labelled", catalog).class_names == ("a/b", "con")
    bad: list[object] = [
        *("", "{", "[]", "null", '{"classes": {}}', "[" * 100_000, '{"classes": 1, "by_split": 1}'),
        *(good | {"classes": {"dark": 7}}, good | {"classes": {"dark": ""}}),
        *(good | {"classes": {"dark": "x" * 300}}, good | {"by_split": "no"}),
    ]
    for number, content in enumerate(bad):
        labels.write_text(content if isinstance(content, str) else json.dumps(content))
        assert import_folder(folder, f"bad-{number}", catalog).class_names == ("bright", "dark")


def test_what_the_labels_do_not_name_is_left_out_with_a_reason(
    image_folder: MakeFolder, catalog: Catalog
) -> None:
    folder = image_folder({"dark": 6, "bright": 6, "gray": 6})
    labels = {"by_split": False, "classes": {"dark": "con", "bright": "b"}}
    (folder / LABELS_FILE).write_text(json.dumps(labels))
    dataset = import_folder(folder, "labelled", catalog)
    assert dataset.info.n_images == 12
    assert set(dataset.skipped["reason"]) == {f"{LABELS_FILE} does not name its folder"}


def test_an_edited_image_is_told_and_an_older_file_stays(
    dataset: Dataset, tmp_path: Path, untouched: Untouched
) -> None:
    target = tmp_path / "out" / "x.zip"
    target.parent.mkdir()
    target.write_bytes(b"older")
    dataset.path(7).write_bytes(b"edited")
    with untouched(target.parent), pytest.raises(DatasetError, match="changed or removed"):
        write_zip(dataset, target)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("no such folder/x.zip", "in a folder that exists"),
        ("", "is a folder. Name a file in it"),
        ("x.tar", "a name that ends in .zip"),
    ],
)
def test_what_is_no_name_of_a_zip_file_is_refused(
    dataset: Dataset, tmp_path: Path, name: str, words: str
) -> None:
    with pytest.raises(TargetError, match=words):
        write_zip(dataset, tmp_path / name)


def test_a_full_disk_leaves_the_older_file(dataset: Dataset, small_disk: RunOnSmallDisk) -> None:
    results = small_disk(
        """
        from ann_core.datasets.catalog import Catalog
        from ann_core.datasets.zip_export import write_zip
        from ann_core.errors import DiskFullError
        dataset = Catalog(Path(sys.argv[1])).load("existing")
        (disk / "x.zip").write_bytes(b"older")
        fill()
        try:
            write_zip(dataset, disk / "x.zip")
        except DiskFullError as error:
            results["said"] = str(error)
        (disk / "filling").unlink()
        results["left"] = listing()
        """,
        dataset.folder.parent,
    )
    assert "is full" in results["said"]
    assert [content for _, content in results["left"]] == [b"older".hex()]
