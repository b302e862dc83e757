"""How much is luck: the same as SciPy says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ann_core.evaluation.significance import (
    binomial_tail,
    chance_p_value,
    fisher_p_value,
    frequency_text,
    mcnemar,
    shares_may_be_equal,
    wilson_interval,
)


@st.composite
def shares(draw: st.DrawFn, most: int = 5000) -> tuple[int, int]:
    n_images = draw(st.integers(1, most))
    return draw(st.integers(0, n_images)), n_images


@given(shares())
def test_the_interval_is_wilsons(case: tuple[int, int]) -> None:
    n_correct, n_images = case
    expected = stats.binomtest(n_correct, n_images).proportion_ci(0.95, method="wilson")

    low, high = wilson_interval(n_correct, n_images)

    assert (low, high) == pytest.approx((expected.low, expected.high), abs=1e-12)
    assert 0 <= low <= n_correct / n_images <= high <= 1


@given(shares(), st.integers(2, 200))
def test_guessing_is_the_upper_tail_of_the_binomial_distribution(
    case: tuple[int, int], n_classes: int
) -> None:
    n_correct, n_images = case
    expected = stats.binom.sf(n_correct - 1, n_images, 1 / n_classes)

    assert chance_p_value(n_correct, n_images, n_classes) == pytest.approx(
        expected, rel=1e-8, abs=1e-300
    )


@pytest.mark.parametrize(
    ("at_least", "n", "expected"), [(0, 10, 1.0), (-1, 10, 1.0), (11, 10, 0.0), (10, 10, 0.5**10)]
)
def test_the_ends_of_the_tail(at_least: int, n: int, expected: float) -> None:
    assert binomial_tail(at_least, n, 0.5) == pytest.approx(expected)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=400))
def test_mcnemar_is_the_exact_two_sided_test(pairs: list[tuple[bool, bool]]) -> None:
    first, second = np.array(pairs).T
    only_first = sum(a and not b for a, b in pairs)
    only_second = sum(b and not a for a, b in pairs)

    test = mcnemar(first, second)

    assert (test.only_first, test.only_second) == (only_first, only_second)
    n = only_first + only_second
    expected = stats.binomtest(only_first, n, 0.5).pvalue if n else 1.0
    assert test.p_value == pytest.approx(expected)
    assert test.is_significant == (test.p_value <= 0.05)
    assert mcnemar(second, first).p_value == test.p_value


def test_a_large_difference_is_no_luck_and_an_even_one_is() -> None:
    first, second = np.arange(100) < 90, np.arange(100) < 60
    assert mcnemar(first, second).is_significant
    assert mcnemar(first, first).p_value == 1.0


@pytest.mark.parametrize(
    ("p_value", "text"),
    [
        (1.0, "nearly always"),
        (0.994, "in 99 of 100 cases"),
        (0.05, "in 5 of 100 cases"),
        (0.01, "in 1 of 100 cases"),
        (0.0094, "in 9 of 1,000 cases"),
        (0.001, "in 1 of 1,000 cases"),
        (0.0009, "hardly ever"),
        (0.0, "hardly ever"),
    ],
)
def test_how_often_is_said_in_cases(p_value: float, text: str) -> None:
    assert frequency_text(p_value) == text


@given(shares(2000), shares(2000))
def test_the_exact_test_is_fishers(first: tuple[int, int], second: tuple[int, int]) -> None:
    table = [[right, n_images - right] for right, n_images in (first, second)]
    assert fisher_p_value(first, second) == pytest.approx(
        stats.fisher_exact(table).pvalue, rel=1e-5, abs=1e-12
    )


def test_one_mistake_in_200_is_no_gap_to_1600_without_one() -> None:
    assert shares_may_be_equal((1600, 1600), (199, 200))
    assert not shares_may_be_equal((1600, 1600), (197, 200))
