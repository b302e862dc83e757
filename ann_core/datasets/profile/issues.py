"""From measures and groups to what is wrong: one rule a kind, each in a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from ann_core.datasets.profile.duplicates import Group
from ann_core.datasets.profile.label_mistakes import LabelMistakes

Kind = Literal[
    "exact_duplicate",
    "near_duplicate",
    "leak",
    "conflict",
    "label_mistake",
    "dark",
    "bright",
    "empty",
    "blurry",
    "odd_size",
]

DARK, BRIGHT = 80, 175  # of 255
EMPTY_SHARE, EMPTY_CONTRAST = 0.9, 45.0
BLURRY = 20
ODD_SIDE, ODD_SHAPE = 4.0, 3.0

RULES: dict[Kind, str] = {
    "exact_duplicate": "Files with the same bytes.",
    "near_duplicate": "Different files that show nearly the same: resized, saved anew, mirrored, "
    "turned or cut.",
    "leak": "The same picture, or nearly the same, in two splits: the network is tested on what "
    "it has seen.",
    "conflict": "The same picture, or nearly the same, in two classes: one of them is wrong.",
    "label_mistake": "Compared with all other pictures, it looks like another class.",
    "dark": f"19 of 20 pixels are darker than {DARK} of 255.",
    "bright": f"19 of 20 pixels are brighter than {BRIGHT} of 255.",
    "empty": f"{100 * EMPTY_SHARE:.0f}% of the pixels are equally bright, and the rest "
    "differs little.",
    "blurry": f"Less than 1/{BLURRY} as sharp as the median picture of the data set.",
    "odd_size": f"More than {ODD_SIDE:.0f} times longer or shorter sides than the median picture, "
    f"or a shape more than {ODD_SHAPE:.0f} times wider or narrower.",
}
_DETAILS: dict[Kind, str] = {
    "dark": "19 of 20 pixels are {bright_end:.0f} of 255 or darker",
    "bright": "19 of 20 pixels are {dark_end:.0f} of 255 or brighter",
    "empty": "{plain_percent:.0f}% of the pixels are equally bright",
    "blurry": "sharpness {sharpness:.4f}, usually {middle_sharpness:.4f}",
    "odd_size": "{width} x {height}, usually {usual}",
}


@dataclass(frozen=True)
class Issue:
    """Something to look at: one image, or a group that shows the same.

    Attributes
    ----------
    kind : str
        A key of `RULES`.
    rows : tuple of int
        Rows of ``Dataset.images``: the image, or all of the group.
    detail : str
        What was measured, for a table cell.
    leave_out : tuple of int
        Those of `rows` that go unless somebody decides otherwise: all copies but
        one; of a conflict all, for nobody knows which class is right; of label
        mistakes none, for the classifier errs too.
    looks_like : str
        Of a label mistake: the class that the image looks like; else "".
    certainty : float
        Of a label mistake: the probability of that class, 0..1; else 0.
    """

    kind: Kind
    rows: tuple[int, ...]
    detail: str
    leave_out: tuple[int, ...]
    looks_like: str = ""
    certainty: float = 0.0


def find_issues(
    measures: pd.DataFrame,
    exact: Sequence[Group],
    near: Sequence[Group],
    *,
    mistakes: LabelMistakes,
    class_names: Sequence[str],
) -> tuple[Issue, ...]:
    """Apply every rule of `RULES`, in that order.

    Parameters
    ----------
    measures : DataFrame
        As `ann_core.datasets.profile.measures.measures_table` makes it; no rule applies
        to what is NaN.
    exact, near : sequence of Group
        As `ann_core.datasets.profile.duplicates` finds them.
    mistakes : LabelMistakes
        As `ann_core.datasets.profile.label_mistakes` finds them.

    Returns
    -------
    tuple of Issue
        Of single images the worst come first.
    """
    return (
        *_group_issues(measures, exact, near),
        *_label_issues(mistakes, class_names),
        *_image_issues(measures),
    )


def _group_issues(
    measures: pd.DataFrame, exact: Sequence[Group], near: Sequence[Group]
) -> Iterator[Issue]:
    for group in exact:
        yield _of_copies("exact_duplicate", group, f"{len(group.rows)} files with the same bytes")
    for group in near:
        detail = f"{len(group.rows)} pictures, correlation with the kept one {group.likeness:.4f}"
        if group.how:
            detail = f"{len(group.rows)} pictures, {group.how}; correlation {group.likeness:.4f}"
        yield _of_copies("near_duplicate", group, detail)
    wider = {row for group in near for row in group.rows}
    same = sorted([*near, *(g for g in exact if g.rows[0] not in wider)], key=lambda g: g.rows)
    for group in same:
        splits = measures["split"].iloc[list(group.rows)]
        if splits.nunique() > 1:
            yield _of_copies("leak", group, f"in {_listed(splits)}")
    for group in same:
        classes = measures["class_name"].iloc[list(group.rows)]
        if classes.nunique() > 1:
            yield Issue("conflict", group.rows, f"in {_listed(classes)}", group.rows)


def _label_issues(mistakes: LabelMistakes, class_names: Sequence[str]) -> Iterator[Issue]:
    for row, label, certainty in zip(
        mistakes.rows, mistakes.looks_like, mistakes.certainty, strict=True
    ):
        looks_like = class_names[label]
        detail = f"looks like {looks_like} ({_percent(float(certainty))})"
        yield Issue("label_mistake", (int(row),), detail, (), looks_like, float(certainty))


def _percent(share: float) -> str:
    return f"{100 * share:.0f}%" if share < 0.995 else "more than 99%"


def _of_copies(kind: Kind, group: Group, detail: str) -> Issue:
    leave_out = tuple(row for row in group.rows if row != group.kept)
    return Issue(kind, group.rows, detail, leave_out)


def _listed(names: pd.Series[str]) -> str:
    return " and ".join(sorted(names.unique()))


def _image_issues(measures: pd.DataFrame) -> Iterator[Issue]:
    """Judge every image for itself, or against the middle one of all."""
    middle = measures[["width", "height", "aspect_ratio", "sharpness"]].median()
    side = np.sqrt(measures["width"] * measures["height"])
    longer = _times(side / np.sqrt(middle["width"] * middle["height"])) / ODD_SIDE
    wider = _times(measures["aspect_ratio"] / middle["aspect_ratio"]) / ODD_SHAPE
    table = measures.assign(
        odd=np.maximum(longer, wider),
        usual=f"{middle['width']:.0f} x {middle['height']:.0f}",
        middle_sharpness=middle["sharpness"],
        plain_percent=100 * measures["plain_share"],
    )[measures["brightness"].notna()]
    plain = (table["plain_share"] >= EMPTY_SHARE) & (table["contrast"] < EMPTY_CONTRAST)
    yield from _flagged("dark", table[table["bright_end"] < DARK].sort_values("bright_end"))
    yield from _flagged("bright", table[table["dark_end"] > BRIGHT].sort_values("dark_end")[::-1])
    yield from _flagged("empty", table[plain].sort_values("contrast"))
    blurry = table["sharpness"] * BLURRY < middle["sharpness"]
    yield from _flagged("blurry", table[blurry].sort_values("sharpness"))
    yield from _flagged("odd_size", table[table["odd"] > 1.0].sort_values("odd")[::-1])


def _flagged(kind: Kind, table: pd.DataFrame) -> Iterator[Issue]:
    for row, values in zip(table.index, table.to_dict("records"), strict=True):
        yield Issue(kind, (int(row),), _DETAILS[kind].format_map(values), (int(row),))


def _times(ratio: pd.Series[float]) -> pd.Series[float]:
    """How many times more or less: 4 for 4 and for 1/4."""
    return ratio.where(ratio >= 1.0, 1.0 / ratio)
