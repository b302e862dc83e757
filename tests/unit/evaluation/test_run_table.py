"""The table of runs: a row a run, a baseline, or all that differ by seed only."""

from __future__ import annotations

from dataclasses import replace
from statistics import mean, stdev

import numpy as np
import pytest
from scipy import stats

from ann_core.errors import RunError
from ann_core.evaluation.baselines import Baseline, BaselineSet
from ann_core.evaluation.comparison import settings_of
from ann_core.evaluation.run_table import (
    COLUMNS,
    SETTINGS,
    TEST_COLUMNS,
    TableRow,
    baseline_id,
    baseline_rows,
    best_first,
    is_baseline_id,
    matches,
    rows_frame,
    run_row,
    run_rows,
    seed_row,
    settings_that_differ,
    without_test,
)
from ann_core.evaluation.shift_result import Moved, ShiftTest, ShiftTests, SplitName
from ann_core.runs.job import check_run_id
from ann_core.runs.result import RunResult
from ann_core.runs.run import Run
from tests.helpers.made_up_runs import N_TEST, config, run


def baselines() -> BaselineSet:
    labels = np.arange(N_TEST) % 2
    predictions = np.stack([np.arange(N_TEST), labels, labels * 0, labels]).astype(np.int64)
    return BaselineSet(
        (
            Baseline("majority", "", 0.5, 0.5, 0.5, 0.1),
            Baseline("neighbours", "k = 3", None, 0.9, 1.0, 0.2),
        ),
        predictions,
    )


def test_a_row_of_a_run_has_its_figures() -> None:
    one = run(0.75, name="mine", hidden_units=(4, 3), image_size=(8, 9), scaling="standard")
    values = run_row(one).values
    assert tuple(values) == COLUMNS
    low, high = stats.binomtest(150, N_TEST).proportion_ci(method="wilson")
    assert (values["test lower end"], values["test upper end"]) == pytest.approx((low, high))
    expected = {"name": "mine", "hidden layers": "4-3", "pictures": "8×9 gray, standardised"}
    expected |= {"train": 0.9, "validation": 0.6, "test": 0.75, "epochs done": 7, "best epoch": 3}
    assert {name: values[name] for name in expected} == expected


def test_a_run_without_a_result_and_one_of_an_older_flatland_have_gaps() -> None:
    waiting = run_row(run(None, "queued")).values
    assert (waiting["test"], waiting["parameters"], waiting["status"]) == (None, None, "queued")
    old = run(0.5)
    values = old.learned.as_dict()
    del values["accuracy"]
    old = replace(old, result=RunResult.parse(values))
    assert (run_row(old).values["train"], run_row(old).values["test"]) == (None, 0.5)


def test_seeds_as_one_row() -> None:
    accuracies = [0.5, 0.6, 0.55]
    alike = [run(share, validation=share / 2, seed=n) for n, share in enumerate(accuracies)]
    row = seed_row([*alike, run(None, "running", seed=9)])
    assert len(row.ids) == 4
    assert row.values["test"] == pytest.approx(mean(accuracies))
    assert row.values["test spread"] == pytest.approx(stdev(accuracies))
    assert row.values["validation"] == pytest.approx(mean(accuracies) / 2)
    assert row.values["validation spread"] == pytest.approx(stdev(accuracies) / 2)
    assert (row.values["seeds"], row.values["seed"]) == (3, None)
    assert row.values["status"] == "3 done, 1 running"
    other = run(epochs=9)
    assert [row.ids for row in run_rows([alike[0], other, alike[1]], by_seed=True)] == [
        (alike[0].id, alike[1].id),
        (other.id,),
    ]
    assert len(run_rows(alike, by_seed=False)) == 3
    assert seed_row(alike[:1]) == run_row(alike[0])


def test_a_seed_that_was_trained_twice_counts_once() -> None:
    twice = seed_row([run(0.8, seed=0, day=2), run(0.7, seed=0)]).values
    assert (twice["seeds"], twice["test"], twice["test spread"]) == (1, 0.8, None)
    assert twice["status"] == "1 done, 1 again with the same seed"
    with_another = seed_row([run(0.8, seed=0, day=2), run(0.7, seed=0), run(0.7, seed=1)]).values
    assert with_another["test spread"] == pytest.approx(stdev([0.8, 0.7]))
    assert (with_another["seeds"], with_another["test"]) == (2, pytest.approx(0.75))


def test_a_run_that_was_stopped_is_no_seed() -> None:
    row = seed_row([run(0.8, seed=0), run(0.5, "stopped", seed=1)]).values
    assert (row["seeds"], row["test"], row["test spread"]) == (1, 0.8, None)
    assert row["status"] == "1 done, 1 stopped"
    assert run_row(run(0.5, "stopped")).values["seeds"] is None
    nothing = seed_row([run(0.5, "stopped"), run(0.5, "stopped", seed=1)]).values
    assert (nothing["seeds"], nothing["test"], nothing["status"]) == (0, None, "2 stopped")


