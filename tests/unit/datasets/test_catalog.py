"""The catalog: names, damaged data sets, deleting."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from ann_core.datasets.catalog import (
    IMAGES_FILE,
    INFO_FILE,
    SKIPPED_FILE,
    Catalog,
    check_chosen_name,
    check_name,
)
from ann_core.datasets.dataset import (
    COLUMNS,
    Dataset,
    count,
    display_name,
    fingerprint,
    stored_name,
    suffix_of,
)
from ann_core.datasets.editing.draft import VersionOptions
from ann_core.datasets.editing.edits import LeaveOut
from ann_core.datasets.editing.versions import make_version
from ann_core.datasets.importing.importer import import_folder
from ann_core.datasets.split import SPLITS
from ann_core.errors import DatasetError
from ann_core.files import STAGING_PREFIX

if TYPE_CHECKING:
    from tests.unit.conftest import MakeFolder, Untouched


@pytest.fixture
def many_switches() -> Iterator[None]:
    """Let threads interrupt each other as often as Python can."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.parametrize(
    "name", ["a", "7", "cats-and-dogs", "Cats_2", "Katzen-äöü", "猫と犬", "x" * 64]
)
def test_names_that_every_disk_takes_name_a_folder(
    name: str, catalog: Catalog, image_folder: MakeFolder
) -> None:
    catalog.check_new_name(name)
    imported = import_folder(image_folder(), name, catalog)
    assert [path.name for path in catalog.root.iterdir()] == [name]
    assert catalog.load(name).fingerprint == imported.fingerprint
    with pytest.raises(DatasetError, match="already"):
        catalog.check_new_name(name)


@pytest.mark.parametrize(
    "name",
    [
        *("", " ", ".", "..", "a/b", "/a", "../a", "a\\b", "C:a", "a b", "a.b", ".a", "-a", "_a"),
        *("a\n", "a\0", "x" * 65, "𠮷" * 64, "con", "NUL", "com1", "e\u0301", "a?", "*"),
    ],
)
def test_names_that_are_no_folder_names(name: str) -> None:
    with pytest.raises(DatasetError) as caught:
        check_name(name)
    message = str(caught.value)
    assert message.startswith("Expected a data set name of 1 to 64 letters")
    assert message.endswith("Try a name such as 'cats-and-dogs'.")
    assert len(message) < 300


@pytest.mark.parametrize("name", ["../existing", "/etc", "a/../existing", "..", ".", "existing/"])
def test_an_id_with_path_characters_opens_and_deletes_nothing(
    name: str, catalog: Catalog, dataset: Dataset, untouched: Untouched, tmp_path: Path
) -> None:
    with untouched(tmp_path):
        for door in (catalog.load, catalog.info, catalog.delete, catalog.check_new_name):
            with pytest.raises(DatasetError, match="Expected a data set name"):
                door(name)


def test_of_an_unknown_name_only_that_is_said(catalog: Catalog, dataset: Dataset) -> None:
    for door in (catalog.load, catalog.info, catalog.delete):
        with pytest.raises(DatasetError, match="There is no data set 'pets'") as caught:
            door("pets")
        assert dataset.name not in str(caught.value)


def test_an_empty_catalog_need_not_exist(catalog: Catalog) -> None:
    assert catalog.infos() == []
    catalog.check_new_name("pets")
    assert not catalog.root.exists()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("pets", "pets"),
        ("My fruit (2)", "My-fruit-2"),
        ("../../etc", "etc"),
        ("  猫 と 犬?", "猫-と-犬"),
        ("_" * 9, "pictures"),
        ("", "pictures"),
        ("x" * 99, "x" * 60),
        ("con", "my-con"),
        ("U\u0308ni set", "\u00dcni-set"),
        ("existing", "existing-2"),
        ("EXISTING", "EXISTING-2"),
    ],
)
def test_any_text_becomes_a_name_that_is_free(
    text: str, name: str, catalog: Catalog, dataset: Dataset
) -> None:
    assert catalog.free_name(text) == name
    catalog.check_new_name(catalog.free_name(text))


def test_the_first_free_number_is_taken(
    catalog: Catalog, dataset: Dataset, image_folder: MakeFolder
) -> None:
    for number in (2, 3, 5):
        import_folder(image_folder(name=str(number)), f"existing-{number}", catalog)
    assert catalog.free_name("existing") == "existing-4"


def test_data_sets_are_listed_oldest_first(
    catalog: Catalog, dataset: Dataset, image_folder: MakeFolder
) -> None:
    for name in ("b", "a"):
        import_folder(image_folder(name=name), name, catalog)
    assert [info.name for info in catalog.infos()] == ["existing", "b", "a"]


