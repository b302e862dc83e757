"""The table of runs: a row a run, a row a baseline, or a row for all that differ by seed only."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ann_core.datasets.dataset import display_name
from ann_core.evaluation.baselines import TITLES, Baseline, BaselineSet, baselines_key
from ann_core.evaluation.comparison import (
    mean_std,
    one_per_seed,
    same_but_seed,
    settings_of,
)
from ann_core.evaluation.shift_result import ShiftTests
from ann_core.evaluation.significance import wilson_interval
from ann_core.imaging.preprocessing import MAX_BITS, PreprocessConfig
from ann_core.runs.result import RunResult
from ann_core.runs.run import Run, RunConfig
from ann_core.training.network_config import CONTRAST

NETWORK, BASELINE = "network", "baseline"

TEST_COLUMNS = ("test", "test lower end", "test upper end", "test spread", "test moved")
"""Columns that tell how a row did on the test images."""

SHARES = ("validation", "validation spread", "moved", "train", *TEST_COLUMNS)
"""Columns with shares of right answers, 0..1."""

_SETTINGS = settings_of(RunConfig(dataset="", fingerprint=""))
SETTINGS = tuple(name for name in _SETTINGS if name != "data set")
"""Columns with a setting each."""

COLUMNS = (
    *("name", "kind", "status", "data set", "pictures", *SETTINGS, "epochs done", "best epoch"),
    *("weights of epoch", "seeds", *SHARES, "parameters", "seconds", "started", "notes"),
)

_WHOLE_NUMBERS = (
    *("epochs done", "best epoch", "weights of epoch", "seeds", "parameters"),
    *(name for name, value in _SETTINGS.items() if type(value) is int),
)
_FRACTIONS = (
    *("seconds", *SHARES),
    *(name for name, value in _SETTINGS.items() if isinstance(value, float)),
)
_BASELINE = re.compile(rf"(?:{'|'.join(TITLES)})\.[0-9a-f]{{16}}")


@dataclass(frozen=True)
class TableRow:
    """One row.

    Attributes
    ----------
    ids : tuple of str
        The runs that it is about; of a baseline its id, see `baseline_id`.
    values : dict
        By `COLUMNS`; None where there is nothing to say.
    """

    ids: tuple[str, ...]
    values: dict[str, Any]


def baseline_id(config: RunConfig, key: str) -> str:
    """Name a baseline in an address; no run is called so, for a run's id has no dot."""
    return f"{key}.{baselines_key(config.fingerprint, config.preprocess)}"


def is_baseline_id(text: str) -> bool:
    """Whether a word of an address can name a baseline."""
    return _BASELINE.fullmatch(text) is not None


ShiftsOf = Callable[[Run], ShiftTests | None]
"""Reads the shift tests of a run."""


def no_shifts(_: Run) -> None:
    """Read no shift test."""


def run_row(run: Run, shifts_of: ShiftsOf = no_shifts) -> TableRow:
    """Tell one run."""
    values = _common(run) | {"notes": " ".join(run.notes.split()), "status": run.status}
    values["seeds"] = len(one_per_seed([run])) or None
    if run.result is not None:
        values |= _result(run.result) | _moved(shifts_of(run))
    return TableRow((run.id,), values)


def seed_row(runs: Sequence[Run], shifts_of: ShiftsOf = no_shifts) -> TableRow:
    """Tell runs that differ in their seed only as one: means over seeds, and the spread.

    Each seed counts once, by its newest finished run, see `one_per_seed`. The spread is the
    standard deviation (divided by n - 1) of the accuracies.
    """
    if len(runs) == 1:
        return run_row(runs[0], shifts_of)
    values = _common(runs[0]) | {"seed": None, "epochs done": None}
    counted = one_per_seed(runs)
    results = [_result(run.learned) | _moved(shifts_of(run)) for run in counted]
    for name in ("train", "validation", "moved", "test", "test moved", "seconds"):
        summary = mean_std([each[name] for each in results if each.get(name) is not None])
        if summary is not None:
            values[name] = summary.mean
            values |= {f"{name} spread": summary.std} if f"{name} spread" in values else {}
    values["parameters"] = results[0]["parameters"] if results else None
    values["seeds"] = len(counted)
    values["name"] = next((run.name for run in runs if run.name), values["name"])
    values["status"] = _standings(runs, counted)
    return TableRow(tuple(run.id for run in runs), values)


def _standings(runs: Sequence[Run], counted: Sequence[Run]) -> str:
    """Say how many runs of a group count, and what became of the others."""
    others = Counter(run.status for run in runs if run.status != "done")
    n_again = len(runs) - others.total() - len(counted)
    counts = {"done": len(counted), "again with the same seed": n_again} | dict(others)
    return ", ".join(f"{n} {what}" for what, n in counts.items() if n)


