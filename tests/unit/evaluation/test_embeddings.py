"""What the last hidden layer makes of training images comes back from its file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ann_core.errors import RunError
from ann_core.evaluation.embeddings import (
    MAX_BYTES,
    Embeddings,
    kept_rows,
    load_embeddings,
    save_embeddings,
)


def test_activations_survive_their_file(tmp_path: Path) -> None:
    embeddings = Embeddings(
        np.random.default_rng(0).normal(size=(7, 3)).astype(np.float32), np.arange(7) * 2
    )
    save_embeddings(embeddings, tmp_path / "hidden.npz")
    again = load_embeddings(tmp_path / "hidden.npz")
    assert again is not None
    assert np.array_equal(again.values, embeddings.values)
    assert np.array_equal(again.feature_rows, embeddings.feature_rows)
    assert load_embeddings(tmp_path / "none.npz") is None
    (tmp_path / "hidden.npz").write_bytes(b"PK not a zip file")
    with pytest.raises(RunError, match=r"hidden\.npz of this network is damaged"):
        load_embeddings(tmp_path / "hidden.npz")


def test_of_very_many_activations_an_even_sample_is_kept() -> None:
    feature_rows = np.arange(10_000) * 3
    assert kept_rows(feature_rows, 8) is feature_rows
    kept = kept_rows(feature_rows, MAX_BYTES // 4 // 100)
    assert (len(kept), kept[0], kept[-1]) == (100, 0, 29_997)
    assert (np.diff(kept) > 0).all()
