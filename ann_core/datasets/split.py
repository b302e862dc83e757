"""Divide images into training, validation and test.

The network learns from the first, we choose between networks by the second,
and the third is looked at once, at the very end.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, field_validator, model_validator

from ann_core.config import Config
from ann_core.datasets.group_patterns import MAX_PATTERN, check_pattern
from ann_core.datasets.grouped_split import grouped_split

SPLITS = ("train", "validation", "test")
SPLIT_NAMES = {"train": "training", "validation": "validation", "test": "test"}
"""What people call them."""

SplitName = Literal["train", "validation", "test"]
Share = Annotated[float, Field(ge=0.02, le=0.9)]


class SplitConfig(Config):
    """Which rule divides the images.

    Attributes
    ----------
    rule : "stratified", "article" or "given"
        Stratified keeps the share of each class exact. Article walks through
        the images of a class and throws ``random.random()`` for each. Given
        means that the data came with folders for the splits.
    train, validation : float
        Shares of the images, 0..1; the rest is test.
    seed : int
        Same seed, same split. The article's is 42.
    given : tuple of str
        Splits that came with the data. Sets from before this was noted, with the rule "given",
        count as if their test split had.
    duplicates : bool
        Whether images that show the same, or nearly, are kept in one split.
    group_pattern : str
        Regular expression with one group that finds the name of a person, or of whatever must
        not be in two splits, in the name of a file; "" for none. See
        `ann_core.datasets.grouping`.
    group_table : bool
        Whether a table that came with the images names their groups.
    """

    rule: Literal["stratified", "article", "given"] = "stratified"
    train: Share = 0.8
    validation: Share = 0.1
    seed: int = Field(default=42, ge=0, le=2**32 - 1)
    given: tuple[SplitName, ...] = ()
    duplicates: bool = False
    group_pattern: str = Field(default="", max_length=MAX_PATTERN)
    group_table: bool = False

    @model_validator(mode="after")
    def _leaves_a_test_set(self) -> SplitConfig:
        if self.train + self.validation > 0.98 + 1e-9:
            raise ValueError("train and validation must leave at least 0.02 for the test split")
        return self

    @model_validator(mode="after")
    def _has_groups_only_by_shares(self) -> SplitConfig:
        if self.grouped and self.rule == "article":
            raise ValueError("the article's split knows no groups; expected the rule stratified")
        return self

    @field_validator("group_pattern")
    @classmethod
    def _has_one_group(cls, pattern: str) -> str:
        check_pattern(pattern)
        return pattern

    @property
    def grouped(self) -> bool:
        """Whether some images must lie in one split."""
        return self.duplicates or bool(self.group_pattern) or self.group_table

    @property
    def keeps_test(self) -> bool:
        """Whether the test split came with the data, and stays as it is."""
        return "test" in self.given or (self.rule == "given" and not self.given)


def article_split(n_images: int, config: SplitConfig) -> list[str]:
    """Split the `n_images` images of one class by the article's rule.

    One ``random.random()`` an image, the generator started anew for each
    class: up to 0.8 train, up to 0.9 validation, else test.

    Returns
    -------
    list of str, length n_images
        "train", "validation" or "test".
    """
    throw = random.Random(config.seed).random  # Mersenne Twister, as the article's
    bounds = (config.train, config.train + config.validation)
    return [_by_throw(throw(), *bounds) for _ in range(n_images)]


def stratified_split(
    labels: Sequence[str],
    config: SplitConfig,
    given: Sequence[str | None] | None = None,
    *,
    groups: Sequence[int] | None = None,
) -> list[str]:
    """Split so that each class has the same shares, to the image.

    Each class with at least three images to divide gets one or more in every
    split; a class with fewer has the first in train.

    Parameters
    ----------
    labels : sequence of str, length n_images
        Class of each image.
    given : sequence of str or None, optional
        Splits that came with the data. They are kept; a split that is missing
        from them is drawn out of the training images, so that its size and
        theirs are in the proportion of their shares.
    groups : sequence of int, optional
        Images with the same number lie in one split, see `grouped_split`. Those of splits that
        are given do not move.

    Returns
    -------
    list of str, length n_images
    """
    splits = ["train"] * len(labels) if given is None else [split or "train" for split in given]
    missing = {"validation": config.validation, "test": 1.0 - config.train - config.validation}
    missing = {split: share for split, share in missing.items() if split not in splits}
    whole = config.train + sum(missing.values())
    shares = {split: share / whole for split, share in missing.items()}
    if groups is not None and shares:
        return _by_groups(labels, splits, groups, shares=shares, seed=config.seed)
    by_class: dict[str, list[int]] = defaultdict(list)
    for index, (label, split) in enumerate(zip(labels, splits, strict=True)):
        if split == "train":
            by_class[label].append(index)
    for number, label in enumerate(sorted(by_class)):
        rng = np.random.default_rng([config.seed, number])
        order = rng.permutation(by_class[label]).tolist()
        for split, n_drawn in _n_drawn(len(order), shares).items():
            for index in order[:n_drawn]:
                splits[index] = split
            order = order[n_drawn:]
    return splits


def _by_groups(
    labels: Sequence[str],
    splits: list[str],
    groups: Sequence[int],
    *,
    shares: dict[str, float],
    seed: int,
) -> list[str]:
    """Draw the missing splits out of train, whole groups at a time."""
    free = [index for index, split in enumerate(splits) if split == "train"]
    all_shares = {"train": 1.0 - sum(shares.values()), **shares}
    drawn = grouped_split(
        [labels[index] for index in free], [groups[index] for index in free], all_shares, seed=seed
    )
    for index, split in zip(free, drawn, strict=True):
        splits[index] = split
    return splits


def _n_drawn(n_images: int, shares: dict[str, float]) -> dict[str, int]:
    """How many of the `n_images` of a class leave train; at least one stays."""
    # Rounded first, for 1 - 0.8 - 0.1 is a little less than 0.1.
    n_drawn = {s: max(1, round(round(share * n_images, 6))) for s, share in shares.items()}
    while n_drawn and sum(n_drawn.values()) >= n_images:
        largest = max(n_drawn, key=lambda split: n_drawn[split])
        n_drawn[largest] -= 1
    return n_drawn


def _by_throw(value: float, train: float, validation: float) -> str:
    return "train" if value <= train else "validation" if value <= validation else "test"
