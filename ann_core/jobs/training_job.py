"""What a worker does once network and images are there: train, test, save."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from ann_core.datasets.features import FeatureSet
from ann_core.datasets.split import SPLITS
from ann_core.evaluation.artifacts import conclude_run, keep_first_layer, save_evaluation
from ann_core.evaluation.first_layer import is_kept, snapshot_name
from ann_core.evaluation.metrics import evaluate
from ann_core.jobs.checkpointing import CheckpointManager
from ann_core.jobs.context import WorkerContext
from ann_core.jobs.heartbeat import (
    EXIT_REPLACED,
    EndRequestedError,
    WorkerRequest,
    retry,
)
from ann_core.runs.folder import RunFolder
from ann_core.runs.job import Status
from ann_core.runs.model_files import save_model
from ann_core.runs.result import RunResult
from ann_core.runs.run import Run
from ann_core.training.history import EpochMetrics
from ann_core.training.loop import TrainingResult, TrainingState, conclude, train

if TYPE_CHECKING:
    import keras


class TrainingJob:
    """One attempt at one run, from its checkpoint to its end or to the next checkpoint."""

    def __init__(
        self,
        run: Run,
        data: FeatureSet,
        model: keras.Model,
        *,
        context: WorkerContext,
    ) -> None:
        settings, heartbeat = context.settings, context.heartbeat
        self.run = run
        self.data = data
        self.model = model
        self.registry = context.registry
        self.heartbeat = heartbeat
        self.max_seconds = settings.limits.run_seconds
        self.n_threads = settings.n_threads
        self.folder = RunFolder.of(settings.runs_dir, run.id)
        self.checkpoints = CheckpointManager(
            self.folder.checkpoints,
            run.attempt,
            seconds=settings.checkpoint_seconds,
            exit_if_replaced=heartbeat.exit_if_replaced,
            on_saved=self._name_checkpoint,
        )
        self.ended_by = ""
        self.accepted: WorkerRequest = "run"

    def execute(self) -> tuple[Status, RunResult]:
        """Train on, then test and save; return how the run ended, and its result.

        Raises
        ------
        EndRequestedError
            If the run is to rest or to go on elsewhere; its checkpoint is saved.
        DivergedError, DiskFullError
        """
        state = self.checkpoints.restore(self.model, self.run.checkpoint)
        self._write_or_exit(lambda: self._rewind(state))
        self.folder.write_history(state.history)
        if not state.history and not state.batch:
            self._keep_first_layer(0)
        if self.heartbeat.request == "stop":
            ended = conclude(self.model, self.run.config.network, state, stopped=True)
        else:
            self.heartbeat.phase("training", batch=state.batch, n_batches=state.n_batches)
            ended = train(
                self.model,
                self.data,
                self.run.config.network,
                on_batch=self._on_batch,
                on_epoch=lambda metrics: self._on_epoch(metrics, state),
                state=state,
            )
        if self.accepted in {"pause", "leave"}:
            raise EndRequestedError(self.accepted)
        return self._finish(ended, state)

    def clear(self) -> None:
        """Remove the checkpoints of a run that has its model."""
        self.checkpoints.clear()

    def _on_batch(self, state: TrainingState) -> bool:
        progress = {"phase": "training", "batch": state.batch, "n_batches": state.n_batches}
        self.heartbeat.progress = progress
        request = self.accepted = self.heartbeat.request
        if request in {"pause", "leave"} or (request == "run" and self.checkpoints.due):
            self.checkpoints.save(self.model, state)
        if self.max_seconds and state.elapsed >= self.max_seconds and request == "run":
            self.ended_by = (
                f"It was stopped after {self.max_seconds:,} seconds of training, the most that "
                "this server allows a run."
            )
            return True
        return request != "run"

    def _on_epoch(self, metrics: EpochMetrics, state: TrainingState) -> None:
        run = self.run
        self._write_or_exit(
            lambda: self.registry.attempts.add_metrics(run.id, run.attempt, metrics)
        )
        self.folder.write_history(state.history)
        if is_kept(metrics.epoch):
            self._keep_first_layer(metrics.epoch)

    def _keep_first_layer(self, epoch: int) -> None:
        keep_first_layer(self.model, self.data, self.folder, name=snapshot_name(epoch))

    def _finish(self, ended: TrainingResult, state: TrainingState) -> tuple[Status, RunResult]:
        """Test and save; whatever is wanted from now on, this is finished first."""
        data, model = self.data, self.model
        if not ended.stopped:
            self.checkpoints.save(model, state)  # what follows takes the most memory
        state.best_weights.clear()  # what follows needs the memory
        self.heartbeat.final_phase("testing")
        predictions = conclude_run(model, data, self.folder, check=self.heartbeat.exit_if_replaced)
        test = predictions.of("test")
        evaluation = evaluate(test.probabilities, test.labels, data.class_names)
        self.heartbeat.final_phase("saving the model")
        self.heartbeat.exit_if_replaced()
        self.folder.write_history(ended.history)
        save_model(model, self.folder)
        save_evaluation(evaluation, self.folder)
        result = RunResult(
            test=evaluation,
            best_epoch=ended.best_epoch,
            kept_epoch=ended.kept_epoch,
            cut_batches=state.batch if ended.stopped else 0,
            n_threads=self.n_threads,
            ended_by=self.ended_by,
            n_parameters=int(model.count_params()),
            n_images={split: len(data.indices(split)) for split in SPLITS},
            n_skipped=len(data.skipped),
            accuracy={split: float(predictions.of(split).correct.mean()) for split in SPLITS},
            seconds=state.elapsed,
        )
        return "stopped" if ended.stopped else "done", result

    def _name_checkpoint(self, name: str) -> None:
        self._write_or_exit(
            lambda: self.registry.attempts.saved(self.run.id, self.run.attempt, name)
        )

    def _rewind(self, state: TrainingState) -> bool:
        return self.registry.attempts.rewind(
            self.run.id, self.run.attempt, len(state.history), batch=state.batch
        )

    def _write_or_exit(self, write: Callable[[], bool]) -> None:
        """Write to the registry, or exit if another attempt has taken over."""
        if not retry(write):
            os._exit(EXIT_REPLACED)