def test_a_data_set_is_plain_files(catalog: Catalog, dataset: Dataset) -> None:
    folder = catalog.root / "existing"
    info = json.loads((folder / INFO_FILE).read_text())
    table = pd.read_csv(folder / IMAGES_FILE)
    assert info["counts"] == {
        "dark": {"train": 10, "validation": 1, "test": 1},
        "bright": {"train": 10, "validation": 1, "test": 1},
    }
    assert table.columns.tolist() == list(COLUMNS)
    assert all((folder / file).is_file() for file in table["file"])
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        [INFO_FILE, IMAGES_FILE, SKIPPED_FILE, "pictures"]
    )


def test_load_gives_what_import_gave(catalog: Catalog, dataset: Dataset) -> None:
    again = catalog.load("existing")
    assert again.info == dataset.info
    assert again.images.equals(dataset.images)
    assert again.labels.tolist() == dataset.labels.tolist()
    assert [len(again.indices(split)) for split in ("train", "validation", "test")] == [20, 2, 2]


def test_the_fingerprint_names_bytes_classes_and_splits(dataset: Dataset) -> None:
    images = dataset.images
    assert fingerprint(images) == dataset.fingerprint
    for column, value in (("sha256", "0" * 64), ("class_name", "x"), ("split", "x")):
        changed = images.copy()
        changed.loc[3, column] = value
        assert fingerprint(changed) != dataset.fingerprint
    renamed = images.assign(source="elsewhere")
    assert fingerprint(renamed) == dataset.fingerprint


def test_counts_are_by_class_and_split(dataset: Dataset) -> None:
    table = dataset.images.groupby(["class_name", "split"]).size()
    counts = count(dataset.images)
    assert {(c, s): n for c, of_class in counts.items() for s, n in of_class.items()} == dict(table)
    for split in SPLITS:
        assert dataset.info.n_images_of(split) == len(dataset.indices(split))


@pytest.mark.parametrize("file", [INFO_FILE, IMAGES_FILE, SKIPPED_FILE])
@pytest.mark.parametrize("content", [b"", b"{}", b"\xff\xfe\x00", None])
def test_a_damaged_data_set_says_so(
    file: str, content: bytes | None, catalog: Catalog, dataset: Dataset
) -> None:
    path = catalog.root / "existing" / file
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    with pytest.raises(DatasetError) as caught:
        catalog.load("existing")
    if (file, content) != (INFO_FILE, None):  # without it, there is no data set
        assert f"its {file} is damaged" in str(caught.value)
        assert "Import the pictures again under another name." in str(caught.value)


def test_an_index_that_was_cut_off_is_damaged(catalog: Catalog, dataset: Dataset) -> None:
    path = catalog.root / "existing" / IMAGES_FILE
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:-1]))
    with pytest.raises(DatasetError, match=r"its pictures\.csv is damaged"):
        catalog.load("existing")


def test_a_damaged_data_set_does_not_hide_the_others(
    catalog: Catalog, dataset: Dataset, image_folder: MakeFolder
) -> None:
    import_folder(image_folder(), "broken", catalog)
    (catalog.root / "broken" / INFO_FILE).write_text("{")
    assert [info.name for info in catalog.infos()] == ["existing"]
    with pytest.raises(DatasetError, match=r"There is no data set"):
        catalog.load("pets")
    with pytest.raises(DatasetError, match="There is a data set 'broken' already"):
        catalog.check_new_name("broken")


def test_imports_under_way_are_not_listed(catalog: Catalog, dataset: Dataset) -> None:
    half = catalog.root / f"{STAGING_PREFIX}x"
    half.mkdir()
    (half / INFO_FILE).write_text(dataset.info.model_dump_json())
    assert [info.name for info in catalog.infos()] == ["existing"]


def test_deleting_removes_one_data_set_whole(
    catalog: Catalog, dataset: Dataset, image_folder: MakeFolder, untouched: Untouched
) -> None:
    import_folder(image_folder(), "other", catalog)
    with untouched(catalog.root / "other"):
        catalog.delete("existing")
    assert [path.name for path in catalog.root.iterdir()] == ["other"]
    with pytest.raises(DatasetError, match="no data set 'existing'"):
        catalog.delete("existing")


def test_of_many_who_delete_one_succeeds_and_the_others_are_told(
    catalog: Catalog, dataset: Dataset, many_switches: None
) -> None:
    start = threading.Barrier(8)

    def delete(_: int) -> str:
        start.wait()
        try:
            catalog.delete("existing")
        except DatasetError as error:
            return str(error)
        return "deleted"

    with ThreadPoolExecutor(8) as pool:
        for _ in range(25):  # they meet between look and deed once in a while
            results = list(pool.map(delete, range(8)))
            assert results.count("deleted") == 1
            assert sum("There is no data set 'existing'" in result for result in results) == 7
            assert list(catalog.root.iterdir()) == []
            folder = catalog.root / "existing"
            folder.mkdir()
            (folder / INFO_FILE).write_text(dataset.info.model_dump_json())


