"""Splits: exact shares of each class, the article's dice, splits that come with the data."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ann_core.datasets.split import SPLITS, SplitConfig, article_split, stratified_split
from ann_core.datasets.validation import check_splits
from ann_core.errors import ConfigError, DatasetError

ARTICLE = SplitConfig(rule="article")


@pytest.mark.parametrize(
    ("n_images", "expected"),
    [
        (11_249, (8_999, 1_125, 1_125)),
        (1_000, (800, 100, 100)),
        (10, (8, 1, 1)),
        (5, (3, 1, 1)),
    ],
)
def test_each_class_has_the_same_shares(n_images: int, expected: tuple[int, int, int]) -> None:
    labels = ["cat", "dog"] * n_images
    splits = stratified_split(labels, SplitConfig())
    for name in ("cat", "dog"):
        counts = Counter(s for label, s in zip(labels, splits, strict=True) if label == name)
        assert tuple(counts[split] for split in SPLITS) == expected


configs = st.builds(
    SplitConfig,
    train=st.floats(0.02, 0.6),
    validation=st.floats(0.02, 0.38),
    seed=st.integers(0, 99),
)
class_sizes = st.lists(st.integers(3, 60), min_size=1, max_size=4)


@given(class_sizes, configs)
def test_shares_are_exact_to_the_image(sizes: list[int], config: SplitConfig) -> None:
    labels = [name for name, size in zip("abcd", sizes, strict=False) for _ in range(size)]
    splits = stratified_split(labels, config)
    shares = (config.train, config.validation, 1 - config.train - config.validation)
    for name, size in zip("abcd", sizes, strict=False):
        counts = Counter(s for label, s in zip(labels, splits, strict=True) if label == name)
        assert min(counts[split] for split in SPLITS) >= 1
        for split, share in zip(SPLITS, shares, strict=True):
            # One off for rounding, one for each split that must not be empty.
            assert abs(counts[split] - share * size) <= 2


def test_no_share_is_so_small_that_training_has_no_image() -> None:
    config = SplitConfig(train=0.08, validation=0.9)
    counts = Counter(stratified_split(["cat"] * 5, config))
    assert counts == {"train": 1, "validation": 3, "test": 1}


def test_same_seed_same_split_and_another_seed_another() -> None:
    labels = ["cat", "dog"] * 50
    first = stratified_split(labels, SplitConfig(seed=1))
    assert stratified_split(labels, SplitConfig(seed=1)) == first
    assert stratified_split(labels, SplitConfig(seed=2)) != first


def test_the_seed_does_not_touch_the_global_dice() -> None:
    random.seed(7)
    expected = random.random()
    random.seed(7)
    article_split(10, ARTICLE)
    stratified_split(["cat"] * 10, SplitConfig())
    assert random.random() == expected


def test_classes_are_not_split_alike() -> None:
    splits = stratified_split(["cat"] * 50 + ["dog"] * 50, SplitConfig())
    assert splits[:50] != splits[50:]


def test_the_articles_rule_gives_the_articles_counts() -> None:
    counts = Counter(article_split(12_500, ARTICLE))
    assert tuple(counts[split] for split in SPLITS) == (10_016, 1_239, 1_245)


def test_the_articles_rule_is_the_articles_loop() -> None:
    random.seed(42)
    expected = []
    for _ in range(500):
        value = random.random()
        if value <= 0.8:
            expected.append("train")
        elif value <= 0.9:
            expected.append("validation")
        else:
            expected.append("test")
    assert article_split(500, ARTICLE) == expected


@given(st.lists(st.sampled_from([(c, s) for c in "ab" for s in SPLITS]), min_size=1))
def test_given_splits_are_kept(images: list[tuple[str, str]]) -> None:
    labels, splits = [label for label, _ in images], [split for _, split in images]
    drawn = stratified_split(labels, SplitConfig(), splits)
    for before, after in zip(splits, drawn, strict=True):
        # Only training images move, and only into a split that was missing.
        assert after == before or (before == "train" and after not in splits)
    if set(splits) == set(SPLITS):
        assert drawn == splits


def test_a_missing_split_is_drawn_from_training_in_proportion() -> None:
    labels = ["cat"] * 90 + ["cat"] * 300
    splits = ["train"] * 90 + ["test"] * 300
    drawn = Counter(stratified_split(labels, SplitConfig(), splits))
    # 0.8 to 0.1, however many images the given test split has.
    assert drawn == {"train": 80, "validation": 10, "test": 300}


def test_the_last_training_image_of_a_class_stays() -> None:
    labels = ["cat"] * 10 + ["dog"] * 10
    splits = ["train"] * 10 + ["train"] + ["test"] * 9
    drawn = stratified_split(labels, SplitConfig(), splits)
    assert drawn[10:] == splits[10:]
    assert "validation" in drawn[:10]


def test_images_without_a_given_split_are_for_training() -> None:
    drawn = stratified_split(["a", "a", "a"], SplitConfig(), [None, "validation", "test"])
    assert drawn == ["train", "validation", "test"]


def test_one_label_and_one_split_for_each_image() -> None:
    with pytest.raises(ValueError, match="zip"):
        stratified_split(["a", "b"], SplitConfig(), ["train"])


def test_shares_must_leave_a_test_split() -> None:
    with pytest.raises(ConfigError, match=r"must leave at least 0.02 for the test split"):
        SplitConfig.parse({"train": 0.9, "validation": 0.09})
    assert SplitConfig.parse({"train": 0.9, "validation": 0.08}).validation == 0.08
    assert SplitConfig.parse({"train": 0.7, "validation": 0.28}).validation == 0.28


@pytest.mark.parametrize("values", [{"train": 0.01}, {"train": 0.91}, {"seed": -1}, {"rule": "x"}])
def test_settings_out_of_bounds_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=f"Split settings: {next(iter(values))}: "):
        SplitConfig.parse(values)


def test_an_empty_split_is_refused() -> None:
    with pytest.raises(DatasetError, match=r"every split, but test gets none of the 2\. Add"):
        check_splits(["a", "b"], ["train", "validation"])


def test_a_class_without_training_images_is_refused() -> None:
    labels = ["a", "a", "a", "b", "b"]
    with pytest.raises(DatasetError, match=r"of every class, but 'b' has none: .* Put some"):
        check_splits(labels, ["train", "validation", "test", "test", "test"])
    check_splits(labels, ["train", "validation", "test", "train", "test"])
