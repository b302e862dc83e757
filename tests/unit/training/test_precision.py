"""Which precision a training computes in, and that it keeps to it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ann_core.training.batching import CallLength
from ann_core.training.checkpoints import load_checkpoint, save_checkpoint
from ann_core.training.loop import TrainingState
from ann_core.training.network import build
from ann_core.training.network_config import NetworkConfig
from ann_core.training.precision import (
    BFLOAT16_UNITS,
    FEWEST_PRODUCTS,
    PrecisionError,
    check_precision,
    cpu_flags,
    expected_precision,
    has_bfloat16,
    has_bfloat16_here,
    settle_precision,
    usable_flags,
)
from tests.helpers.runs import toy_features
from tests.helpers.training import train_until

ABLE = frozenset({"avx2", "amx_bf16"})
UNABLE = frozenset({"avx2", "avx512f"})
DATA = toy_features(overlap=0.9)


@pytest.mark.parametrize(
    ("setting", "begun", "flags", "n_products", "expected"),
    [
        ("auto", "", ABLE, FEWEST_PRODUCTS, "bfloat16"),
        ("auto", "", {"avx512_bf16"}, FEWEST_PRODUCTS, "bfloat16"),
        ("auto", "", ABLE, FEWEST_PRODUCTS - 1, "float32"),
        ("auto", "", UNABLE, FEWEST_PRODUCTS, "float32"),
        ("auto", "", set(), FEWEST_PRODUCTS, "float32"),
        ("float32", "", ABLE, FEWEST_PRODUCTS, "float32"),
        ("bfloat16", "", ABLE, 1, "bfloat16"),
        ("float32", "bfloat16", ABLE, 1, "bfloat16"),
        ("auto", "bfloat16", ABLE, 1, "bfloat16"),
        ("bfloat16", "float32", UNABLE, FEWEST_PRODUCTS, "float32"),
        ("auto", "float32", ABLE, FEWEST_PRODUCTS, "float32"),
    ],
)
def test_what_was_begun_decides_then_the_setting_then_the_processor(
    setting: Any, begun: str, flags: set[str], n_products: int, expected: str
) -> None:
    precision = settle_precision(setting, begun, frozenset(flags), n_products=n_products)
    assert precision == expected


@pytest.mark.parametrize(
    ("setting", "begun", "words"),
    [("bfloat16", "", "is set to bfloat16"), ("auto", "bfloat16", "was begun in bfloat16")],
)
def test_without_the_unit_bfloat16_is_refused(setting: Any, begun: str, words: str) -> None:
    with pytest.raises(PrecisionError, match=f'{words}, and the processor here .* "float32"'):
        settle_precision(setting, begun, UNABLE, n_products=FEWEST_PRODUCTS)


def test_what_is_estimated_is_what_a_new_training_would_compute_in() -> None:
    here = "bfloat16" if has_bfloat16_here() else "float32"
    assert expected_precision("auto", FEWEST_PRODUCTS) == here
    assert expected_precision("bfloat16", 1) == here, "refused elsewhere, and no error before that"
    assert expected_precision("auto", FEWEST_PRODUCTS - 1) == "float32"
    assert expected_precision("float32", FEWEST_PRODUCTS) == "float32"


@pytest.mark.parametrize(
    ("name", "value", "hides"),
    [
        ("TF_ENABLE_ONEDNN_OPTS", "0", True),
        ("TF_ENABLE_ONEDNN_OPTS", "False", True),
        ("TF_ENABLE_ONEDNN_OPTS", "1", False),
        ("TF_ENABLE_ONEDNN_OPTS", "", False),
        ("ONEDNN_MAX_CPU_ISA", "AVX512_CORE_VNNI", True),
        ("ONEDNN_MAX_CPU_ISA", "avx2", True),
        ("ONEDNN_MAX_CPU_ISA", "AVX512_CORE_BF16", False),
        ("ONEDNN_MAX_CPU_ISA", "AVX512_CORE_AMX", False),
        ("ONEDNN_MAX_CPU_ISA", "DEFAULT", False),
    ],
)
def test_a_unit_that_tensorflow_may_not_use_is_none(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, hides: bool
) -> None:
    """A product in bfloat16 took 3 and 7 times as long so, and ``auto`` chose it."""
    monkeypatch.setenv(name, value)
    there = has_bfloat16(cpu_flags())
    assert has_bfloat16_here() == (there and not hides)
    assert usable_flags() == (cpu_flags() - BFLOAT16_UNITS if hides else cpu_flags())
    refusals = check_precision("bfloat16")
    assert len(refusals) == (hides or not there)
    assert all((f"{name}={value} keeps" in words) == there for words in refusals)
    assert not check_precision("auto")
    assert not check_precision("float32")


def test_flags_are_read_as_linux_writes_them(tmp_path: Path) -> None:
    file = tmp_path / "cpuinfo"
    assert cpu_flags(file) == frozenset()  # another system
    file.write_bytes(b"model name\t: X\xff\nflags\t\t: fpu amx_bf16\n\nflags\t\t: fpu amx_bf16\n")
    assert cpu_flags(file) == {"fpu", "amx_bf16"}
    file.write_text("Features\t: fp asimd bf16\n")  # an ARM processor
    assert cpu_flags(file) == frozenset()


def test_a_training_goes_on_in_what_it_was_begun_in(tmp_path: Path) -> None:
    config = NetworkConfig(hidden_units=(8,), batch_size=10, epochs=2, dropout_rate=0.2)
    begun = config.model_copy(update={"precision": "bfloat16"})
    through, cut, resumed = (build(config, DATA.n_features, 2) for _ in range(3))
    path = tmp_path / "checkpoint.npz"

    def save(state: TrainingState) -> bool:
        if (state.epoch, state.batch) == (1, 2):
            save_checkpoint(path, cut, state)
        return path.exists()

    expected = train_until(through, DATA, begun, flags=ABLE)
    train_until(cut, DATA, begun, stop=save, flags=ABLE)
    state = load_checkpoint(path, resumed)
    assert state.precision == "bfloat16"
    with pytest.raises(PrecisionError, match="was begun in bfloat16"):
        train_until(resumed, DATA, config, state=replace(state), flags=UNABLE)
    ended = train_until(resumed, DATA, config, state=state, flags=ABLE)

    assert [e.val_loss for e in ended.history] == [e.val_loss for e in expected.history]
    for one, other in zip(through.get_weights(), resumed.get_weights(), strict=True):
        assert np.array_equal(one, other)


def test_a_call_takes_as_many_batches_as_the_time_allows() -> None:
    call = CallLength(0.2, 16)
    assert call.n_batches == 1
    call.took(1, 9.0)  # the step was built
    assert call.n_batches == 1
    lengths = []
    for seconds_a_batch in (0.001, 0.001, 0.001, 0.001, 0.001, 0.03, 0.5, 0.15, 0.05):
        call.took(call.n_batches, call.n_batches * seconds_a_batch)
        lengths.append(call.n_batches)
    assert lengths == [2, 4, 8, 16, 16, 6, 1, 1, 2]
    alone = CallLength(0.0, 16)
    alone.took(1, 1.0)
    alone.took(1, 0.0)
    assert alone.n_batches == 1
