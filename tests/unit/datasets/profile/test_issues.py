"""Every kind of fault, planted once among sound images: found, and nothing else."""

from __future__ import annotations

from typing import get_args

import pytest
from PIL import Image

from ann_core.datasets.dataset import Dataset
from ann_core.datasets.profile.issues import RULES, Kind
from ann_core.datasets.profile.profile import DatasetProfile, profile_dataset
from tests.helpers.profile_images import (
    blurred,
    import_files,
    jpeg,
    near_copy,
    photograph,
    rows_of,
    signboard,
    sound_files,
)

FAULTS = {
    "train/cat/copy.jpg": jpeg(photograph(0)),
    "test/dog/leak.jpg": jpeg(photograph(6)),
    "train/dog/conflict.jpg": jpeg(photograph(2)),
    "train/cat/near.jpg": near_copy(photograph(10)),
    "validation/dog/near-leak.jpg": near_copy(photograph(15)),
    "train/dog/near-conflict.jpg": near_copy(photograph(20)),
    "train/cat/dark.jpg": jpeg(photograph(101, low=0, high=70)),
    "train/cat/black.png": jpeg(Image.new("RGB", (64, 48))),
    "train/dog/bright.jpg": jpeg(photograph(102, low=190, high=255)),
    "train/dog/sign.jpg": jpeg(signboard()),
    "train/cat/blurred.jpg": jpeg(blurred(photograph(103))),
    "train/cat/wide.jpg": jpeg(photograph(104).resize((200, 30))),
    "train/cat/tiny.jpg": jpeg(photograph(105).resize((13, 11))),
    "train/cat/huge.jpg": jpeg(photograph(106).resize((400, 300), Image.Resampling.NEAREST)),
}
GROUPS = {
    "exact_duplicate": [
        ("train/cat/0.jpg", "train/cat/copy.jpg"),
        ("train/dog/6.jpg", "test/dog/leak.jpg"),
        ("train/cat/2.jpg", "train/dog/conflict.jpg"),
    ],
    "near_duplicate": [
        ("train/cat/10.jpg", "train/cat/near.jpg"),
        ("train/dog/15.jpg", "validation/dog/near-leak.jpg"),
        ("train/cat/20.jpg", "train/dog/near-conflict.jpg"),
    ],
    "leak": [
        ("train/dog/6.jpg", "test/dog/leak.jpg"),
        ("train/dog/15.jpg", "validation/dog/near-leak.jpg"),
    ],
    "conflict": [
        ("train/cat/2.jpg", "train/dog/conflict.jpg"),
        ("train/cat/20.jpg", "train/dog/near-conflict.jpg"),
    ],
}
SINGLES = {
    "dark": ["train/cat/dark.jpg", "train/cat/black.png"],
    "bright": ["train/dog/bright.jpg", "train/dog/sign.jpg"],
    "empty": ["train/cat/black.png", "train/dog/sign.jpg"],
    "blurry": ["train/cat/blurred.jpg"],
    "odd_size": ["train/cat/wide.jpg", "train/cat/tiny.jpg", "train/cat/huge.jpg"],
}


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return import_files(sound_files() | FAULTS, tmp_path_factory.mktemp("faulty"))


@pytest.fixture(scope="module")
def profile(faulty: Dataset, tmp_path_factory: pytest.TempPathFactory) -> DatasetProfile:
    return profile_dataset(faulty, tmp_path_factory.mktemp("surveys"))


@pytest.mark.parametrize("kind", GROUPS)
def test_planted_groups_are_found_and_no_others(
    kind: Kind, faulty: Dataset, profile: DatasetProfile
) -> None:
    groups = {frozenset(issue.rows) for issue in profile.issues_of(kind)}
    assert groups == {frozenset(rows_of(faulty, *names)) for names in GROUPS[kind]}
    assert all(issue.rows == tuple(sorted(issue.rows)) for issue in profile.issues_of(kind))


