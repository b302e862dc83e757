"""All experiments that there are, in the order in which they are shown."""

from __future__ import annotations

from ann_core.errors import RunError
from ann_core.experiments.definition import Experiment
from ann_core.experiments.scramble import SCRAMBLE

EXPERIMENTS: dict[str, Experiment] = {each.key: each for each in (SCRAMBLE,)}


def find_experiment(key: str) -> Experiment:
    """Find an experiment by its key.

    Raises
    ------
    RunError
        If there is none.
    """
    if key not in EXPERIMENTS:
        known = ", ".join(EXPERIMENTS)
        raise RunError(f"Expected one of the experiments {known}, got {key!r}.")
    return EXPERIMENTS[key]