@pytest.mark.parametrize("names", [["pets"] * 4, ["pets", "Pets", "PETS", "petS"]])
def test_of_many_who_import_under_one_name_one_succeeds(
    catalog: Catalog, image_folder: MakeFolder, names: list[str]
) -> None:
    folder = image_folder()
    read = threading.Barrier(4)

    def try_import(name: str) -> str:
        # All have found the name free, and read their images, before one of them publishes.
        at_end = lambda done, total: done == total and read.wait(30)  # noqa: E731
        try:
            import_folder(folder, name, catalog, progress=at_end)
        except DatasetError as error:
            return str(error)
        return "imported"

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(try_import, names))
    [published] = [path.name for path in catalog.root.iterdir()]
    assert results.count("imported") == 1
    assert sum("' already. Choose another name" in result for result in results) == 3
    assert len(catalog.load(published)) == 24


def test_a_renamed_data_set_is_found_by_what_is_in_it(catalog: Catalog, dataset: Dataset) -> None:
    renamed = catalog.rename("existing", "pets")
    assert [path.name for path in catalog.root.iterdir()] == [renamed.name] == ["pets"]
    assert catalog.load("pets").info == renamed
    assert catalog.find("existing", dataset.fingerprint) == renamed
    assert catalog.find("pets", "0" * 32) is None
    assert catalog.find("../pets", dataset.fingerprint) == renamed
    assert catalog.rename("pets", "Pets").name == "Pets"


def test_the_named_one_of_two_alike_is_found(
    catalog: Catalog, dataset: Dataset, image_folder: MakeFolder
) -> None:
    import_folder(image_folder(), "again", catalog)
    for name in ("existing", "again"):
        match = catalog.find(name, dataset.fingerprint)
        assert match is not None
        assert match.name == name


@pytest.mark.parametrize("new", ["existing", "EXISTING", "../x", "", "pets.abcdefgh", "con"])
def test_a_name_that_cannot_be_had_renames_nothing(
    new: str, catalog: Catalog, dataset: Dataset, image_folder: MakeFolder, untouched: Untouched
) -> None:
    import_folder(image_folder(), "mine", catalog)
    with untouched(catalog.root), pytest.raises(DatasetError):
        catalog.rename("mine", new)


def test_what_sets_a_visitors_name_apart_stays(catalog: Catalog, dataset: Dataset) -> None:
    stored = stored_name("pets", "a job")
    catalog.root.joinpath("existing").rename(catalog.root / stored)
    assert catalog.info(stored).name == stored
    assert display_name(stored) == "pets"
    assert display_name(catalog.rename(stored, "cats").name) == "cats"
    assert [path.name for path in catalog.root.iterdir()] == [f"cats{suffix_of(stored)}"]


def test_two_visitors_may_call_theirs_alike() -> None:
    names = {stored_name("pets", f"job {number}") for number in range(100)}
    assert len(names) == 100
    assert {display_name(name) for name in names} == {"pets"}
    for name in names:
        check_name(name)
        with pytest.raises(DatasetError, match="got 'pets"):
            check_chosen_name(name)


def test_what_one_may_not_see_is_not_there(
    catalog: Catalog, dataset: Dataset, image_folder: MakeFolder
) -> None:
    import_folder(image_folder({"a": 9, "b": 9}), stored_name("pets", "x"), catalog)
    limited = Catalog(catalog.root, lambda info: info.name == "existing")
    assert [info.name for info in limited.infos()] == ["existing"]
    hidden = next(info for info in catalog.infos() if info.name != "existing")
    doors = (limited.info, limited.load, limited.delete, limited.renew_link_key)
    for door in (*doors, lambda name: limited.rename(name, "new")):
        with pytest.raises(DatasetError, match=r"^There is no data set 'pets'\. It may have"):
            door(hidden.name)
    assert limited.find(hidden.name, hidden.fingerprint) is None
    assert limited.free_name("pets") == "pets"
    limited.check_new_name("pets")
    (catalog.root / hidden.name / INFO_FILE).write_text("{")
    with pytest.raises(DatasetError, match=r"^There is no data set 'pets'"):
        limited.info(hidden.name)  # nor that it is damaged


def test_a_link_key_is_each_data_sets_own_and_can_be_renewed(
    catalog: Catalog, dataset: Dataset
) -> None:
    version = make_version(
        dataset, [LeaveOut(rows=(0,))], catalog, options=VersionOptions("version")
    )
    given = {dataset.info.link_key, version.info.link_key}
    assert len(given) == 2
    renewed = catalog.renew_link_key("existing")
    assert renewed.link_key not in given
    assert catalog.info("existing") == renewed
    assert renewed.link_key not in repr(renewed)
