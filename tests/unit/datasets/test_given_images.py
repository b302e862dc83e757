"""Images that are given class by class, and folders that are emptied into a data set."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.importing.importer import ImportOptions, import_folder, import_images
from ann_core.datasets.split import SplitConfig, article_split
from ann_core.datasets.validation import check_given
from ann_core.errors import DatasetError

if TYPE_CHECKING:
    from tests.unit.conftest import MakeFolder, Untouched

Given = dict[str, list[tuple[str, bytes | Path]]]


def image(shade: int) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (6, 5), (shade, 0, 0)).save(content, "PNG")
    return content.getvalue()


def pets(n_images: int = 6) -> Given:
    return {
        "cat": [(f"{number}.png", image(number)) for number in range(n_images)],
        "dog": [(f"{number}.png", image(100 + number)) for number in range(n_images)],
    }


def test_they_become_what_folders_of_them_would(catalog: Catalog, tmp_path: Path) -> None:
    folder = tmp_path / "pets"
    for class_name, files in pets().items():
        (folder / class_name).mkdir(parents=True)
        for name, content in files:
            assert isinstance(content, bytes)
            (folder / class_name / name).write_bytes(content)
    dataset = import_images(pets(), "given", catalog)
    twin = import_folder(folder, "twin", catalog)
    assert dataset.fingerprint == twin.fingerprint
    assert dataset.images.equals(twin.images)
    assert dataset.info.counts == twin.info.counts
    assert dataset.info.source == "pictures given by class"


def test_bytes_and_paths_are_one(
    catalog: Catalog, image_folder: MakeFolder, untouched: Untouched
) -> None:
    folder = image_folder({"cat": 6, "dog": 6})
    paths: Given = {
        name: [(path.name, path) for path in (folder / name).iterdir()] for name in ("cat", "dog")
    }
    contents: Given = {
        name: [(file, path.read_bytes()) for file, path in files if isinstance(path, Path)]
        for name, files in paths.items()
    }
    with untouched(folder):
        dataset = import_images(paths, "paths", catalog, options=ImportOptions(source="upload"))
    assert dataset.info.source == "upload"
    assert import_images(contents, "contents", catalog).fingerprint == dataset.fingerprint


def test_the_order_in_which_they_are_given_makes_no_difference(catalog: Catalog) -> None:
    dataset = import_images(pets(), "pets", catalog)
    backwards = {name: files[::-1] for name, files in reversed(pets().items())}
    assert import_images(backwards, "backwards", catalog).fingerprint == dataset.fingerprint


def test_files_of_the_same_name_are_numbered(catalog: Catalog) -> None:
    given = pets()
    given["cat"] += [("0.png", image(50)), ("0 (2).png", image(51)), ("0.png", b"")]
    given["cat"] += [("camera", image(52)), ("camera", b"x"), ("..", b""), ("..", b"")]
    dataset = import_images(given, "pets", catalog)
    names = set(dataset.images["source"]) - {f"{c}/{n}.png" for c in given for n in range(6)}
    assert names == {"cat/0 (2).png", "cat/0 (2) (2).png", "cat/camera"}
    assert dict(dataset.skipped.itertuples(index=False)) == {
        "cat/0 (3).png": "the file is empty (0 bytes)",
        "cat/camera (2)": "its name does not end like a picture's",
    }


def test_many_files_of_one_name_are_many_names(catalog: Catalog) -> None:
    given: Given = {name: [("x.txt", b"")] * 4_000 for name in ("cat", "dog")}
    given = {name: files + pets()[name] for name, files in given.items()}
    dataset = import_images(given, "pets", catalog)
    assert dataset.info.n_found == 8_012
    assert dataset.skipped["source"].is_unique


def test_what_cannot_be_used_is_listed_and_litter_is_not(catalog: Catalog, tmp_path: Path) -> None:
    given = pets()
    given["dog"] += [("words.jpg", b"a dog, in words"), ("gone.png", tmp_path / "gone.png")]
    given["dog"] += [("notes.txt", b"x"), ("Thumbs.db", b"x"), (".hidden.png", image(1))]
    given["dog"] += [("deeper/deeper/1.png", image(60))]
    dataset = import_images(given, "pets", catalog)
    assert dict(dataset.skipped.itertuples(index=False)) == {
        "dog/notes.txt": "its name does not end like a picture's",
        "dog/words.jpg": "it is text, no picture",
        "dog/gone.png": "it cannot be read (No such file or directory)",
    }
    assert (dataset.info.n_images, dataset.info.n_found) == (13, 16)
    assert all(dataset.path(row).is_relative_to(catalog.root) for row in range(13))


def test_the_articles_rule_holds_for_them_too(catalog: Catalog) -> None:
    by_article = ImportOptions(SplitConfig(rule="article"))
    dataset = import_images(pets(60), "pets", catalog, options=by_article)
    assert dataset.images["split"].tolist() == 2 * article_split(60, SplitConfig())


def test_spaces_around_a_class_name_do_not_count(catalog: Catalog) -> None:
    dataset = import_images({f" {c}\t": files for c, files in pets().items()}, "pets", catalog)
    assert dataset.class_names == ("cat", "dog")
    assert dataset.images["source"].str.match(r"(cat|dog)/\d\.png").all()


@pytest.mark.parametrize(
    ("class_names", "words"),
    [
        (["", "dog"], "'' is empty"),
        (["  ", "dog"], "'' is empty"),
        (["cat/dog", "dog"], "'cat/dog' holds a slash"),
        (["cat\\dog", "dog"], r"'cat\\\\dog' holds a slash"),
        ([101 * "c", "dog"], "'c{40}' has 101 letters"),
        (["ca\nt", "dog"], r"'ca\\nt' holds a character that cannot be seen"),
        (["ca\u202et", "dog"], "holds a character that cannot be seen"),
        ([".cat", "dog"], r"'\.cat' is a name of hidden files"),
        (["..", "dog"], r"'\.\.' is a name of hidden files"),
        (["__MACOSX", "dog"], "'__MACOSX' is a name of hidden files"),
        (["dog", " dog"], "'dog' is there twice"),
        (["", "a/b", "dog"], r"'' is empty; 'a/b' holds a slash\. Change it\."),
    ],
)
def test_names_that_no_class_can_have_are_refused(
    class_names: list[str], words: str, catalog: Catalog, untouched: Untouched
) -> None:
    catalog.root.mkdir(parents=True)
    given = {name: pets()["cat"] for name in class_names}
    sentence = f"Expected a name of 1 to 100 letters for each class, such as 'cat', but .*{words}"
    with untouched(catalog.root), pytest.raises(DatasetError, match=sentence):
        import_images(given, "pets", catalog)


@pytest.mark.parametrize(
    ("given", "name", "words"),
    [
        ({}, "pets", "found no readable picture"),
        ({"cat": []}, "pets", "found no readable picture"),
        ({"cat": pets()["cat"]}, "pets", "two classes or more, but found only 'cat'"),
        (pets(4), "pets", "at least 5 readable pictures of each class"),
        (pets(), "a/b", "Expected a data set name"),
        (pets(), "existing", "There is a data set 'existing' already"),
    ],
)
def test_the_rules_of_folders_hold(
    given: Given,
    name: str,
    words: str,
    catalog: Catalog,
    dataset: object,
    untouched: Untouched,
) -> None:
    with untouched(catalog.root), pytest.raises(DatasetError, match=words):
        import_images(given, name, catalog)


def test_an_import_that_is_stopped_leaves_nothing(catalog: Catalog, untouched: Untouched) -> None:
    catalog.root.mkdir(parents=True)

    def stop(done: int, total: int) -> None:
        assert total == 12
        if done == 7:
            raise KeyboardInterrupt

    with untouched(catalog.root), pytest.raises(KeyboardInterrupt):
        import_images(pets(), "pets", catalog, progress=stop)


def test_a_folder_can_be_emptied_instead_of_copied(
    catalog: Catalog, image_folder: MakeFolder
) -> None:
    folder = image_folder({"cat": 6, "dog": 6})
    (folder / "cat" / "words.png").write_text("no picture")
    kept = import_folder(folder, "kept", catalog)
    moved = import_folder(folder, "moved", catalog, move=True)
    assert moved.fingerprint == kept.fingerprint
    assert [path.name for path in folder.rglob("*") if path.is_file()] == ["words.png"]
    assert all(moved.path(row).is_file() for row in range(len(moved)))


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ({"apple": 6, "pear": 4}, "'pear' has 4"),
        ({"apple": 6, "pear": 6, "plum": 0}, "'plum' has no pictures"),
        ({"apple": 6}, "only 'apple' was given"),
        ({}, "two classes or more"),
        ({"": 6, "pear": 6}, "'' is empty"),
    ],
)
def test_what_is_given_is_checked_before_it_is_sent(counts: dict[str, int], words: str) -> None:
    with pytest.raises(DatasetError, match=re.escape(words)):
        check_given(counts)
    check_given({"apple": 5, "pear": 5})
