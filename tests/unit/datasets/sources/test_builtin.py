"""Built-in sets: the digits are real, the cartoons drawn."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
from sklearn.datasets import load_digits

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.sources.builtin import BUILT_INS, import_builtin
from ann_core.datasets.sources.cartoons import CartoonConfig
from ann_core.imaging.images import open_image

if TYPE_CHECKING:
    pass


def test_the_digits_are_those_of_scikit_learn(catalog: Catalog) -> None:
    dataset = import_builtin("digits", "digits", catalog)
    bunch = load_digits()
    assert len(dataset) == 1797
    assert dataset.class_names == tuple("0123456789")
    assert dataset.info.n_skipped == 0
    expected = Counter(str(label) for label in bunch.target)
    assert Counter(dataset.images["class_name"]) == expected
    assert dataset.info.source == f"built-in: {BUILT_INS['digits'].title}"
    ordered = np.argsort(bunch.target, kind="stable")
    for index, number in enumerate(ordered):
        values = np.asarray(open_image(dataset.path(index)).image)
        assert values.ndim == 2
        assert np.rint(values * (16 / 255)).tolist() == bunch.images[number].tolist()
    for counts in dataset.info.counts.values():
        total = sum(counts.values())
        assert counts["validation"] == counts["test"] == round(total / 10)


def test_the_cartoons_come_as_two_classes_of_jpeg(catalog: Catalog) -> None:
    config = CartoonConfig(n_images=21, image_size=32)
    dataset = import_builtin("cartoons", "cartoons", catalog, cartoons=config)
    assert Counter(dataset.images["class_name"]) == {"cat": 11, "dog": 10}
    assert set(dataset.images["format"]) == {"JPEG"}
    assert set(dataset.images["width"]) == {32}
    again = import_builtin("cartoons", "again", catalog, cartoons=config)
    assert again.fingerprint == dataset.fingerprint