def without_test(row: TableRow) -> TableRow:
    """Leave out how a row did on the test images."""
    return TableRow(row.ids, row.values | dict.fromkeys(TEST_COLUMNS))


def best_first(rows: Sequence[TableRow]) -> list[TableRow]:
    """Sort by validation accuracy; what has none comes last, and the order of equals is kept."""
    return sorted(rows, key=lambda row: -(row.values["validation"] or -1.0))


def settings_that_differ(rows: Sequence[TableRow]) -> list[str]:
    """Name the settings that are not the same in all networks; all of them of a single one."""
    networks = [row.values for row in rows if row.values["kind"] != BASELINE]
    if len(networks) < 2:
        return list(SETTINGS)
    return [name for name in SETTINGS if len({str(values[name]) for values in networks}) > 1]


def run_rows(
    runs: Sequence[Run], *, by_seed: bool, shifts_of: ShiftsOf = no_shifts
) -> list[TableRow]:
    """Tell runs one by one, or those that differ in their seed only together."""
    if by_seed:
        return [seed_row(group, shifts_of) for group in same_but_seed(runs)]
    return [run_row(run, shifts_of) for run in runs]


def baseline_rows(made: BaselineSet, config: RunConfig) -> list[TableRow]:
    """Tell all baselines on what a run with this config was given."""
    common = {"kind": BASELINE, "status": "done", "data set": display_name(config.dataset)}
    common |= {"pictures": images_of(config.preprocess)}
    n_images = len(made.labels)
    return [
        TableRow(
            (baseline_id(config, baseline.key),),
            _empty() | common | _shares_of(baseline, n_images),
        )
        for baseline in made.baselines
    ]


def images_of(preprocess: PreprocessConfig) -> str:
    """Say in a word what a network is given, such as "96×96 gray"."""
    height, width = preprocess.image_size
    text = f"{height}×{width} {preprocess.mode}"
    if preprocess.resize != "squash":
        text += f", {preprocess.resize}"
    if preprocess.bits_used != MAX_BITS:
        text += f", {preprocess.bits_used} bits"
    if preprocess.scramble_seed:
        text += ", scrambled"
    return f"{text}, standardised" if preprocess.scaling == "standard" else text


def matches(row: TableRow, text: str) -> bool:
    """Whether each word of `text` stands somewhere in a row, in any case."""
    content = " ".join(str(value) for value in row.values.values() if value is not None).casefold()
    return all(word in content for word in text.casefold().split())


def rows_frame(rows: Sequence[TableRow]) -> pd.DataFrame:
    """Lay rows out with all `COLUMNS`; numbers that are not there are missing values."""
    table = pd.DataFrame([row.values for row in rows], columns=list(COLUMNS))
    types = dict.fromkeys(_WHOLE_NUMBERS, "Int64") | dict.fromkeys(_FRACTIONS, "Float64")
    return table.astype(types)


def _empty() -> dict[str, Any]:
    return dict.fromkeys(COLUMNS)


def _common(run: Run) -> dict[str, Any]:
    config = run.config
    return (
        _empty()
        | settings_of(config)
        | {
            "name": run.name or f"{display_name(config.dataset)}, {config.network.layers_text()}",
            "kind": CONTRAST if config.network.kind == "convolution" else NETWORK,
            "data set": display_name(config.dataset),
            "pictures": images_of(config.preprocess),
            "epochs done": run.epoch,
            "started": run.created,
        }
    )


def _result(result: RunResult) -> dict[str, Any]:
    """Read a run's result; one of an older Flatland lacks the accuracies of other splits."""
    test, accuracy = result.test, result.accuracy
    low, high = _interval(test.accuracy, test.n_images)
    return {
        "best epoch": result.best_epoch,
        "weights of epoch": result.kept_epoch,
        "parameters": result.n_parameters,
        "seconds": result.seconds,
        "train": accuracy.get("train"),
        "validation": accuracy.get("validation"),
        "test": test.accuracy,
        "test lower end": low,
        "test upper end": high,
    }


def _moved(shifts: ShiftTests | None) -> dict[str, Any]:
    """Accuracy after the move by a tenth that a network takes worst, on both splits."""
    if shifts is None:
        return {}
    tests = {"moved": shifts.validation, "test moved": shifts.test}
    return {
        name: test.share(test.worst.reaction) for name, test in tests.items() if test is not None
    }


def _shares_of(baseline: Baseline, n_images: int) -> dict[str, Any]:
    low, high = _interval(baseline.test, n_images)
    return {
        "name": baseline.title,
        "seconds": baseline.seconds,
        "train": baseline.train,
        "validation": baseline.validation,
        "test": baseline.test,
        "test lower end": low,
        "test upper end": high,
        "notes": baseline.detail,
    }


def _interval(accuracy: float, n_images: int) -> tuple[float, float]:
    return wilson_interval(round(accuracy * n_images), n_images)
