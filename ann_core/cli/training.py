"""Commands for runs: train, runs, show."""

from __future__ import annotations

import secrets
import time
from dataclasses import asdict
from typing import Annotated, Any

import typer

from ann_core.cli.app import (
    JsonOption,
    app,
    catalog,
    progress_bar,
    registry,
    say,
    show_json,
    show_table,
)
from ann_core.errors import ConfigError, RunError
from ann_core.evaluation import Evaluation
from ann_core.jobs.pump import PUMP_SECONDS, Pump
from ann_core.network import PRESETS, NetworkConfig
from ann_core.preprocessing import PreprocessConfig
from ann_core.runs.folder import RunFolder
from ann_core.runs.registry import Registry
from ann_core.runs.run import Run, RunConfig
from ann_core.settings import get_settings

_NETWORK, _PICTURES = "Network", "Pictures"


@app.command()
def train(
    dataset: Annotated[str, typer.Argument(help="Name of a data set.")],
    preset: Annotated[str, typer.Option(help=", ".join(PRESETS))] = "small",
    hidden_units: Annotated[
        str | None, typer.Option(help="Nodes by layer, such as 512,256; 'none' for no layer.")
    ] = None,
    activation: Annotated[str | None, typer.Option()] = None,
    dropout_rate: Annotated[float | None, typer.Option()] = None,
    batch_normalization: Annotated[bool | None, typer.Option()] = None,
    l2: Annotated[float | None, typer.Option()] = None,
    optimizer: Annotated[str | None, typer.Option()] = None,
    learning_rate: Annotated[float | None, typer.Option()] = None,
    batch_size: Annotated[int | None, typer.Option()] = None,
    epochs: Annotated[int | None, typer.Option()] = None,
    seed: Annotated[int | None, typer.Option()] = None,
    early_stopping_patience: Annotated[int | None, typer.Option()] = None,
    image_size: Annotated[str | None, typer.Option(help="Such as 96 or 64x96.")] = None,
    mode: Annotated[str | None, typer.Option(help="gray or rgb")] = None,
    resize: Annotated[str | None, typer.Option(help="squash, crop or pad")] = None,
    resample: Annotated[str | None, typer.Option(help="Filter, such as bicubic.")] = None,
    name: Annotated[str, typer.Option(help="What to call the run.")] = "",
    json: JsonOption = False,
) -> None:
    """Train a network and wait for it; Ctrl-C stops it and keeps what was learned."""
    if preset not in PRESETS:
        raise ConfigError(
            "Network settings", [f"expected a preset of {', '.join(PRESETS)}, got {preset!r}"]
        )
    given = {k: v for k, v in locals().items() if k in NetworkConfig.model_fields}
    if hidden_units is not None:
        given["hidden_units"] = _numbers(hidden_units, ",") if hidden_units != "none" else ()
    network = PRESETS[preset].model_dump() | {k: v for k, v in given.items() if v is not None}
    pictures: dict[str, Any] = {"mode": mode, "resize": resize, "resample": resample}
    if image_size is not None:
        pictures["image_size"] = (_numbers(image_size, "x") * 2)[:2]
    config = RunConfig(
        dataset=dataset,
        fingerprint=catalog().info(dataset).fingerprint,
        preprocess=PreprocessConfig.parse({k: v for k, v in pictures.items() if v is not None}),
        network=NetworkConfig.parse(network),
    )
    runs = registry()
    run = runs.submit(config, submit_key=secrets.token_urlsafe(16), name=name)
    say(f"run {run.id}")
    run = _wait(runs, run)
    _show_run(run, runs, json)
    if run.status == "failed":
        raise RunError(run.error or "The run failed.")


@app.command()
def runs(json: JsonOption = False) -> None:
    """List the runs, newest first."""
    found = registry().recent()
    if json:
        show_json([_as_dict(run) for run in found])
        return
    rows = [
        (run.id, run.name, run.config.dataset, run.status, run.epoch, _accuracy(run))
        for run in found
    ]
    show_table(("run", "name", "data set", "status", "epochs", "test accuracy"), rows)


@app.command()
def show(run: Annotated[str, typer.Argument(help="Run id.")], json: JsonOption = False) -> None:
    """Show settings, history and result of a run."""
    runs = registry()
    _show_run(runs.get(run), runs, json)


def _wait(runs: Registry, run: Run) -> Run:
    """Pump until the run has ended; the first Ctrl-C asks it to stop."""
    pump = Pump.local(runs, get_settings())
    with progress_bar("epochs", run.config.network.epochs) as progress:
        while run.live:
            try:
                pump.step()
                time.sleep(PUMP_SECONDS)
                run = runs.get(run.id)
                progress(run.epoch, run.config.network.epochs)
            except KeyboardInterrupt:
                say("stopping after this batch; what was learned is kept")
                runs.ask_stop(run.id)
                run = runs.get(run.id)
    pump.step()
    return run


def _show_run(run: Run, runs: Registry, json: bool) -> None:
    history = runs.metrics(run.id)
    if json:
        show_json(_as_dict(run) | {"history": [epoch.as_dict() for epoch in history]})
        return
    network = run.config.network
    layers = "-".join(str(n) for n in network.hidden_units) or "no hidden layer"
    print(f"run {run.id}: {run.status}")
    print(f"data set {run.config.dataset}, network {layers}, {run.epoch}/{network.epochs} epochs")
    if run.error:
        print(run.error)
    if history:
        last = history[-1]
        print(
            f"last epoch: accuracy {last.accuracy:.4f}, loss {last.loss:.4f}, "
            f"validation accuracy {last.val_accuracy:.4f}, validation loss {last.val_loss:.4f}"
        )
    if run.result:
        show_evaluation(Evaluation.from_dict(run.result["test"]))
        print(f"files: {RunFolder.of(get_settings().runs_dir, run.id).path}")


def show_evaluation(evaluation: Evaluation) -> None:
    """Print scores and confusion matrix for people."""
    print(
        f"{evaluation.split} accuracy {evaluation.accuracy:.4f} on {evaluation.n_images:,} "
        f"pictures (always answering the most frequent class: {evaluation.majority:.4f})"
    )
    columns = ("class", "precision", "recall", *(f"as {c}" for c in evaluation.class_names))
    rows = [
        (s.class_name, f"{s.precision:.3f}", f"{s.recall:.3f}", *row)
        for s, row in zip(evaluation.classes, evaluation.confusion, strict=True)
    ]
    show_table(columns, rows)


def _as_dict(run: Run) -> dict[str, Any]:
    return asdict(run) | {"config": run.config.model_dump(mode="json")}


def _accuracy(run: Run) -> str:
    return f"{run.result['test']['accuracy']:.4f}" if run.result else ""


def _numbers(text: str, separator: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(separator))
    except ValueError:
        raise ConfigError(
            "Settings", [f"expected whole numbers separated by '{separator}', got {text!r}"]
        ) from None