def test_every_setting_has_a_column_that_hides_if_it_is_the_same() -> None:
    rows = [run_row(run(learning_rate=0.1, dropout_rate=0.5)), run_row(run(activation="tanh"))]
    assert set(settings_of(config())) <= set(COLUMNS)
    assert rows[0].values["learning rate"] == 0.1
    with_baselines = [*rows, *baseline_rows(baselines(), config())]
    assert settings_that_differ(with_baselines) == ["activation", "dropout", "learning rate"]
    assert settings_that_differ(rows[:1]) == list(SETTINGS)
    types = rows_frame(rows).dtypes.astype(str)
    assert (types["learning rate"], types["batch size"]) == ("Float64", "Int64")


def test_rows_are_sorted_by_validation_and_their_test_can_be_left_out() -> None:
    rows = [run_row(run(0.9, validation=share)) for share in (0.5, 0.7)]
    rows.insert(1, run_row(run(None, "queued")))
    assert best_first(rows) == [rows[2], rows[0], rows[1]]
    left = without_test(rows[0]).values
    assert [left[name] for name in TEST_COLUMNS] == [None] * 5
    assert left == rows[0].values | dict.fromkeys(TEST_COLUMNS)


def test_baselines_are_marked_rows_of_the_same_table() -> None:
    like = config(image_size=(8, 8))
    majority, neighbours = baseline_rows(baselines(), like)
    assert majority.values["kind"] == "baseline" != run_row(run()).values["kind"]
    assert tuple(majority.values) == COLUMNS
    assert (neighbours.values["notes"], neighbours.values["train"]) == ("k = 3", None)
    assert neighbours.values["test upper end"] == 1.0
    assert majority.ids == (baseline_id(like, "majority"),)
    assert is_baseline_id(majority.ids[0])
    assert baseline_id(config(scaling="standard"), "majority") != baseline_id(config(), "majority")


@pytest.mark.parametrize("text", ["", "majority.", "../../x", "other.0123456789abcdef", "A" * 16])
def test_other_words_name_no_baseline(text: str) -> None:
    assert not is_baseline_id(text)
    with pytest.raises(RunError):
        check_run_id(baseline_id(config(), "majority"))


def test_the_table_marks_what_is_missing() -> None:
    table = rows_frame([run_row(run(0.75, seed=3)), run_row(run(None, "queued", seed=4))])
    assert tuple(table.columns) == COLUMNS
    assert table["seed"].tolist() == [3, 4]
    assert table["test"].iloc[0] == 0.75
    assert table[["test", "best epoch", "seconds"]].iloc[1].isna().all()
    types = table.dtypes.astype(str)
    assert (types["seed"], types["test"], types["seconds"]) == ("Int64", "Float64", "Float64")
    assert tuple(rows_frame([]).columns) == COLUMNS


def test_words_find_rows() -> None:
    row = TableRow(("a",), {"name": "First TRY", "data set": "cats", "seed": None, "test": 0.75})
    for text in ("", "first", "try cats", "CATS first 0.75"):
        assert matches(row, text), text
    assert not matches(row, "first dogs")
    assert not matches(row, "none")


def test_accuracy_after_the_worst_move_is_a_column_on_either_split() -> None:
    def shifts_of(each: Run) -> ShiftTests | None:
        n_correct = {0: 40, 1: 60}.get(each.config.network.seed)
        return None if n_correct is None else shifts(n_correct)

    alike = [run(0.8, seed=seed) for seed in range(3)]
    rows = run_rows(alike, by_seed=False, shifts_of=shifts_of)
    assert [row.values["moved"] for row in rows] == [0.4, 0.6, None]
    assert [row.values["test moved"] for row in rows] == [0.3, 0.5, None]
    assert without_test(rows[0]).values["moved"] == 0.4
    assert without_test(rows[0]).values["test moved"] is None
    [row] = run_rows(alike, by_seed=True, shifts_of=shifts_of)
    assert row.values["moved"] == pytest.approx(0.5)
    assert rows_frame([row])["test moved"].dtype == "Float64"


def shifts(n_correct: int) -> ShiftTests:
    """Of 100 images, 80 are right as they are, and `n_correct` after the worst move."""

    def test(split: SplitName, worst: int) -> ShiftTest:
        counts = {-2: 80, -1: worst, 1: 80, 2: 10}
        moves = tuple(
            Moved(pixels=pixels, n_correct=n, n_lost=80 - n, n_changed=80)
            for pixels, n in counts.items()
        )
        about = {"n_images": 100, "n_split_images": 100, "n_guessed": 50, "n_classes": 2}
        about |= {"n_correct": 80, "image_size": (10, 10), "split": split, "patches": moves[0]}
        return ShiftTest.parse(about | {"right": moves, "down": moves})

    return ShiftTests(validation=test("validation", n_correct), test=test("test", n_correct - 10))
