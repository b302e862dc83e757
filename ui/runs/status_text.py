"""What a run is doing, in words that are the same on every page."""

from __future__ import annotations

from ann_core.runs.owners import EXAMPLE_OWNER
from ann_core.runs.progress import ordinal
from ann_core.runs.run import Run
from ui.runs.run_watcher import View

_RESTING = {"done": "done", "stopped": "stopped", "paused": "paused", "failed": "failed"}


def status_text(view: View) -> str:
    """Say what goes on and how far it is, over the bar."""
    run = view.run
    doing = _RESTING.get(run.status) or _doing(run, view.queue_position)
    if run.interrupted:
        doing = f"interrupted, continuing ({ordinal(run.losses + 1)} try), {doing}"
    begun = run.epoch or run.phase == "training" or not run.live
    return f"{doing}: {view.progress.epochs}" if begun else doing


def requested_text(run: Run) -> str:
    """Say what was asked for and has not happened yet; "" if nothing was."""
    if not run.live or run.requested == "run":
        return ""
    doing = "pausing" if run.requested == "pause" else "stopping"
    when = "after this batch" if run.phase == "training" else "as soon as it can"
    return f"{doing} {when}"


def standing(view: View) -> str:
    """Say what a paused run waits for, and where it stands."""
    where = view.progress.epochs
    if view.run.batch and view.progress.batches:
        where += f", {view.progress.batches}"
    return f"Press Continue, and it goes on exactly where it stopped: after {where}."


def whose(run: Run) -> str:
    """Tell somebody who may only watch where the run came from."""
    if run.owner == EXAMPLE_OWNER:
        return "An example that comes with Flatland; you can look at it but not change it."
    origin = "in another browser" if run.owner else "from the command line"
    return f"Started {origin}; you can {'watch' if run.live else 'look at'} it."


def _doing(run: Run, queue_position: int) -> str:
    if run.status != "queued":
        return run.phase or "starting"
    return f"{ordinal(queue_position)} in line" if queue_position else "starting soon"
