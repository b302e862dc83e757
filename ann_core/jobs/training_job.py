"""What a worker does once network and images are there: train, test, save."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from ann_core.datasets.features import FeatureSet
from ann_core.datasets.split import SPLITS
from ann_core.evaluation.artifacts import conclude_run, keep_first_layer, save_evaluation
from ann_core.evaluation.first_layer import is_kept, snapshot_name
from ann_core.evaluation.metrics import evaluate
from ann_core.jobs.checkpointing import CheckpointManager, NothingToKeepError
from ann_core.jobs.context import WorkerContext
from ann_core.jobs.heartbeat import EndRequestedError
from ann_core.jobs.observing import Observer
from ann_core.jobs.variation import varied
from ann_core.runs.folder import RunFolder
from ann_core.runs.job import Status
from ann_core.runs.model_files import save_model
from ann_core.runs.result import RunResult
from ann_core.runs.run import Run
from ann_core.training.batching import CALL_SECONDS
from ann_core.training.history import EpochMetrics
from ann_core.training.loop import TrainingResult, TrainingState, conclude, train

if TYPE_CHECKING:
    import keras

_Ending = Literal["complete", "stopped", "out of time"]

_OUT_OF_TIME = (
    "It was stopped after {:,} seconds of training, the most that this server allows a run."
)


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
        settings = context.settings
        self.run = run
        self.data = data
        self.taught = varied(data, run.config.variation, run.config.network.seed)
        self.model = model
        self.n_threads = settings.n_threads
        self.max_seconds = settings.limits.run_seconds
        self.heartbeat = context.heartbeat
        self.attempts = context.registry.attempts
        self.folder = RunFolder.of(settings.runs_dir, run.id)
        self.checkpoints = CheckpointManager(
            self.folder.checkpoints, run.attempt, seconds=settings.checkpoint_seconds
        )
        self.observer = Observer(model, data, self.folder)

    def execute(self) -> tuple[Status, RunResult]:
        """Train on, then test and save; return how the run ended, and its result.

        Raises
        ------
        EndRequestedError
            If the run is to rest or to go on elsewhere, and its checkpoint is saved; or if it
            is to be stopped before it has learned anything.
        NothingToKeepError, DivergedError, DiskFullError
        """
        state = self._restore()
        ending: _Ending = "stopped"
        if self.heartbeat.request != "stop":
            self.heartbeat.phase("training", batch=state.batch, n_batches=state.n_batches)
            ending = self._train(state)
        elif not state.history and not state.batch:
            raise EndRequestedError("stop") if self.run.checkpoint is None else NothingToKeepError
        stopped = ending != "complete"
        ended = conclude(self.model, self.run.config.network, state, stopped=stopped)
        return self._finish(ended, state, ending)

    def clear(self) -> None:
        """Remove the checkpoints of a run that has its model."""
        self.checkpoints.clear()

    def _restore(self) -> TrainingState:
        """Go to the last checkpoint; what was reported beyond it will be trained again."""
        run = self.run
        state = self.checkpoints.restore(self.model, run.checkpoint)
        n_epochs, batch = len(state.history), state.batch
        self.heartbeat.write(
            lambda: self.attempts.rewind(run.id, run.attempt, n_epochs, batch=batch)
        )
        self.folder.write_history(state.history)
        fresh = not state.history and not state.batch
        if fresh:
            self._keep_first_layer(0)
        self.observer.begin(n_epochs, fresh=fresh)
        return state

    def _train(self, state: TrainingState) -> _Ending:
        """Learn a few batches at a time, obey, save and record; say why it is over."""
        network = self.run.config.network
        events = train(self.model, self.taught, network, state=state, call_seconds=CALL_SECONDS)
        for event in events:
            if isinstance(event, EpochMetrics):
                self._record(event, state)
                continue
            self.heartbeat.advance(_progress(state))
            request = self.heartbeat.request
            if request in {"pause", "leave"}:
                self._save(state)
                raise EndRequestedError(request)
            if request == "stop":
                return "stopped"
            if self.checkpoints.due:
                self._save(state)
            if 0 < self.max_seconds <= state.elapsed:
                return "out of time"
        return "complete"

    def _record(self, metrics: EpochMetrics, state: TrainingState) -> None:
        """Tell everybody what an epoch gave."""
        run = self.run
        self.heartbeat.write(lambda: self.attempts.add_metrics(run.id, run.attempt, metrics))
        self.folder.write_history(state.history)
        if is_kept(metrics.epoch):
            self._keep_first_layer(metrics.epoch)
        self.observer.epoch_ended(metrics.epoch)

    def _save(self, state: TrainingState) -> None:
        """Write a checkpoint; it counts as soon as the registry names it."""
        run = self.run
        self.heartbeat.exit_if_replaced()
        self.observer.write()
        name = self.checkpoints.save(self.model, state)
        self.heartbeat.write(lambda: self.attempts.saved(run.id, run.attempt, name))
        self.checkpoints.keep(name)

    def _keep_first_layer(self, epoch: int) -> None:
        keep_first_layer(self.model, self.data, self.folder, name=snapshot_name(epoch))

    def _finish(
        self, ended: TrainingResult, state: TrainingState, ending: _Ending
    ) -> tuple[Status, RunResult]:
        """Test and save; whatever is wanted from now on, this is finished first."""
        data, model = self.data, self.model
        if not ended.stopped:
            self._save(state)  # what follows takes the most memory
        state.best_weights.clear()  # what follows needs the memory
        self.heartbeat.final_phase("testing")
        predictions = conclude_run(model, data, self.folder, check=self.heartbeat.exit_if_replaced)
        test = predictions.of("test")
        evaluation = evaluate(test.probabilities, test.labels, data.class_names)
        self.heartbeat.final_phase("saving the model")
        self.heartbeat.exit_if_replaced()
        self.folder.write_history(ended.history)
        self.observer.end()
        save_model(model, self.folder)
        save_evaluation(evaluation, self.folder)
        result = RunResult(
            test=evaluation,
            best_epoch=ended.best_epoch,
            kept_epoch=ended.kept_epoch,
            cut_batches=state.batch if ended.stopped else 0,
            n_threads=self.n_threads,
            precision="bfloat16" if state.precision == "bfloat16" else "float32",
            ended_by=_OUT_OF_TIME.format(self.max_seconds) if ending == "out of time" else "",
            n_parameters=int(model.count_params()),
            n_images={split: len(self.taught.indices(split)) for split in SPLITS},
            accuracy={split: float(predictions.of(split).correct.mean()) for split in SPLITS},
            seconds=state.elapsed,
        )
        return "stopped" if ended.stopped else "done", result


def _progress(state: TrainingState) -> dict[str, Any]:
    return {"phase": "training", "batch": state.batch, "n_batches": state.n_batches}
