"""What a training is, and what decides its result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pydantic

from ann_core.config import Config
from ann_core.errors import NotTrainedError
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.runs.job import Job
from ann_core.runs.result import RunResult
from ann_core.runs.variation import ORDINARY, VariationConfig
from ann_core.training.network_config import NetworkConfig


def _say_what_is_kept(values: Any) -> Any:
    """Complete stored settings: those of version 1 kept the best epoch if they stopped early."""
    if not isinstance(values, dict) or values.get("schema_version") != 1:
        return values
    network = values.get("network", {})
    if isinstance(network, dict):
        early = network.get("early_stopping_patience")
        network = {"keep": "best" if early else "last"} | network
    return values | {"network": network}


class RunConfig(Config):
    """All that decides a run's result: data, preprocessing, network.

    Attributes
    ----------
    dataset : str
        Name in the catalog.
    fingerprint : str
        Content of the data set when the run was filed; the worker compares.
    variation : VariationConfig
        What an experiment changes about it; by default nothing.
    schema_version : int
        1 if it was stored before ``NetworkConfig.keep`` was there to be stored.
    """

    dataset: str
    fingerprint: str
    preprocess: PreprocessConfig = PreprocessConfig()
    network: NetworkConfig = NetworkConfig()
    variation: VariationConfig = ORDINARY
    schema_version: int = 2

    _upgrade = pydantic.model_validator(mode="before")(_say_what_is_kept)

    @pydantic.model_serializer(mode="wrap")
    def _without_silent_fields(
        self, handler: pydantic.SerializerFunctionWrapHandler
    ) -> dict[str, Any]:
        """Leave out what says nothing: an ordinary run is written down as it always was."""
        values: dict[str, Any] = handler(self)
        if self.variation == ORDINARY:
            values.pop("variation", None)
        return values


def is_usual(config: RunConfig) -> bool:
    """Whether the form of the Train page can hold it: dense, and nothing changed about it."""
    usual = config.network.kind == "dense" and not config.preprocess.scramble_seed
    return usual and config.variation == ORDINARY


@dataclass(frozen=True, kw_only=True)
class Run(Job):
    """A training.

    Attributes
    ----------
    epoch : int
        How many are done.
    checkpoint : str or None
        File in its folder from which the next attempt goes on.
    """

    kind = "train"
    settings = RunConfig
    result_type = RunResult

    config: RunConfig
    result: RunResult | None
    epoch: int
    checkpoint: str | None

    @property
    def can_pause(self) -> bool:
        """Whether it could wait for another day."""
        return self.live and self.requested == "run"

    @property
    def can_resume(self) -> bool:
        """Whether it can go on where it was; the same steps would run away again."""
        if self.live:
            return self.requested == "pause"  # and its worker has not obeyed yet
        return self.status == "paused" or (
            self.status == "failed" and self.error_kind not in {"diverged", "limit"}
        )

    @property
    def has_model(self) -> bool:
        """Whether there is something to predict with."""
        return self.status in {"done", "stopped"} and self.result is not None

    @property
    def learned(self) -> RunResult:
        """What came of it.

        Raises
        ------
        RunError
            If it has no model.
        """
        if self.result is None:
            raise NotTrainedError()
        return self.result
