"""The panel of a run in every state that a run can be in."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from ann_core.datasets.dataset import DatasetInfo
from ann_core.evaluation.shift_result import load_shift_tests
from ann_core.evaluation.shift_sentences import describe_shift, describe_shift_curve
from ann_core.runs import folder as folder_module
from ann_core.runs.folder import RunFolder
from tests.helpers.app_text import captions, page_text
from tests.helpers.run_states import (
    KEY,
    bars,
    begin,
    controls,
    curves,
    metrics,
    registry,
    submit_run,
    watch,
)
from ui.base import services

KINDS = ("memory", "disk", "data", "limit", "diverged", "lost", "bug")


def test_a_waiting_run_knows_its_place(cartoons: DatasetInfo) -> None:
    runs = [submit_run(cartoons) for _ in range(3)]
    assert [bars(watch(run))[0] for run in runs] == ["1st in line", "2nd in line", "3rd in line"]
    assert controls(watch(runs[2])) == {"pause": True, "stop": True, "use_again": True}


def test_a_starting_run(cartoons: DatasetInfo) -> None:
    run = submit_run(cartoons)
    registry().attempts.claim(1)
    page = watch(run)
    assert bars(page) == ["starting"]
    assert curves(page) == {}, "no empty frames"
    assert "The curves appear after the first epoch." in captions(page)


def test_a_running_run_shows_how_far_and_how_fast_it_is(cartoons: DatasetInfo) -> None:
    page = watch(begin(submit_run(cartoons), n_epochs=2))
    assert bars(page) == ["training: epoch 3 of 10", "batch 3 of 12"]
    assert "About 30 s left, 48 pictures a second" in captions(page)
    assert "lowest validation loss, in epoch 2." in captions(page)
    assert page_text(page) == []


def test_batches_of_short_epochs_do_not_flicker(cartoons: DatasetInfo) -> None:
    run = begin(submit_run(cartoons))
    registry().attempts.add_metrics(run.id, 1, metrics(1, seconds=0.2))
    registry().attempts.heartbeat(run.id, 1, phase="training", batch=3, n_batches=12)
    page = watch(run)
    assert bars(page) == ["training: epoch 2 of 10"]
    assert "12 batches an epoch, in 0.2 s" in captions(page)


def test_what_the_curves_say_comes_with_its_rule(cartoons: DatasetInfo) -> None:
    page = watch(begin(submit_run(cartoons), n_epochs=5))
    [reading] = [text for text in page.markdown if "it is learning" in text.value]
    assert "lower count as falling" in reading.help


def test_an_interrupted_run_says_so(cartoons: DatasetInfo) -> None:
    run = begin(submit_run(cartoons))
    registry().attempts.recover_lost(run.id, 1)
    assert bars(watch(run))[0] == "interrupted, continuing (2nd try), 1st in line"
    begin(run)
    registry().attempts.heartbeat(run.id, 2, phase="loading TensorFlow")
    assert bars(watch(run))[0] == "interrupted, continuing (2nd try), loading TensorFlow"


@pytest.mark.parametrize(
    ("button", "words"),
    [("pause", "Pausing after this batch"), ("stop", "Stopping after this batch")],
)
def test_a_wish_is_said_until_it_is_obeyed(cartoons: DatasetInfo, button: str, words: str) -> None:
    page = watch(begin(submit_run(cartoons), n_epochs=1))
    page.button(key=button).click().run()
    assert page_text(page) == []
    assert words in captions(page)
    assert not controls(page)[button]


def test_a_paused_run_waits_for_continue(cartoons: DatasetInfo) -> None:
    run = begin(submit_run(cartoons), n_epochs=2)
    registry().commands.pause(run.id, by=KEY)
    registry().attempts.release(run.id, 1)
    page = watch(run)
    assert bars(page) == ["paused: epoch 2 of 10"]
    assert "exactly where it stopped: after epoch 2 of 10, batch 3 of 12." in captions(page)
    assert controls(page) == dict.fromkeys(["resume", "stop", "delete_for_good", "use_again"], True)
    page.button(key="resume").click().run()
    assert registry().get(run.id).status == "queued"
    assert bars(page)[0] == "1st in line: epoch 2 of 10"
    assert "pause" in controls(page)


@pytest.mark.parametrize("kind", KINDS)
def test_a_failed_run_says_why_and_shows_its_log(
    cartoons: DatasetInfo, data_dir: Path, kind: str
) -> None:
    run = begin(submit_run(cartoons), n_epochs=1)
    registry().attempts.fail(run.id, 1, kind, why="It went wrong.")
    page = watch(run)
    assert page_text(page) == ["It went wrong."]
    assert bars(page) == ["failed: epoch 1 of 10"]
    assert ("resume" in controls(page)) is registry().get(run.id).can_resume
    assert set(curves(page)) == {"loss", "accuracy"}


def test_a_host_shows_the_log_without_its_folders(
    cartoons: DatasetInfo, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANN_PROFILE", "hosted")
    services.settings.cache_clear()
    run = begin(submit_run(cartoons))
    registry().attempts.fail(run.id, 1, "bug", why="It went wrong.")
    log = RunFolder.of(data_dir / "runs", run.id).log
    log.parent.mkdir(parents=True)
    ours, theirs = Path(folder_module.__file__), Path(np.__file__)
    log.write_text(f'File "{ours}"\nFile "{theirs}"\nin {data_dir}/runs')
    page = watch(run)
    page.session_state["log"] = True
    page.run()
    [shown] = [block.value for block in page.code]
    assert shown == 'File "ann_core/runs/folder.py"\nFile "numpy/__init__.py"\nin runs'


def test_the_log_is_read_when_it_is_opened_and_only_its_end(
    cartoons: DatasetInfo, data_dir: Path
) -> None:
    run = begin(submit_run(cartoons))
    registry().attempts.fail(run.id, 1, "bug", why="It went wrong.")
    log = RunFolder.of(data_dir / "runs", run.id).log
    log.parent.mkdir(parents=True)
    log.write_text("".join(f"line {n}\n" for n in range(100_000)))
    page = watch(run)
    assert page.code == [], "not read yet"
    page.session_state["log"] = True
    page.run()
    [shown] = [block.value for block in page.code]
    assert shown.splitlines()[0] == "line 99800"
    assert shown.splitlines()[-1] == "line 99999"
    log.write_bytes(b"\xff" * 10**6)
    page.run()
    assert len(page.code[0].value) <= 64 * 1024
    log.unlink()
    page.run()
    assert page.code[0].value == "The log is empty."


def test_a_run_that_was_stopped_without_a_model(cartoons: DatasetInfo) -> None:
    run = submit_run(cartoons)
    registry().commands.stop(run.id, by=KEY)
    page = watch(run)
    assert bars(page) == ["stopped: epoch 0 of 10"]
    assert "stopped before it had learned anything" in captions(page)
    assert controls(page) == {"use_again": True, "delete_for_good": True}


def test_a_run_whose_files_are_gone_keeps_its_curves_and_scores(
    small_run: str, data_dir: Path
) -> None:
    shutil.rmtree(data_dir / "runs" / small_run)
    page = watch(registry().get(small_run))
    assert bars(page) == ["done: epoch 3 of 3"]
    page.session_state["after_training"] = "Curves"
    page.run()
    assert set(curves(page)) == {"loss", "accuracy"}
    assert "Validation accuracy" in [metric.label for metric in page.metric]
    assert "Its files are gone" in captions(page)
    assert not any("Ask it" in link.value for link in page.page_link)


def test_a_run_that_ended_shows_what_moving_the_pictures_does_and_looks_at_no_test_picture(
    small_run: str, data_dir: Path
) -> None:
    run = registry().get(small_run)
    tests = load_shift_tests(RunFolder.of(data_dir / "runs", small_run).shift_test)
    assert tests is not None
    assert tests.validation is not None
    page = watch(run)
    assert [tab.label for tab in page.tabs] == ["Move every picture", "Curves"]
    assert describe_shift(tests.validation) in [text.value for text in page.markdown]
    alts = [chart.proto.alt for chart in page.get("vega_lite_chart")]
    assert describe_shift_curve(tests.validation) in alts
    assert registry().looks.count(run.config.fingerprint) == 0


def test_why_a_run_ended_early_is_told(small_run: str) -> None:
    result = registry().get(small_run).learned.as_dict()
    ended_by = "It was stopped after 1,800 seconds."
    result |= {"ended_by": ended_by, "kept_epoch": None}
    with registry().store.engine.begin() as db:
        db.execute(sa.text("UPDATE runs SET result = :r"), {"r": json.dumps(result)})
    page = watch(registry().get(small_run))
    [summary] = [text.value for text in page.markdown if ended_by in text.value]
    assert "the weights are those of the moment it was stopped" in summary
