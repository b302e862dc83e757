"""A finished run with a bit of everything, and its archive, taken apart and put together again."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ann_core.export.archive.archive import write_archive
from ann_core.export.archive.packing import pack
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.jobs.context import WorkerContext
from ann_core.jobs.data_jobs import run_data_job
from ann_core.jobs.heartbeat import Heartbeat
from ann_core.runs.folder import RunFolder
from ann_core.runs.job_results import ArchiveImportResult
from ann_core.runs.job_types import ArchiveImportConfig, ArchiveImportJob
from ann_core.runs.registry import Registry
from ann_core.runs.run import Run, RunConfig
from ann_core.settings import Settings
from tests.helpers.runs import SIDE, Workshop, make_dataset, run_config

STANDARD = PreprocessConfig(image_size=(SIDE, SIDE), scaling="standard")
OWNER = "0" * 64


@dataclass(frozen=True)
class Trained:
    """A finished run, and where it lies."""

    run: Run
    settings: Settings

    @property
    def folder(self) -> RunFolder:
        return RunFolder.of(self.settings.runs_dir, self.run.id)

    def packed(self) -> bytes:
        buffer = io.BytesIO()
        write_archive(self.run, self.settings, buffer)
        return buffer.getvalue()


def train(data_dir: Path, n_images: int = 60, *, bits: int = 8, **network: Any) -> Trained:
    """Train a network of two hidden layers on standardised noise, in a real worker."""
    workshop = Workshop(data_dir)
    try:
        dataset = make_dataset(data_dir, n_images=n_images, bits=bits)
        values = {"hidden_units": (8, 6), "epochs": 3} | network
        preprocess = STANDARD.model_copy(update={"bits_used": dataset.info.bits_used})
        config = run_config(dataset, **values).model_copy(update={"preprocess": preprocess})
        run = workshop.wait_for_end(workshop.start(RunConfig.parse(config.model_dump())))
        assert run.status == "done", run.error
        return Trained(run, workshop.settings)
    finally:
        workshop.close()


def members_of(archive: bytes) -> dict[str, bytes]:
    """Take an archive apart, without its manifest."""
    with zipfile.ZipFile(io.BytesIO(archive)) as bundle:
        names = [name for name in bundle.namelist() if name != "manifest.json"]
        return {name: bundle.read(name) for name in names}


def repacked(members: dict[str, bytes]) -> bytes:
    """Put members together as a whole archive, with a manifest of their own."""
    buffer = io.BytesIO()
    pack(members, buffer)
    return buffer.getvalue()


def arrays_of(content: bytes) -> dict[str, np.ndarray]:
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        return {name: archive[name].copy() for name in archive.files}


def stored(arrays: dict[str, np.ndarray]) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def open_upload(upload: str, settings: Settings, registry: Registry, key: str) -> str:
    """Do in this process what a worker does with an uploaded archive; return the run's id."""
    job = registry.submit_data_job(ArchiveImportConfig(upload=upload), submit_key=key)
    claimed = registry.attempts.claim(1, (ArchiveImportJob.kind,))
    assert claimed == (job.id, 1)
    started = registry.attempts.start(job.id, 1, pid=1)
    assert isinstance(started, ArchiveImportJob)
    try:
        context = WorkerContext(settings, registry, Heartbeat(registry, job.id, 1))
        result = run_data_job(started, context)
    except BaseException:
        registry.attempts.fail(job.id, 1, "data", why="refused")
        raise
    assert isinstance(result, ArchiveImportResult)
    registry.attempts.finish(job.id, 1, "done", result=result)
    return result.run
