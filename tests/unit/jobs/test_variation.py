"""What an experiment changes about training pictures, and what it leaves alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ann_core.jobs.variation import varied
from ann_core.runs.run import RunConfig, is_usual
from ann_core.runs.variation import ORDINARY, VariationConfig
from ann_core.training.batching import class_order
from tests.helpers.runs import toy_features


def test_an_ordinary_run_learns_from_all_pictures_as_they_are() -> None:
    data = toy_features()

    assert varied(data, ORDINARY, seed=3) is data


def test_shuffled_labels_keep_the_number_of_each_class() -> None:
    data = toy_features(300, 3)
    train = data.indices("train")

    nonsense = varied(data, VariationConfig(labels="shuffled"), seed=3)

    assert np.array_equal(np.bincount(nonsense.labels[train]), np.bincount(data.labels[train]))
    assert 0.2 < (nonsense.labels[train] == data.labels[train]).mean() < 0.5
    rest = np.flatnonzero(data.splits != "train")
    assert np.array_equal(nonsense.labels[rest], data.labels[rest])
    again = varied(data, VariationConfig(labels="shuffled"), seed=3)
    other = varied(data, VariationConfig(labels="shuffled"), seed=4)
    assert np.array_equal(again.labels, nonsense.labels)
    assert not np.array_equal(other.labels, nonsense.labels)


def test_fewer_training_pictures_are_as_many_of_each_class_and_among_the_more() -> None:
    data = toy_features(200, 2)
    rare = np.flatnonzero((data.labels == 1) & (data.splits == "train"))[3:]
    splits = data.splits.copy()
    splits[rare] = "test"
    for each in (data, replace(data, splits=splits)):
        few, more = (varied(each, VariationConfig(n_train=n), seed=1) for n in (10, 20))

        counts = [np.bincount(part.labels[part.indices("train")]) for part in (few, more)]
        n_rare = (each.labels[each.indices("train")] == 1).sum()
        assert list(counts[0]) == [10 - min(5, n_rare), min(5, n_rare)]
        assert list(counts[1]) == [20 - min(10, n_rare), min(10, n_rare)]
        assert set(few.indices("train")) < set(more.indices("train"))
        for split in ("validation", "test"):
            assert np.array_equal(few.indices(split), each.indices(split))


def test_class_after_class_changes_nothing_but_the_order() -> None:
    data, in_turn = toy_features(), VariationConfig(order="by class")

    taught = varied(data, in_turn, seed=3)

    assert taught.by_class and not data.by_class
    assert taught.labels is data.labels and taught.splits is data.splits
    assert in_turn.text() == "class after class"
    assert list(class_order(np.array([1, 0, 2, 0, 1]))) == [1, 3, 0, 4, 2]


def test_more_pictures_than_there_are_is_all_of_them() -> None:
    data = toy_features()

    assert np.array_equal(varied(data, VariationConfig(n_train=1000), seed=0).splits, data.splits)


def test_an_ordinary_run_is_stored_as_it_always_was() -> None:
    usual = RunConfig(dataset="toy", fingerprint="f")
    changed = usual.model_copy(update={"variation": VariationConfig(n_train=5)})

    assert "variation" not in usual.model_dump(mode="json")
    assert is_usual(usual) and not is_usual(changed)
    assert RunConfig.parse(changed.model_dump(mode="json")) == changed
    assert changed.variation.text() == "5 training pictures"
