"""Runs that have ended, as the estimate of times sees them: what they did, and how long it took."""

from __future__ import annotations

import math
from collections.abc import Mapping
from statistics import median
from typing import Any

import sqlalchemy as sa

from ann_core.runs.result import RunResult
from ann_core.runs.run import RunConfig
from ann_core.training.network_config import NetworkConfig
from ann_core.training.network_size import product_count
from ann_core.training.time_estimate import EpochSize, PastRun, is_in_passes


def is_of_kind(config: Mapping[str, Any], kind: str) -> bool:
    """Whether stored settings are of a network of this kind; older ones are dense."""
    return bool(config.get("network", {}).get("kind", "dense") == kind)


def past_run(row: sa.Row[Any], seconds: list[float]) -> PastRun:
    """Make one of a row of the registry and the seconds of its epochs."""
    result = RunResult.parse(row.result)
    # Runs that were interrupted also waited, and those that were stopped did other work.
    is_whole = row.status == "done" and row.attempt == 1 and row.total is not None
    network, n_train = NetworkConfig.parse(row.config["network"]), result.n_images["train"]
    precision = result.precision or "float32"  # in which all trained before it was said
    return PastRun(
        EpochSize(
            n_train=n_train,
            n_parameters=result.n_parameters,
            batch_size=network.batch_size,
            precision=precision,
            n_products=_products(row.config, result),
            n_values=_values(row.config.get("preprocess", {})),
            in_passes=is_in_passes(network, precision, n_train),
        ),
        seconds_per_epoch=median(seconds),
        besides=max(0.0, row.total - sum(seconds)) if is_whole else None,
    )


def _values(preprocess: Mapping[str, Any]) -> int:
    """Count the values of an image."""
    n_pixels: int = math.prod(preprocess.get("image_size", (0,)))
    return n_pixels * (3 if preprocess.get("mode") == "rgb" else 1)


def _products(config: Mapping[str, Any], result: RunResult) -> int:
    """Count what an image costs: the parameters of a dense network, more of a convolution."""
    if is_of_kind(config, "dense"):
        return result.n_parameters
    run = RunConfig.parse(config)
    n_classes, pixels = len(result.test.class_names), run.preprocess
    return product_count(run.network, pixels.n_features, n_classes, n_channels=pixels.n_channels)
