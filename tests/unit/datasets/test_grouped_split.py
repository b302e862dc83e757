"""Images of one person, or that show the same, lie in one split."""

from __future__ import annotations

import re
import time
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.editing.edits import SplitAnew
from ann_core.datasets.group_patterns import groups_in_names
from ann_core.datasets.grouped_split import grouped_split
from ann_core.datasets.grouping import read_groups
from ann_core.datasets.importing.importer import ImportOptions, import_folder
from ann_core.datasets.split import SPLITS, SplitConfig
from ann_core.errors import ConfigError, DatasetError
from tests.helpers.editing import draw, draw_classes, version_of

SHARES = {"train": 0.8, "validation": 0.1, "test": 0.1}
BY_PATIENT = SplitConfig(group_pattern=r"(p\d+)_")


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 40)), min_size=1, max_size=150))
def test_no_group_is_torn_apart_and_training_has_every_class(
    pairs: list[tuple[str, int]],
) -> None:
    labels, groups = [label for label, _ in pairs], [group for _, group in pairs]
    splits = grouped_split(labels, groups, SHARES, seed=1)
    assert set(splits) <= set(SPLITS)
    for group in set(groups):
        assert len({s for s, g in zip(splits, groups, strict=True) if g == group}) == 1
    assert {x for x, s in zip(labels, splits, strict=True) if s == "train"} == set(labels)


