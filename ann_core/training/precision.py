"""In which numbers a network's products are computed: as the setting says, or as suits a processor.

bfloat16 keeps the range of float32 and a third of its digits. A processor with a unit for it
multiplies several times as fast. Others would be slower, and a small network gains nothing: there,
reading and writing its weights takes the time, not the products.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Literal

from ann_core.errors import FlatlandError

Precision = Literal["float32", "bfloat16"]

BFLOAT16_UNITS = frozenset({"avx512_bf16", "amx_bf16"})
"""What Linux calls them; TensorFlow's products use both."""

FEWEST_PRODUCTS = 2**28
"""Weights times pictures a batch, from which on bfloat16 was faster than float32."""

Setting = Literal["auto", "float32", "bfloat16"]

_CPU_INFO = Path("/proc/cpuinfo")
_HIDING = {
    "TF_ENABLE_ONEDNN_OPTS": ("0", "FALSE"),
    "ONEDNN_MAX_CPU_ISA": (
        *("SSE41", "AVX", "AVX2", "AVX2_VNNI", "AVX2_VNNI_2"),
        *("AVX512_CORE", "AVX512_CORE_VNNI"),
    ),
}
"""Variables of the environment, and values with which TensorFlow uses no unit for bfloat16: its
library for products, oneDNN, is off, or must treat the processor as an earlier one."""


class PrecisionError(FlatlandError):
    """A training in bfloat16, where TensorFlow has no unit for it."""

    def __init__(self, *, begun: bool) -> None:
        self.begun = begun
        what = "was begun in bfloat16" if begun else "is set to bfloat16"
        why = "the processor here has no unit for that (avx512_bf16 or amx_bf16)"
        where, variable = "on a computer with such a processor", hiding_variable()
        if variable and has_bfloat16(cpu_flags()):
            why = f"{variable} keeps TensorFlow here from the processor's unit for that"
            where = "without it"
        remedy = (
            f"Let it continue {where}, or train again from the beginning, with"
            if begun
            else "Choose"
        )
        super().__init__(
            f'This training {what}, and {why}. {remedy} the precision "auto" or "float32".'
        )


def hiding_variable() -> str:
    """Say which variable keeps TensorFlow from a unit for bfloat16, with its value; or ""."""
    for name, values in _HIDING.items():
        if (value := os.environ.get(name, "")).upper() in values:
            return f"{name}={value}"
    return ""


def cpu_flags(path: Path = _CPU_INFO) -> frozenset[str]:
    """Name what the processor can do, in the words of Linux; empty where nobody says.

    macOS and Windows have no such file, and float32 is right on every processor.
    """
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return frozenset()
    named = (line.partition(":")[2] for line in lines if line.startswith("flags"))
    return frozenset(next(named, "").split())


def has_bfloat16(flags: frozenset[str]) -> bool:
    """Whether a processor with these flags has a unit for bfloat16."""
    return not BFLOAT16_UNITS.isdisjoint(flags)


def usable_flags() -> frozenset[str]:
    """Name what the processor can do and TensorFlow may use."""
    flags = _own_flags()
    return flags - BFLOAT16_UNITS if hiding_variable() else flags


@cache
def _own_flags() -> frozenset[str]:
    return cpu_flags()


def has_bfloat16_here() -> bool:
    """Whether TensorFlow has a unit for bfloat16 on this computer."""
    return has_bfloat16(usable_flags())


def check_precision(setting: Setting) -> list[str]:
    """Say why a new training with this setting cannot run here; empty if it can."""
    if setting == "bfloat16" and not has_bfloat16_here():
        return [str(PrecisionError(begun=False))]
    return []


def expected_precision(setting: Setting, n_products: int) -> Precision:
    """Say in which precision a new training would compute here.

    Where bfloat16 was wanted and would be refused, that is float32, in which it can be done.
    """
    if not has_bfloat16_here():
        return "float32"
    return settle_precision(setting, "", BFLOAT16_UNITS, n_products=n_products)


def settle_precision(
    setting: Setting,
    begun: str,
    flags: frozenset[str],
    *,
    n_products: int,
) -> Precision:
    """Say in which precision a training computes, from its first batch to its last.

    Parameters
    ----------
    setting : str
        ``NetworkConfig.precision``.
    begun : str
        What it was begun in; "" before the first batch. Then the setting decides, never after.
    flags : frozenset of str
        As `usable_flags` gives them.
    n_products : int
        Parameters of the network, times pictures a batch.

    Raises
    ------
    PrecisionError
        If it must be bfloat16, and there is no unit for it.
    """
    able = has_bfloat16(flags)
    chosen = begun or setting
    if chosen == "bfloat16" and not able:
        raise PrecisionError(begun=bool(begun))
    if chosen == "auto":
        return "bfloat16" if able and n_products >= FEWEST_PRODUCTS else "float32"
    return "bfloat16" if chosen == "bfloat16" else "float32"
