"""Divide images so that those of a group (a patient, a child, copies) lie in one split.

Otherwise a network is tested on people that it has met, and the score says nothing about the
next one. Shares and classes are met as well as whole groups allow.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np


def grouped_split(
    labels: Sequence[str], groups: Sequence[int], shares: Mapping[str, float], *, seed: int
) -> list[str]:
    """Give whole groups to splits, the largest first, each to where it is missed most.

    What is missed is counted by class, as a share of the class. At the end, a class that has no
    image in a split, and groups enough, gets its smallest one there.

    Parameters
    ----------
    groups : sequence of int, length n_images
        Images with the same number stay together.
    shares : mapping of split to float
        Target shares, which add up to 1; "train" is one of them, and every class with images
        has some there.

    Returns
    -------
    list of str, length n_images
    """
    table = _Table.of(labels, groups, shares)
    rng = np.random.default_rng(seed)
    order = sorted(rng.permutation(len(table.members)).tolist(), key=table.size, reverse=True)
    for group in order:
        table.put(group, table.best_split(group))
    table.fill_gaps()
    splits = [""] * len(labels)
    for group, rows in enumerate(table.members):
        for row in rows:
            splits[row] = table.names[table.split_of[group]]
    return splits


@dataclass
class _Table:
    """Which group lies where, and how many images of each class are in each split.

    Attributes
    ----------
    names : list of str
        Splits, training first.
    members : list of list of int
        Images of each group.
    classes, counts : list of int64 arrays
        Of each group: its classes, and how many images it has of them.
    targets, filled : float64 arrays, shape (n_classes, n_splits)
    split_of : list of int
        -1 as long as a group lies nowhere.
    """

    names: list[str]
    members: list[list[int]]
    classes: list[np.ndarray]
    counts: list[np.ndarray]
    targets: np.ndarray
    filled: np.ndarray
    split_of: list[int]

    @classmethod
    def of(
        cls, labels: Sequence[str], groups: Sequence[int], shares: Mapping[str, float]
    ) -> _Table:
        names = sorted(shares, key=lambda name: name != "train")
        codes = {name: code for code, name in enumerate(sorted(set(labels)))}
        by_group: dict[int, list[int]] = defaultdict(list)
        for row, group in enumerate(groups):
            by_group[group].append(row)
        members = list(by_group.values())
        counted = [Counter(codes[labels[row]] for row in rows) for rows in members]
        sizes = np.zeros(len(codes))
        for each in counted:
            sizes[list(each)] += list(each.values())
        targets = sizes[:, np.newaxis] * np.array([shares[name] for name in names])
        return cls(
            names,
            members,
            [np.array(list(each), dtype=np.int64) for each in counted],
            [np.array(list(each.values()), dtype=np.int64) for each in counted],
            targets,
            np.zeros_like(targets),
            [-1] * len(members),
        )

    def size(self, group: int) -> int:
        return len(self.members[group])

    def best_split(self, group: int) -> int:
        """Choose the split in which the squared distance to what is wanted grows least."""
        classes, counts = self.classes[group], self.counts[group][:, np.newaxis]
        lacking = self.filled[classes] - self.targets[classes]
        sizes = self.targets[classes].sum(axis=1, keepdims=True)
        growth = (2 * lacking * counts + counts**2) / sizes**2
        return int(np.argmin(np.round(growth.sum(axis=0), 12)))

    def put(self, group: int, split: int) -> None:
        classes, counts = self.classes[group], self.counts[group]
        if self.split_of[group] >= 0:
            self.filled[classes, self.split_of[group]] -= counts
        self.filled[classes, split] += counts
        self.split_of[group] = split

    def fill_gaps(self) -> None:
        """Give each class an image in every split, training first, where groups allow it."""
        by_class: dict[int, list[int]] = defaultdict(list)
        for group in sorted(range(len(self.members)), key=self.size):
            for code in self.classes[group].tolist():
                by_class[code].append(group)
        for split in range(len(self.names)):
            for code, groups in by_class.items():
                if not self.filled[code, split]:
                    spare = next((g for g in groups if self._can_go(g, split)), None)
                    if spare is not None:
                        self.put(spare, split)

    def _can_go(self, group: int, split: int) -> bool:
        """Whether every class of a group keeps images where it lies now; train may take all."""
        left = self.filled[self.classes[group], self.split_of[group]] - self.counts[group]
        return split == 0 or bool((left > 0).all())
