"""Classes of about equal size: which images stay under a cap, which classes reach a floor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ann_core.datasets.editing.edits import Balance
from ann_core.errors import DatasetError


@dataclass(frozen=True)
class Balanced:
    """What a balance leaves out.

    Attributes
    ----------
    over, under : bool arrays, shape (n_images,)
        Images over the cap of their class; images of classes below the floor.
    classes : tuple of str
        Those below the floor.
    """

    over: np.ndarray
    under: np.ndarray
    classes: tuple[str, ...]


def balance_classes(
    labels: Sequence[str], splits: Sequence[str | None], balance: Balance, *, whole_test: bool
) -> Balanced:
    """Choose what goes: whole classes below the floor, and a random part of those over the cap.

    Parameters
    ----------
    splits : sequence of str or None
        From every split of a class goes the same share; None before they are divided.
    whole_test : bool
        Whether the test split stays whole, and is not counted.

    Raises
    ------
    DatasetError
        If all classes but one lie below the floor.
    """
    names, parts = np.array(labels, dtype=object), np.array(splits, dtype=object)
    counted = np.ones(len(names), dtype=bool) if not whole_test else parts != "test"
    over, under = np.zeros(len(names), dtype=bool), np.zeros(len(names), dtype=bool)
    below = []
    for number, name in enumerate(sorted(set(labels))):
        rows = np.flatnonzero((names == name) & counted)
        if balance.floor is not None and len(rows) < balance.floor:
            below.append(name)
            under |= names == name
        elif balance.cap is not None and len(rows) > balance.cap:
            rng = np.random.default_rng([balance.seed, number])
            over[_thrown_out(rng.permutation(rows), parts, balance.cap)] = True
    if below and len(set(labels)) - len(below) < 2:
        raise DatasetError(
            f"Expected two classes or more with at least {balance.floor:,} pictures, but "
            f"{len(below):,} of {len(set(labels)):,} have fewer, such as '{below[0]}'. Choose a "
            "lower floor."
        )
    return Balanced(over, under, tuple(below))


def over_reason(balance: Balance) -> str:
    """Say why an image over the cap is left out."""
    return f"its class has more than {balance.cap:,} pictures"


def under_reason(balance: Balance) -> str:
    """Say why an image of a class below the floor is left out."""
    return f"its class has fewer than {balance.floor:,} pictures"


def _thrown_out(rows: np.ndarray, parts: np.ndarray, n_kept: int) -> np.ndarray:
    """Return all but the first of `rows`, so many that each split keeps its share, at least one."""
    of_part: dict[str | None, list[int]] = {}
    for row in rows.tolist():
        of_part.setdefault(parts[row], []).append(row)
    shares = {part: n_kept * len(members) / len(rows) for part, members in of_part.items()}
    kept = {part: max(1, int(share)) for part, share in shares.items()}
    while sum(kept.values()) != n_kept:
        missing = {part: shares[part] - kept[part] for part in kept}
        if sum(kept.values()) < n_kept:
            kept[max(missing, key=lambda part: missing[part])] += 1
        else:
            kept[max(kept, key=lambda part: kept[part])] -= 1
    gone = [row for part, members in of_part.items() for row in members[kept[part] :]]
    return np.array(gone, dtype=np.int64)