@pytest.mark.parametrize("kind", SINGLES)
def test_planted_images_are_found_and_no_others(
    kind: Kind, faulty: Dataset, profile: DatasetProfile
) -> None:
    assert set(profile.rows_of(kind).tolist()) == rows_of(faulty, *SINGLES[kind])
    for issue in profile.issues_of(kind):
        assert issue.leave_out == issue.rows
        assert len(issue.rows) == 1


def test_sound_images_have_no_issue(tmp_path_factory: pytest.TempPathFactory) -> None:
    sound = import_files(sound_files(), tmp_path_factory.mktemp("sound"))
    assert profile_dataset(sound, tmp_path_factory.mktemp("surveys")).issues == ()


@pytest.mark.parametrize(
    ("kind", "gone"),
    [
        ("exact_duplicate", ["train/cat/copy.jpg", "train/dog/6.jpg", "train/dog/conflict.jpg"]),
        ("leak", ["train/dog/6.jpg", "train/dog/15.jpg"]),
        (
            "conflict",
            [
                *("train/cat/2.jpg", "train/dog/conflict.jpg"),
                *("train/cat/20.jpg", "train/dog/near-conflict.jpg"),
            ],
        ),
    ],
)
def test_one_copy_is_kept_the_tested_one_and_none_of_a_conflict(
    kind: Kind, gone: list[str], faulty: Dataset, profile: DatasetProfile
) -> None:
    assert set(profile.leave_out(kind).tolist()) == rows_of(faulty, *gone)


def test_what_is_kept_has_no_copy_and_no_leak(faulty: Dataset, profile: DatasetProfile) -> None:
    for issue in profile.issues:
        stays = set(issue.rows) - set(issue.leave_out)
        assert len(stays) == (
            1 if issue.kind in {"exact_duplicate", "near_duplicate", "leak"} else 0
        )


def test_details_say_what_was_measured(faulty: Dataset, profile: DatasetProfile) -> None:
    details = {(issue.kind, *issue.rows): issue.detail for issue in profile.issues}

    def detail_of(kind: Kind, name: str) -> str:
        (row,) = rows_of(faulty, name)
        return details[kind, row]

    assert detail_of("dark", "train/cat/black.png") == "19 of 20 pixels are 0 of 255 or darker"
    assert detail_of("bright", "train/dog/sign.jpg").endswith("of 255 or brighter")
    assert detail_of("empty", "train/cat/black.png") == "100% of the pixels are equally bright"
    assert detail_of("odd_size", "train/cat/tiny.jpg") == "13 x 11, usually 64 x 48"
    leaks = {issue.detail for issue in profile.issues_of("leak")}
    assert leaks == {"in test and train", "in train and validation"}
    assert {issue.detail for issue in profile.issues_of("conflict")} == {"in cat and dog"}


def test_issues_come_by_kind_and_the_worst_image_first(profile: DatasetProfile) -> None:
    kinds = [issue.kind for issue in profile.issues]
    assert list(RULES) == list(get_args(Kind))
    # Noise has no class that could be told, so no label of it is doubted.
    assert [k for k in RULES if k != "label_mistake"] == list(dict.fromkeys(kinds))
    assert kinds == sorted(kinds, key=list(RULES).index)
    by_row = profile.measures
    for kind, column in (("dark", "bright_end"), ("empty", "contrast"), ("blurry", "sharpness")):
        values = [by_row[column][issue.rows[0]] for issue in profile.issues_of(kind)]
        assert values == sorted(values)


def test_black_strokes_on_white_are_not_empty(tmp_path_factory: pytest.TempPathFactory) -> None:
    stroke = Image.new("L", (28, 28), 255)
    stroke.paste(0, (13, 4, 15, 24))  # 5 % of the pixels, as of a written 1
    files = sound_files() | {"train/cat/stroke.jpg": jpeg(stroke, quality=100)}
    dataset = import_files(files, tmp_path_factory.mktemp("strokes"))
    profile = profile_dataset(dataset, tmp_path_factory.mktemp("surveys"))
    assert profile.issues_of("empty") == ()
