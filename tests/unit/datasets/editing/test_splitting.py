"""How a data set was divided is said as it was."""

from __future__ import annotations

import pytest

from ann_core.datasets.editing.splitting import describe_rule
from ann_core.datasets.split import SplitConfig

CHANCE = "Divided at random, in the same shares for each class (80 / 10 / 10, seed 42"


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        (SplitConfig(), f"{CHANCE})"),
        (SplitConfig(given=("test",)), f"{CHANCE}; the test split came with the pictures)"),
        (
            SplitConfig(rule="article"),
            "Divided at random as in the article (80 / 10 / 10, seed 42)",
        ),
        (SplitConfig(rule="given"), "Split as the data came"),
        (
            SplitConfig(rule="given", given=("train", "validation", "test")),
            "Split as the data came",
        ),
        (
            SplitConfig(rule="given", given=("train", "test"), seed=7),
            "Split as the data came; validation chosen by chance (seed 7)",
        ),
    ],
)
def test_shares_are_named_only_where_they_were_used(config: SplitConfig, sentence: str) -> None:
    assert describe_rule(config) == sentence
