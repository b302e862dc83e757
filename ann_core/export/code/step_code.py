"""Code of the step of learning: what `ann_core.training.step` holds, word for word."""

from __future__ import annotations

import inspect
from dataclasses import dataclass

from ann_core.export.code.notebook import NotebookCell, assemble
from ann_core.training import step
from ann_core.training.batching import batches_a_call
from ann_core.training.loop import is_compiled
from ann_core.training.network_config import NetworkConfig
from ann_core.training.precision import Precision

KERAS_STEP = """
    for start in range(0, $LENGTH, BATCH_SIZE):
        # The order within a batch changes nothing.
        rows = np.sort(order[start : start + BATCH_SIZE])
        model.train_on_batch(x[rows], y[rows])
"""
"""How a run of an earlier version learned: a batch a call, by Keras' own step."""

STEPS = """
    whole = min($LENGTH, len(train)) // BATCH_SIZE * BATCH_SIZE
    for start in range(0, whole, BATCHES_A_CALL * BATCH_SIZE):
        stop = min(start + BATCHES_A_CALL * BATCH_SIZE, whole)
        # The order within a batch changes nothing.
        rows = np.sort(order[start:stop].reshape(-1, BATCH_SIZE))
        n_batches = len(rows)
        rows = np.resize(rows, (BATCHES_A_CALL, BATCH_SIZE))  # all calls are of one shape
        step(x[rows], y[rows], n_batches)
    if whole < $LENGTH:
        rows = np.sort(order[np.newaxis, whole:])
        short_step(x[rows], y[rows], 1)
"""

_MAKE = """
BATCHES_A_CALL = $ROOM
step = learning_step(model, "$PRECISION"$COMPILED)
short_step = $SHORT
"""


@dataclass(frozen=True)
class StepKind:
    """How the steps of a run were computed: its weights depend on that, to the bit.

    Attributes
    ----------
    precision : str
        As `ann_core.runs.result.RunResult` has it.
    compiled : bool
        Whether XLA compiled the step.
    batches_a_call : int
        Room for batches in a call.
    """

    precision: Precision
    compiled: bool
    batches_a_call: int

    @classmethod
    def of(
        cls, network: NetworkConfig, precision: Precision, *, n_train: int, n_features: int
    ) -> StepKind:
        """Say how a training on `n_train` images of `n_features` values computes."""
        n_batches = -(-n_train // network.batch_size)
        return cls(
            precision,
            is_compiled(network, precision, n_batches),
            batches_a_call(network.batch_size, n_features),
        )


def step_cell(kind: StepKind) -> NotebookCell:
    """Write the functions, and make the two steps of a run from them; needs ``model``."""
    source = inspect.getsource(step)
    code = source[source.index("import contextlib") :]
    made = assemble(
        _MAKE,
        ROOM=str(kind.batches_a_call),
        PRECISION=kind.precision,
        COMPILED=", compiled=True" if kind.compiled else "",
        SHORT=f'learning_step(model, "{kind.precision}")' if kind.compiled else "step",
    )
    return NotebookCell(
        "The step of learning, several batches in one call. A shorter batch at the end of an "
        "epoch has a step of its own, for sums of fractions depend on the shape they are "
        "computed in.",
        f"{code.strip()}\n\n\n{made}",
    )
