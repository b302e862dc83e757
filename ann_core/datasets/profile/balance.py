"""A warning in words for classes of unequal size."""

from __future__ import annotations

from ann_core.datasets.dataset import DatasetInfo

UNBALANCED = 1.5  # times as many images in the largest class as in the smallest


def imbalance(info: DatasetInfo) -> str | None:
    """Say what a network would score that had learned nothing but the counts.

    The rule: the largest class has at least 1.5 times as many images as the
    smallest, that is 60 to 40 of two classes. The score is the share of the
    largest class among all images of the data set; of 20 classes it may be low
    and the sentence still holds.

    Returns
    -------
    str or None
        One sentence, or None if the classes are about equally large.
    """
    sizes = {name: sum(info.counts.get(name, {}).values()) for name in info.class_names}
    largest = max(sizes, key=lambda name: sizes[name])
    if sizes[largest] < UNBALANCED * min(sizes.values()):
        return None
    share = sizes[largest] / sum(sizes.values())
    score = f"{100 * share:.0f}%" if share < 0.995 else "more than 99%"
    return f"The classes are not equally large: always answering '{largest}' would score {score}."
