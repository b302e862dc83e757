"""A person and a network on the same pictures."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from ann_core.experiments.conclusion import Example
from ann_core.experiments.you import N_EACH, chosen_rows, judge


def test_forty_pictures_are_chosen_and_none_twice() -> None:
    rows = np.arange(100, 300)

    chosen = chosen_rows(rows)

    assert chosen.shape == (2, N_EACH) and len(np.unique(chosen)) == 2 * N_EACH
    assert np.isin(chosen, rows).all()
    assert np.array_equal(chosen, chosen_rows(rows[::-1])), (
        "the order in which they lie is no matter"
    )
    assert chosen_rows(np.arange(11)).shape == (2, 5)


def examples(network: str) -> list[Example]:
    """Twice as many pictures as letters; `network` says of each half what it predicts."""
    return [Example(row=0, truth="cat", before=_CLASSES[each], after="") for each in 2 * network]


_CLASSES = {"c": "cat", "d": "dog"}


@pytest.mark.parametrize(
    ("yours", "its", "words"),
    [
        ("cccccccccc", "dddddddddd", "you are better. A difference this large happens"),
        ("dddddddddd", "cccccccccc", "the network is better. A difference this large"),
        ("cccccccccc", "cccccccccd", "nobody can tell who is better"),
        ("cdcdcdcdcd", "cdcdcdcdcd", "nobody can tell who is better"),
    ],
)
def test_who_is_better_is_said_only_where_it_can_be_told(yours: str, its: str, words: str) -> None:
    plain, scrambled = judge([_CLASSES[each] for each in 2 * yours], examples(its))

    assert words in plain.text() and "as they are" in plain.text()
    assert words in scrambled.text() and "scrambled" in scrambled.text()
    n_right = yours.count("c")
    interval = stats.binomtest(n_right, 10).proportion_ci(method="wilson")
    assert (plain.you.low, plain.you.high) == pytest.approx((interval.low, interval.high))
    assert plain.network.value == its.count("c") / 10
