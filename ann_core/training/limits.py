"""How much one run, and one owner, may take: the same rules at the form and in the worker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ann_core.errors import FlatlandError
from ann_core.training.network import NetworkConfig, parameter_count

Profile = Literal["local", "hosted"]

HOSTED: dict[str, int | bool] = {
    "allow_server_folders": False,
    "max_waiting_runs": 3,
    "max_epochs": 100,
    "max_nodes": 5_000,
    "max_parameters": 25_000_000,
    "max_run_seconds": 30 * 60,
    "max_disk_bytes": 20 * 1024**3,
    "max_run_age_days": 7,
}
"""What `ANN_PROFILE=hosted` sets, for a demo that strangers use; each can be set by itself."""


class LimitError(FlatlandError):
    """More than this installation allows; `problems` lists every limit that would be broken."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__(" ".join(problems))


@dataclass(frozen=True)
class Limits:
    """Bounds of one installation; 0 means that there is none.

    Attributes
    ----------
    waiting_runs : int
        Runs of one owner that may wait at the same time.
    epochs, nodes, parameters : int
        Of one run; nodes are those of all hidden layers together.
    run_seconds : int
        Training time of one run, all its attempts together; it then stops and
        keeps what it learned.
    disk_bytes : int
        What the data folder may hold in all before new runs are refused.
    run_age_days : int
        Ended runs are deleted when they are older.
    """

    waiting_runs: int = 0
    epochs: int = 0
    nodes: int = 0
    parameters: int = 0
    run_seconds: int = 0
    disk_bytes: int = 0
    run_age_days: int = 0

    def broken_by(self, config: NetworkConfig, n_features: int, n_classes: int) -> list[str]:
        """Say in a sentence each what of this network is too much here."""
        asked = {
            "epochs": (config.epochs, self.epochs, "fewer epochs"),
            "nodes in hidden layers": (sum(config.hidden_units), self.nodes, "fewer nodes"),
            "parameters": (
                parameter_count(config, n_features, n_classes),
                self.parameters,
                "smaller pictures or fewer nodes in the first layer",
            ),
        }
        return [
            f"This server allows {most:,} {what}, and this network has {n:,}: choose {remedy}."
            for what, (n, most, remedy) in asked.items()
            if most and n > most
        ]

    def check(self, config: NetworkConfig, n_features: int, n_classes: int) -> None:
        """Refuse a network that is too much here.

        Raises
        ------
        LimitError
        """
        problems = self.broken_by(config, n_features, n_classes)
        if problems:
            raise LimitError(problems)
