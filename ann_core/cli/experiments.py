"""The command that puts a claim to the test: experiment."""

from __future__ import annotations

import secrets
import time
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
from ann_core.cli.data import CartoonKnobs, cartoon_values
from ann_core.cli.wait import LOOK_SECONDS
from ann_core.datasets.dataset import DatasetInfo
from ann_core.datasets.sources.cartoons import CartoonConfig
from ann_core.errors import RunError
from ann_core.experiments import moved
from ann_core.experiments.catalog import EXPERIMENTS, find_experiment
from ann_core.experiments.definition import Experiment, with_seed
from ann_core.experiments.standing import Standing
from ann_core.jobs.dispatcher import Dispatcher
from ann_core.jobs.experiments import begin, estimate, file_runs, look, stop
from ann_core.runs.owners import OPERATOR, Submission
from ann_core.runs.progress import duration
from ann_core.runs.registry import Registry
from ann_core.settings import get_settings

_LIST = "list"


@app.command()
def experiment(
    *,
    name: Annotated[
        str, typer.Argument(help=f"One of {', '.join(EXPERIMENTS)}; or 'list' to see them.")
    ],
    dataset: Annotated[str, typer.Argument(help="Name of a data set.")] = "",
    cartoon: CartoonKnobs = None,
    bet: Annotated[str, typer.Option(help="The outcome that you expect; 'list' has them.")] = "",
    seed: Annotated[
        int,
        typer.Option(min=0, max=1_000_000, help="Added to the seed of each network: another try."),
    ] = 0,
    json: JsonOption = False,
) -> None:
    """Put a claim about flattening to the test, and wait for the outcome; Ctrl-C stops it."""
    if name == _LIST:
        _show_all(json=json)
        return
    chosen = find_experiment(name)
    if not dataset:
        raise RunError(
            f"Expected a data set after '{name}', got none: python -m ann_core experiment {name} "
            "cartoons. 'python -m ann_core datasets' lists them."
        )
    if cartoon and not chosen.draws:
        raise RunError(f"Expected --cartoon only with an experiment that draws, not with '{name}'.")
    if chosen.draws:
        chosen, info = _drawn(name, dataset, cartoon or [])
    else:
        info = catalog().info(dataset)
    chosen = with_seed(chosen, seed)
    runs, settings = registry(), get_settings()
    estimated = estimate(chosen, info, registry=runs, settings=settings)
    submission = Submission(secrets.token_urlsafe(16))
    record = begin(runs, settings, chosen, info=info, submission=submission, bet=bet)
    say(f"experiment {record.id}: {len(record.plan)} networks, about {duration(estimated.seconds)}")
    started = time.monotonic()
    standing = _wait(runs, record.id, info)
    _show(standing, time.monotonic() - started, runs, json=json)


def _drawn(name: str, dataset: str, knobs: list[str]) -> tuple[Experiment, DatasetInfo]:
    """Draw what an experiment is about.

    Raises
    ------
    RunError
        If it is asked about other pictures.
    """
    if dataset != "cartoons":
        raise RunError(
            f"Expected 'cartoons' after '{name}', got {dataset!r}: this experiment draws its "
            "pictures itself, and --cartoon says how far they move."
        )
    cartoons = CartoonConfig.parse(moved.MOVED_FAR.model_dump() | cartoon_values(knobs))
    with progress_bar("drawing cartoons") as progress:
        moved.draw(catalog(), cartoons, progress)
    return moved.with_cartoons(catalog(), cartoons)


def _wait(runs: Registry, experiment_id: str, info: DatasetInfo) -> Standing:
    """Dispatch until the experiment has ended, and return it as it is then."""
    settings = get_settings()
    dispatcher = Dispatcher.local(runs, settings)
    dispatcher.run_in_background()
    text = ""
    try:
        while True:
            try:
                standing = look(runs, settings, experiment_id)
                if standing.text() != text:
                    text = standing.text()
                    say(text)
                if not standing.live:
                    return standing
                file_runs(runs, settings, standing.record, info=info, filer=OPERATOR)
                time.sleep(LOOK_SECONDS)
            except KeyboardInterrupt:
                say("Stopping all networks of this experiment; what they learned is kept.")
                stop(runs, settings, experiment_id, by=OPERATOR)
    finally:
        dispatcher.close()


def _show(standing: Standing, seconds: float, runs: Registry, *, json: bool) -> None:
    """Print what came out.

    Raises
    ------
    RunError
        If nothing did.
    """
    record, conclusion = standing.record, standing.conclusion
    if conclusion is None:
        raise RunError(standing.problem)
    chosen = find_experiment(record.name)
    values: dict[str, Any] = {"experiment": record.id, "name": record.name}
    values |= {"dataset": record.dataset, "claim": chosen.claim, "seconds": round(seconds, 1)}
    values |= {"bet": runs.experiments.bet_of(record.id, OPERATOR)}
    values |= {"runs": list(record.runs), **conclusion.model_dump(mode="json")}
    if json:
        show_json(values)
        return
    print(f"Claim: {chosen.claim}")
    print(conclusion.sentence)
    print("The claim held here." if conclusion.holds else "The claim did not hold here.")
    show_table(
        ("what", "value", "of"),
        [(number.what, number.text(), number.about) for number in conclusion.numbers],
    )


def _show_all(*, json: bool) -> None:
    rows = [
        {
            "name": each.key,
            "claim": each.claim,
            "bets": {bet.key: bet.label for bet in each.bets},
        }
        for each in EXPERIMENTS.values()
    ]
    if json:
        show_json(rows)
        return
    for each in EXPERIMENTS.values():
        print(f"{each.key}: {each.claim}")
        for bet in each.bets:
            print(f"  bet '{bet.key}': {bet.label}")
