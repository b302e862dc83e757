"""Commands for runs that were filed: runs, show, stop, clear-line, pause, resume, and more."""

from __future__ import annotations

import secrets
from typing import Annotated

import typer

from ann_core.cli.app import (
    JsonOption,
    NameOption,
    RunArgument,
    app,
    catalog,
    registry,
    say,
    show_json,
)
from ann_core.cli.output import as_dict, show_run, show_runs
from ann_core.cli.wait import wait
from ann_core.errors import RunError
from ann_core.jobs.admission import submit_run
from ann_core.runs.housekeeping import clear_line, delete_run, stop_job
from ann_core.runs.owners import OPERATOR, Submission
from ann_core.runs.registry import Registry
from ann_core.runs.run import Run
from ann_core.settings import get_settings


@app.command()
def runs(json: JsonOption = False) -> None:
    """List the runs, newest first."""
    recent = registry().recent()
    if json:
        show_json([as_dict(run) for run in recent])
    else:
        show_runs(recent)


@app.command()
def show(run: RunArgument, json: JsonOption = False) -> None:
    """Show settings, history and result of a run."""
    runs = registry()
    show_run(runs.get(run), runs, json=json, with_test=True)


@app.command()
def stop(run: RunArgument, json: JsonOption = False) -> None:
    """End a run and keep what it learned."""
    runs = registry()
    stop_job(runs, get_settings(), run, by=OPERATOR)
    _tell_standing(runs.get(run), json=json)


@app.command("clear-line")
def clear_line_(json: JsonOption = False) -> None:
    """End all that waits in line, of whomever; what is at work goes on."""
    stopped, paused = clear_line(registry(), get_settings())
    if json:
        show_json({"stopped": stopped, "paused": paused})
    else:
        say(f"{len(stopped):,} stopped; {len(paused):,} trainings that had begun are paused")


@app.command()
def pause(run: RunArgument, json: JsonOption = False) -> None:
    """Let a run rest; 'resume' goes on exactly where it was."""
    runs = registry()
    runs.commands.pause(run, by=OPERATOR)
    _tell_standing(runs.get(run), json=json)


@app.command()
def resume(run: RunArgument, json: JsonOption = False) -> None:
    """Go on with a run that was paused or that failed, and wait for it."""
    runs = registry()
    runs.commands.resume(run, by=OPERATOR)
    wait_and_show(runs, runs.get(run), json=json)


@app.command()
def delete(run: RunArgument, json: JsonOption = False) -> None:
    """Delete a run that has ended, with its model and its files."""
    delete_run(registry(), get_settings(), run, by=OPERATOR)
    show_json({"deleted": run}) if json else say(f"run {run}: deleted")


@app.command()
def describe(
    run: RunArgument,
    name: Annotated[str | None, typer.Option(help="What to call the run from now on.")] = None,
    notes: Annotated[str | None, typer.Option(help="What to remember of it.")] = None,
    json: JsonOption = False,
) -> None:
    """Give a run another name or other notes."""
    runs = registry()
    runs.commands.describe(run, by=OPERATOR, name=name, notes=notes)
    described = runs.get(run)
    show_json(as_dict(described)) if json else say(f"run {run}: {described.name or 'no name'}")


@app.command()
def clone(run: RunArgument, name: NameOption = "", json: JsonOption = False) -> None:
    """Train once more with the settings of a run, on the pictures as they are now."""
    runs = registry()
    earlier = runs.get(run)
    info = catalog().info(earlier.config.dataset)
    config = earlier.config.model_copy(update={"fingerprint": info.fingerprint})
    key = secrets.token_urlsafe(16)
    submission = Submission(key, name=name or earlier.name)
    again = submit_run(runs, get_settings(), config, info=info, submission=submission)
    say(f"run {again.id}")
    wait_and_show(runs, again, json=json)


def _tell_standing(run: Run, *, json: bool) -> None:
    """Say where a run stands after a wish; a working one obeys a moment later."""
    request = f", asked to {run.requested}" if run.live and run.requested != "run" else ""
    show_json(as_dict(run)) if json else say(f"run {run.id}: {run.status}{request}")


def wait_and_show(runs: Registry, run: Run, *, json: bool) -> None:
    """Wait for a run and tell what came of it.

    Raises
    ------
    RunError
        If it failed.
    """
    run = wait(runs, run)
    show_run(run, runs, json=json, with_test=False)
    if run.status == "failed":
        raise RunError(run.error or "The run failed.")
