"""A registry with a dispatcher that starts real workers, for benchmarks that watch a run."""

import secrets
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ann_core.datasets.catalog import Catalog
from ann_core.jobs.admission import submit_run
from ann_core.jobs.dispatcher import Dispatcher
from ann_core.jobs.engine import LocalEngine
from ann_core.runs.folder import RunFolder
from ann_core.runs.owners import OPERATOR, Submission
from ann_core.runs.registry import Registry
from ann_core.runs.run import Run, RunConfig
from ann_core.settings import Settings
from ann_core.training.network_config import PRESETS
from benchmarks.data import NAME

_LOOK_SECONDS = 0.01


@dataclass(frozen=True)
class Workers:
    """What files runs, starts their workers, and says how they are."""

    registry: Registry
    engine: LocalEngine
    dispatcher: Dispatcher
    settings: Settings

    def submit(self, preset: str, epochs: int = 1000) -> Run:
        """File a run of the imported pictures, as pressing Start does."""
        info = Catalog(self.settings.datasets_dir).info(NAME)
        network = PRESETS[preset].model_copy(update={"epochs": epochs})
        config = RunConfig(dataset=NAME, fingerprint=info.fingerprint, network=network)
        submission = Submission(secrets.token_urlsafe(16))
        run = submit_run(self.registry, self.settings, config, info=info, submission=submission)
        self.dispatcher.look_now()
        return run

    def wait_until(self, run: Run, holds: Callable[[Run], bool], seconds: float = 200) -> Run:
        """Look at a run until something is true of it."""
        give_up = time.monotonic() + seconds
        while not holds(now := self.registry.get(run.id)):
            if time.monotonic() > give_up or now.status == "failed":
                raise RuntimeError(f"the run is {now.status} in phase {now.phase}: {now.error}")
            time.sleep(_LOOK_SECONDS)
        return now

    def end(self, run: Run) -> None:
        """Stop a run and wait until its worker is gone."""
        self.registry.commands.stop(run.id, by=OPERATOR)
        self.wait_until(run, lambda now: not now.live)


@contextmanager
def workers(data_dir: Path, *, warm: bool = False) -> Iterator[Workers]:
    """Begin to dispatch; with `warm`, once a process has loaded TensorFlow for the first worker.

    The registry is a new one: what an earlier benchmark left in the data folder does not go on.
    """
    with tempfile.TemporaryDirectory() as folder, terminated():
        settings = Settings(
            data_dir=data_dir,
            database_url=f"sqlite:///{folder}/registry.db",
            warm_worker="on" if warm else "off",
        )
        yield from _dispatching(settings, warm=warm)


def _dispatching(settings: Settings, *, warm: bool) -> Iterator[Workers]:
    engine = LocalEngine(settings, keeps_warm=warm)
    with Registry(settings.registry_url) as registry:
        dispatcher = Dispatcher(registry, engine, settings)
        dispatcher.run_in_background()
        at_work = Workers(registry, engine, dispatcher, settings)
        try:
            while warm and not engine.warm.is_ready:
                dispatcher.expect()
                time.sleep(0.1)
            yield at_work
        finally:
            for run in registry.recent():
                if run.live:
                    at_work.end(run)
                shutil.rmtree(RunFolder.of(settings.runs_dir, run.id).path)
            dispatcher.close()


@contextmanager
def terminated() -> Iterator[None]:
    """Let a signal to end be an exception, so that what was started is ended too."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
