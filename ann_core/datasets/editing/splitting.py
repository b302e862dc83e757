"""Divide the images of a version anew."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from ann_core.datasets.dataset import GROUP
from ann_core.datasets.dividing import TORN_REASON, divide
from ann_core.datasets.editing.draft import Draft
from ann_core.datasets.editing.edits import SplitAnew
from ann_core.datasets.grouping import read_groups
from ann_core.datasets.importing.uploads import stored_images
from ann_core.datasets.profile.copies import find_copies
from ann_core.datasets.profile.duplicates import exact_groups
from ann_core.datasets.split import SplitConfig, article_split
from ann_core.errors import DatasetError
from ann_core.files import counted


def split_anew(draft: Draft, edit: SplitAnew) -> Draft:
    """Give every image another split by a rule; a test split that came with them stays.

    Raises
    ------
    DatasetError
        If the article's dice are to divide what has a test split of its own, or the groups
        that are asked for are not to be found.
    """
    images, keeps_test = _with_groups(draft, edit), draft.split.keeps_test
    given = ["test" if keeps_test and split == "test" else None for split in images["split"]]
    splits: list[str | None]
    if edit.split.rule == "article":
        splits, config = _by_article(images, edit.split, keeps_test=keeps_test)
    else:
        splits, config = divide(images, edit.split, given, copies=lambda: _copies(draft))
    divided = images.assign(split=pd.Series(splits, index=images.index, dtype=object))
    draft = draft.noted(_line(config), images=divided, split=config)
    torn = divided["split"].isna()
    if torn.any():
        line = f"{counted(int(torn.sum()))} left out, for {TORN_REASON.removeprefix('others')}"
        draft = draft.without(torn, TORN_REASON, line.replace("for ", "for others", 1))
    return draft


def describe_split(config: SplitConfig) -> str:
    """Say in a few words how images are divided."""
    shares = (config.train, config.validation, 1.0 - config.train - config.validation)
    words = [" / ".join(f"{100 * share:.3g}" for share in shares), f"seed {config.seed}"]
    words += ["copies kept together"] * config.duplicates
    words += [f"groups by the pattern {config.group_pattern}"] * bool(config.group_pattern)
    words += ["groups by a table"] * config.group_table
    return ", ".join(words)


def describe_rule(config: SplitConfig) -> str:
    """Say by which rule the images of a data set were divided, and what came divided."""
    if config.rule == "article":
        return f"Divided at random as in the article ({describe_split(config)})"
    if config.rule == "stratified":
        kept = "; the test split came with the pictures" if config.keeps_test else ""
        words = describe_split(config)
        return f"Divided at random, in the same shares for each class ({words}{kept})"
    chosen = [split for split in ("validation", "test") if split not in config.given]
    if not config.given or not chosen:
        return "Split as the data came"
    return f"Split as the data came; {' and '.join(chosen)} chosen by chance (seed {config.seed})"


def _line(config: SplitConfig) -> str:
    rule = " at random as in the article" if config.rule == "article" else ""
    kept = "; the test split that came with the pictures stays" if config.keeps_test else ""
    return f"split anew{rule}: {describe_split(config)}{kept}"


def _with_groups(draft: Draft, edit: SplitAnew) -> pd.DataFrame:
    """Put uploaded groups into the table."""
    if not edit.upload or draft.options.uploads_dir is None:
        return draft.images
    files = stored_images(draft.options.uploads_dir, edit.upload)
    [(_, content), *_] = next(iter(files.values()))
    table = content if isinstance(content, bytes) else content.read_bytes()
    return draft.images.assign(**{GROUP: read_groups(table, draft.images["source"].tolist())})


def _by_article(
    images: pd.DataFrame, config: SplitConfig, *, keeps_test: bool
) -> tuple[list[str | None], SplitConfig]:
    if keeps_test:
        raise DatasetError(
            "The test split came with the pictures and stays as it is, and dividing as "
            "in the article would make another. Split by the stratified rule."
        )
    labels, splits = images["class_name"].to_numpy(), np.empty(len(images), dtype=object)
    for name in set(labels.tolist()):
        splits[labels == name] = article_split(int((labels == name).sum()), config)
    return splits.tolist(), config


def _copies(draft: Draft) -> Iterable[Sequence[int]]:
    """Find groups of images that show the same, as positions in the table of the draft."""
    position = {row: index for index, row in enumerate(draft.images.index)}
    assert draft.folder is not None
    groups = find_copies(
        draft.parent,
        draft.folder.parent,
        profiles_dir=draft.options.profiles_dir,
        progress=draft.progress,
    )
    for rows in groups:
        yield [position[row] for row in rows if row in position]
    yield from (group.rows for group in exact_groups(draft.images))  # added ones too
