"""All experiments that there are, in the order in which they are shown."""

from __future__ import annotations

from ann_core.errors import RunError
from ann_core.experiments.altered import MIRROR, NUDGE
from ann_core.experiments.definition import Experiment
from ann_core.experiments.duel import DUEL
from ann_core.experiments.hunger import HUNGER
from ann_core.experiments.ladder import LADDER
from ann_core.experiments.looks import LOOKS
from ann_core.experiments.moved import MOVED
from ann_core.experiments.neighbours import NEIGHBOURS
from ann_core.experiments.nonsense import NONSENSE
from ann_core.experiments.order import ORDER
from ann_core.experiments.push import PUSH
from ann_core.experiments.scramble import SCRAMBLE
from ann_core.experiments.you import YOU

_ALL = (
    *(SCRAMBLE, YOU, NUDGE, MIRROR, MOVED, LOOKS, NONSENSE),
    *(ORDER, PUSH, HUNGER, LADDER, DUEL, NEIGHBOURS),
)
EXPERIMENTS: dict[str, Experiment] = {each.key: each for each in _ALL}


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