def test_shares_and_classes_are_met_about() -> None:
    labels = [("cat", "dog")[number % 3 == 0] for number in range(3000)]
    groups = [number // 10 for number in range(3000)]
    splits = grouped_split(labels, groups, SHARES, seed=1)
    counts = Counter(zip(labels, splits, strict=True))
    for name, size in Counter(labels).items():
        for split, share in SHARES.items():
            assert abs(counts[name, split] / size - share) < 0.02
    assert splits == grouped_split(labels, groups, SHARES, seed=1)
    assert splits != grouped_split(labels, groups, SHARES, seed=2)


def test_single_images_are_split_as_without_groups() -> None:
    splits = grouped_split(["cat"] * 50 + ["dog"] * 5, list(range(55)), SHARES, seed=1)
    assert Counter(splits[:50]) == {"train": 40, "validation": 5, "test": 5}
    assert Counter(splits[50:]) == {"train": 3, "validation": 1, "test": 1}


@pytest.mark.parametrize("pattern", ["(", "a", "(a)(b)", "x" * 201, "(?P<n>a)(b)", r"(a)\2"])
def test_a_pattern_that_is_none_is_refused(pattern: str) -> None:
    with pytest.raises(ConfigError, match="group_pattern"):
        SplitConfig.parse({"group_pattern": pattern})


@pytest.mark.parametrize("pattern", ["(a+)+b", "(a|a)*b", "(?:a|aa)+(b)", "((?:a*)*)b"])
def test_a_pattern_that_takes_for_ever_is_ended(pattern: str) -> None:
    began = time.monotonic()
    with pytest.raises(DatasetError, match="was not through 1 file names after"):
        groups_in_names(pattern, ["a" * 60], seconds=0.4)
    assert time.monotonic() - began < 20


def test_a_pattern_finds_groups() -> None:
    names = ["kid-1/a.png", "kid-2/b.png", "else.png"]
    assert groups_in_names(r"kid-(\d)", names) == ["1", "2", None]
    with pytest.raises(DatasetError, match="finds no group in any of the 3 file names"):
        groups_in_names(r"(cow)", names)


def test_a_table_of_groups_goes_by_whole_names_or_their_last_parts() -> None:
    names = ["cat/1.png", "dog/1.png", "dog/2.png"]
    table = b"\xef\xbb\xbfGroup;Source\nanna;cat/1.png\nben;2.png\nnobody;1.png\n"
    assert read_groups(table, names) == ["anna", "", "ben"]
    for sources in (("pets/cat/1.png", "pets/dog/1.png"), (r".\cat\1.png", "./dog/1.png")):
        table = f"source\tgroup\n{sources[0]}\tanna\n{sources[1]}\tben\n".encode()
        assert read_groups(table, names) == ["anna", "ben", ""], "folders around them"
        wrapped = [f"around/it/{name}" for name in names]
        assert read_groups(b"source,group\ncat/1.png,anna\n", wrapped) == ["anna", "", ""]
    for content in (b"", b"a,b\n1,2\n", b"\xff\xfe", b"source\nx\n"):
        with pytest.raises(DatasetError, match="with the columns source and group"):
            read_groups(content, names)
    with pytest.raises(DatasetError, match="none of them is among the 3 pictures"):
        read_groups(b"source,group\nother.png,anna\n", names)


def test_patients_stay_together_at_an_import_and_when_it_is_split_anew(
    tmp_path: Path, catalog: Catalog
) -> None:
    folder = draw_classes(tmp_path / "pets")
    dataset = import_folder(folder, "pets", catalog, options=ImportOptions(BY_PATIENT))
    assert not torn(dataset.images)
    assert set(dataset.images["split"]) == set(SPLITS)
    others = set()
    for seed in (5, 6, 7):
        edit = SplitAnew(split=BY_PATIENT.model_copy(update={"seed": seed}))
        anew = version_of(dataset, catalog, edit, name=f"seed-{seed}")
        assert not torn(anew.images)
        others.add(anew.fingerprint)
    assert len(others | {dataset.fingerprint}) > 1


def test_a_table_beside_the_pictures_counts_and_is_kept(tmp_path: Path, catalog: Catalog) -> None:
    folder = draw_classes(tmp_path / "pets")
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*.png")]
    lines = [f"{name},{re.findall(r'p[0-9]', name)[0]}" for name in names]
    (folder / "groups.csv").write_text("\n".join(["source,group", *lines]))
    config = SplitConfig(group_table=True)
    dataset = import_folder(folder, "pets", catalog, options=ImportOptions(config))
    assert not torn(dataset.images)
    anew = version_of(dataset, catalog, SplitAnew(split=SplitConfig(group_table=True, seed=9)))
    assert not torn(anew.images)
    (folder / "groups.csv").unlink()
    with pytest.raises(DatasetError, match=r"Expected a table 'groups\.csv' beside the pictures"):
        import_folder(folder, "more", catalog, options=ImportOptions(config))


def test_copies_stay_together(tmp_path: Path, catalog: Catalog) -> None:
    folder = draw_classes(tmp_path / "pets")
    for name in ("cat", "dog"):
        for path in list((folder / name).glob("*.png"))[:6]:
            (folder / name / f"copy_{path.name}").write_bytes(path.read_bytes())
    together = SplitConfig(duplicates=True)
    dataset = import_folder(folder, "pets", catalog, options=ImportOptions(together))
    plain = import_folder(folder, "plain", catalog)
    anew = version_of(plain, catalog, SplitAnew(split=together))
    for images in (dataset.images, anew.images):
        assert (images.groupby("sha256")["split"].nunique() == 1).all()
    assert (plain.images.groupby("sha256")["split"].nunique() > 1).any()
    assert not list(catalog.root.rglob("pixels.bin"))


def test_a_test_split_that_came_stays_to_the_image(tmp_path: Path, catalog: Catalog) -> None:
    folder = tmp_path / "given"
    for split in ("train", "test"):
        draw_classes(folder, split)
    dataset = import_folder(folder, "given", catalog)
    assert dataset.info.split.given == ("train", "test")
    test = set(dataset.images["sha256"][dataset.images["split"] == "test"])
    anew = version_of(dataset, catalog, SplitAnew(split=SplitConfig(train=0.4, seed=3)))
    assert set(anew.images["sha256"][anew.images["split"] == "test"]) == test
    counts = Counter(anew.images["split"])
    assert (counts["train"], counts["validation"]) == (30, 6)
    assert anew.info.split.keeps_test
    assert anew.info.changes[0].endswith("the test split that came with the pictures stays")
    again = version_of(anew, catalog, SplitAnew(split=SplitConfig(seed=4)), name="again")
    assert set(again.images["sha256"][again.images["split"] == "test"]) == test
    with pytest.raises(DatasetError, match="dividing as in the article"):
        version_of(anew, catalog, SplitAnew(split=SplitConfig(rule="article")), name="dice")


def test_who_is_in_the_test_split_that_came_is_nowhere_else(
    tmp_path: Path, catalog: Catalog
) -> None:
    folder = tmp_path / "given"
    draw_classes(folder, "train")
    for index in range(5):
        for name in ("cat", "dog", "emu"):
            draw(folder / "test" / name / f"p0_t{index}.png", 7000 + index + len(name) * 100)
    dataset = import_folder(folder, "given", catalog)
    version = version_of(dataset, catalog, SplitAnew(split=BY_PATIENT))
    assert not torn(version.images)
    assert Counter(version.images["split"])["test"] == 15
    assert len(version) == len(dataset) - 6
    assert set(version.skipped["reason"]) == {
        "others of its group are in a split that came with the pictures"
    }


def test_too_few_groups_are_a_sentence(tmp_path: Path, catalog: Catalog) -> None:
    dataset = import_folder(draw_classes(tmp_path / "pets"), "pets", catalog)
    with pytest.raises(DatasetError, match=r"three groups or more, .* 36 pictures are 1"):
        version_of(dataset, catalog, SplitAnew(split=SplitConfig(group_pattern=r"(p)\d")))


def torn(images: pd.DataFrame) -> bool:
    """Whether a patient is in two splits."""
    patients = images["source"].str.extract(r"(p\d)_")[0]
    return bool((images.groupby(patients)["split"].nunique() > 1).any())
