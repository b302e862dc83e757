"""Runs and scores, written for people."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ann_core import stored_names
from ann_core.cli.app import show_json, show_table
from ann_core.evaluation.interpretation import describe_test_use
from ann_core.evaluation.shift_result import load_shift_tests
from ann_core.evaluation.shift_sentences import describe_shift
from ann_core.runs.folder import RunFolder
from ann_core.runs.registry import Registry
from ann_core.runs.result import Evaluation
from ann_core.runs.run import Run
from ann_core.settings import get_settings


def as_dict(run: Run) -> dict[str, Any]:
    """Plain values by name, for JSON."""
    values = asdict(run) | {"config": run.config.model_dump(mode="json")}
    values["result"] = None if run.result is None else run.result.as_dict()
    return values | {stored_names.REQUESTED: values.pop("requested")}


def show_runs(runs: list[Run]) -> None:
    """Print a line a run."""
    columns = ("run", "name", "data set", "status", "epochs", "validation accuracy")
    show_table(columns, [_line(run) for run in runs])


def show_run(run: Run, runs: Registry, *, json: bool, with_test: bool) -> None:
    """Print settings, history and result of a run.

    Parameters
    ----------
    with_test : bool
        Whether its result on the test images is printed, which counts as a look at them.
    """
    if with_test:
        runs.looks.add([run])
    history = runs.metrics(run.id)
    folder = RunFolder.of(get_settings().runs_dir, run.id)
    shifts = load_shift_tests(folder.shift_test)
    if json:
        values = as_dict(run) | {"history": [epoch.as_dict() for epoch in history]}
        moved = None if shifts is None else shifts.model_dump(mode="json")
        show_json(values | {"shift_test": moved})
        return
    layers = run.config.network.layers_text(none="no hidden layer")
    print(f"run {run.id}: {run.status}")
    for event in runs.events(run.id):
        attempt = f", attempt {event.attempt}" if event.attempt > 1 else ""
        print(f"  {event.at:%Y-%m-%d %H:%M:%S}  {event.what}{attempt}")
    print(f"data set {run.config.dataset}, network {layers}, {_epochs(run)} epochs")
    if history:
        last = history[-1]
        print(
            f"last epoch: accuracy {last.accuracy:.4f}, loss {last.loss:.4f}, "
            f"validation accuracy {last.val_accuracy:.4f}, validation loss {last.val_loss:.4f}"
        )
    if run.error:
        print(f"{run.error}\nlog: {folder.log}")
    if run.result and run.result.ended_by:
        print(run.result.ended_by)
    if run.result:
        print(f"weights of {run.result.kept}")
    if run.result and with_test:
        show_evaluation(run.result.test)
        n_looks = runs.looks.count(run.config.fingerprint)
        print(describe_test_use(n_looks, run.result))
        if shifts is not None:
            print(describe_shift(shifts.test).replace("**", ""))
    elif run.result:
        print(f"validation accuracy {_validation(run)} with the weights that were kept")
        print(f"The test pictures are for the network that you choose: show {run.id}")
    if run.result:
        print(f"files: {folder.path}")


def show_evaluation(evaluation: Evaluation) -> None:
    """Print scores and confusion matrix."""
    print(
        f"{evaluation.split} accuracy {evaluation.accuracy:.4f} on {evaluation.n_images:,} "
        f"pictures (always answering the most frequent class: {evaluation.majority:.4f})"
    )
    columns = ("class", "precision", "recall", *(f"as {c}" for c in evaluation.class_names))
    rows = [
        (s.class_name, f"{s.precision:.3f}", f"{s.recall:.3f}" if s.is_tested else "-", *row)
        for s, row in zip(evaluation.classes, evaluation.confusion, strict=True)
    ]
    show_table(columns, rows)


def _line(run: Run) -> tuple[str, ...]:
    name = run.name or "-"
    return run.id, name, run.config.dataset, run.status, _epochs(run), _validation(run)


def _validation(run: Run) -> str:
    """Accuracy on the validation images, if it is known."""
    accuracy = run.result.validation if run.result else None
    return "-" if accuracy is None else f"{accuracy:.4f}"


def _epochs(run: Run) -> str:
    return f"{run.epoch}/{run.config.network.epochs}"
