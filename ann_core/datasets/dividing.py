"""Divide all images of a data set by its rule: splits that came stay, groups stay together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

import pandas as pd

from ann_core.datasets.grouping import group_numbers
from ann_core.datasets.split import SPLITS, SplitConfig, stratified_split
from ann_core.errors import DatasetError

TORN_REASON = "others of its group are in a split that came with the pictures"
"""Why an image is left out that would be of a group in two splits."""

_RANK = {"test": 2, "validation": 1}


def divide(
    images: pd.DataFrame,
    config: SplitConfig,
    given: Sequence[str | None],
    *,
    copies: Callable[[], Iterable[Sequence[int]]],
) -> tuple[list[str | None], SplitConfig]:
    """Give every image a split, by stratified chance where none is given.

    Parameters
    ----------
    images : DataFrame
        With columns class_name and source, see `ann_core.datasets.grouping.group_numbers`.
    given : sequence of str or None
        Splits that came with the images. Those of validation and test stay; what is given for
        training is drawn from, if another split is missing.

    Returns
    -------
    splits : list of str or None
        None for an image that must be left out, for others of its group are in a given split
        for validation or test: it cannot be in two, and those stay as they came.
    config : SplitConfig
        With the splits that were given.

    Raises
    ------
    DatasetError
        If the groups that are asked for are not to be found, or too few for three splits.
    """
    came = tuple(split for split in SPLITS if split in set(given))
    config = config.model_copy(update={"given": came})
    labels = images["class_name"].tolist()
    numbers = group_numbers(images, config, copies)
    if numbers is None:
        return list(stratified_split(labels, config, given if came else None)), config
    _check_number(len(set(numbers)), len(images))
    torn = _torn(numbers, given)
    whole = [row for row in range(len(labels)) if row not in torn]
    drawn = stratified_split(
        [labels[row] for row in whole],
        config,
        [given[row] for row in whole],
        groups=[numbers[row] for row in whole],
    )
    splits: list[str | None] = [None] * len(labels)
    for row, split in zip(whole, drawn, strict=True):
        splits[row] = split
    return splits, config


def _torn(numbers: Sequence[int], given: Sequence[str | None]) -> set[int]:
    """Find the images whose group has others in a given split that ranks higher."""
    highest: dict[int, int] = defaultdict(int)
    ranks = [_RANK.get(split or "", 0) for split in given]
    for number, rank in zip(numbers, ranks, strict=True):
        highest[number] = max(highest[number], rank)
    pairs = enumerate(zip(numbers, ranks, strict=True))
    return {row for row, (number, rank) in pairs if rank < highest[number]}


def _check_number(n_groups: int, n_images: int) -> None:
    if n_groups < len(SPLITS):
        raise DatasetError(
            f"Expected three groups or more, one for each split at least, but the {n_images:,} "
            f"pictures are {n_groups:,}. Group them in another way."
        )
