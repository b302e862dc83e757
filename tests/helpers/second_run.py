"""A second finished run that needs no training: it copies one, and changes three answers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ann_core.evaluation.comparison import with_seed
from ann_core.evaluation.stored_predictions import load_predictions, save_predictions
from ann_core.runs.folder import RunFolder
from ann_core.runs.owners import OPERATOR, Caller
from ann_core.runs.registry import Registry
from ann_core.runs.run import Run
from ann_core.settings import Settings

N_CHANGED = 3  # test images with the other answer


def add_second(
    registry: Registry,
    settings: Settings,
    run_id: str,
    *,
    seed: int = 7,
    name: str = "another",
    owner: Caller = OPERATOR,
) -> Run:
    """File a run with another seed and end it; no server may work in the folder meanwhile."""
    first = registry.get(run_id)
    config = with_seed(first.config, seed)
    run = registry.submit(config, submit_key=f"second {seed}", owner=owner, name=name)
    assert registry.attempts.claim(1) == (run.id, 1)
    registry.attempts.start(run.id, 1, pid=1)
    for epoch in registry.metrics(run_id):
        registry.attempts.add_metrics(run.id, 1, epoch)
    here, there = (RunFolder.of(settings.runs_dir, each) for each in (run_id, run.id))
    there.path.mkdir()
    there.write_config(config, here.read_class_names())
    predictions = load_predictions(here.predictions, 2)
    changed = np.flatnonzero(predictions.splits == "test")[:N_CHANGED]
    predictions.probabilities[changed] = predictions.probabilities[changed][:, ::-1]
    save_predictions(predictions, there.predictions)
    assert first.result is not None
    test = replace(first.result.test, accuracy=float(predictions.of("test").correct.mean()))
    result = first.result.model_copy(update={"test": test})
    registry.attempts.finish(run.id, 1, "done", result=result)
    return registry.get(run.id)
