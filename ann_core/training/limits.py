"""Whether a network keeps the limits of this installation: asked at the form and in the worker."""

from __future__ import annotations

from ann_core.errors import LimitError
from ann_core.settings import Limits
from ann_core.training.network_config import NetworkConfig
from ann_core.training.network_size import parameter_count


def broken_limits(
    limits: Limits, config: NetworkConfig, n_features: int, *, n_classes: int
) -> list[str]:
    """Say in a sentence each what of this network is too much here."""
    requested = {
        "epochs": (config.epochs, limits.epochs, "fewer epochs"),
        "neurons in hidden layers": (sum(config.hidden_units), limits.units, "fewer neurons"),
        "parameters": (
            parameter_count(config, n_features, n_classes),
            limits.parameters,
            "smaller pictures or fewer neurons in the first layer",
        ),
    }
    return [
        f"This server allows {maximum:,} {what}, and this network has {n:,}: choose {remedy}."
        for what, (n, maximum, remedy) in requested.items()
        if maximum and n > maximum
    ]


def check_limits(limits: Limits, config: NetworkConfig, n_features: int, *, n_classes: int) -> None:
    """Refuse a network that is too much here.

    Raises
    ------
    LimitError
    """
    problems = broken_limits(limits, config, n_features, n_classes=n_classes)
    if problems:
        raise LimitError(problems)
