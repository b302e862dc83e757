"""The command that trains: an option for each setting."""

from __future__ import annotations

import secrets
from typing import Annotated, Any

import typer

from ann_core.cli.app import JsonOption, NameOption, app, catalog, registry, say
from ann_core.cli.options import (
    ImageSizeOption,
    ModeOption,
    ResampleOption,
    ResizeOption,
    ScalingOption,
    numbers,
    option,
    preprocess_config,
)
from ann_core.cli.runs import wait_and_show
from ann_core.errors import ConfigError
from ann_core.jobs.admission import submit_run
from ann_core.runs.run import RunConfig
from ann_core.settings import get_settings
from ann_core.training.network_config import PRESETS, NetworkConfig


def _network_option(field: str, text: str) -> Any:
    return option(NetworkConfig, field, text)


@app.command()
def train(
    context: typer.Context,
    dataset: Annotated[str, typer.Argument(help="Name of a data set.")],
    preset: Annotated[
        str,
        typer.Option(
            help=f"Settings to begin with: {', '.join(PRESETS)}. The options below, down to "
            "--early-stopping-patience, change one each."
        ),
    ] = "small",
    hidden_units: Annotated[
        str | None, typer.Option(help="Nodes by hidden layer, such as 512,256; 'none' for none.")
    ] = None,
    activation: Annotated[
        str | None, _network_option("activation", "What a hidden node does with its sum.")
    ] = None,
    dropout_rate: Annotated[
        float | None,
        _network_option("dropout_rate", "Share of each hidden layer silenced in training."),
    ] = None,
    batch_normalization: Annotated[
        bool | None, typer.Option(help="Normalise each hidden layer over the batch.")
    ] = None,
    l2: Annotated[float | None, _network_option("l2", "Pull of all weights towards 0.")] = None,
    schedule: Annotated[
        str | None,
        _network_option("schedule", "How the learning rate changes from epoch to epoch."),
    ] = None,
    optimizer: Annotated[
        str | None, _network_option("optimizer", "How a gradient becomes a step.")
    ] = None,
    learning_rate: Annotated[
        float | None, _network_option("learning_rate", "Length of a step.")
    ] = None,
    batch_size: Annotated[int | None, _network_option("batch_size", "Pictures a step.")] = None,
    epochs: Annotated[
        int | None, _network_option("epochs", "Walks through the training pictures.")
    ] = None,
    seed: Annotated[int | None, _network_option("seed", "Same seed, same result.")] = None,
    early_stopping_patience: Annotated[
        int | None,
        _network_option(
            "early_stopping_patience",
            "End after so many epochs without a lower validation loss, keep the best; 0: never.",
        ),
    ] = None,
    image_size: ImageSizeOption = None,
    mode: ModeOption = None,
    resize: ResizeOption = None,
    resample: ResampleOption = None,
    scaling: ScalingOption = None,
    name: NameOption = "",
    json: JsonOption = False,
) -> None:
    """Train a network and wait for it; Ctrl-C stops it and keeps what was learned."""
    given = {key: value for key, value in context.params.items() if value is not None}
    info = catalog().info(dataset)
    config = RunConfig(
        dataset=dataset,
        fingerprint=info.fingerprint,
        preprocess=preprocess_config(given),
        network=_network(given),
    )
    runs = registry()
    key = secrets.token_urlsafe(16)
    run = submit_run(runs, get_settings(), config, info, submit_key=key, name=name)
    say(f"run {run.id}")
    wait_and_show(runs, run, json=json)


def _network(given: dict[str, Any]) -> NetworkConfig:
    preset, hidden_units = given["preset"], given.get("hidden_units")
    if preset not in PRESETS:
        known = ", ".join(PRESETS)
        raise ConfigError("Network settings", [f"preset: expected one of {known}, got {preset!r}"])
    values = {key: value for key, value in given.items() if key in NetworkConfig.model_fields}
    if hidden_units is not None:
        values["hidden_units"] = () if hidden_units == "none" else numbers(hidden_units, ",")
    return NetworkConfig.parse(PRESETS[preset].model_dump() | values)
