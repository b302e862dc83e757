"""The command that trains: an option for each setting."""

from __future__ import annotations

import secrets
from typing import Annotated

import typer

from ann_core.cli.app import JsonOption, NameOption, app, catalog, registry, say
from ann_core.cli.options import (
    Given,
    config_options,
    network_config,
    preprocess_config,
    stretched,
)
from ann_core.cli.runs import wait_and_show
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.jobs.admission import submit_run
from ann_core.runs.owners import Submission
from ann_core.runs.run import RunConfig
from ann_core.settings import get_settings
from ann_core.training.network_config import PRESETS, NetworkConfig


@app.command()
@config_options(NetworkConfig, PreprocessConfig)
def train(
    *,
    dataset: Annotated[str, typer.Argument(help="Name of a data set.")],
    preset: Annotated[
        str,
        typer.Option(
            help=f"Settings to begin with: {', '.join(PRESETS)}. The options below, down to "
            "--precision, change one each."
        ),
    ] = "small",
    given: Given,
    name: NameOption = "",
    json: JsonOption = False,
) -> None:
    """Train a network and wait for it; Ctrl-C stops it and keeps what was learned."""
    info = catalog().info(dataset)
    config = RunConfig(
        dataset=dataset,
        fingerprint=info.fingerprint,
        preprocess=stretched(preprocess_config(given), given, info),
        network=network_config(preset, given),
    )
    runs = registry()
    submission = Submission(secrets.token_urlsafe(16), name=name)
    run = submit_run(runs, get_settings(), config, info=info, submission=submission)
    say(f"run {run.id}")
    wait_and_show(runs, run, json=json)
