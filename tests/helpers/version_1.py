"""What the first version left behind: its data folder, its registries, and its figures.

See tests/data/version_1/README.md. The figures in expected.json were read by the code of that
version, through the functions of this module.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest
import sqlalchemy as sa

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import Dataset
from ann_core.datasets.features import find_table
from ann_core.datasets.profile.profile import load_profile
from ann_core.datasets.standardizing import load_standardiser
from ann_core.evaluation.baselines import load_baselines
from ann_core.evaluation.embeddings import load_embeddings
from ann_core.evaluation.first_layer import load_first_layer, snapshots
from ann_core.evaluation.metrics import evaluate
from ann_core.evaluation.ood import load_ood_thresholds
from ann_core.evaluation.stored_predictions import load_predictions
from ann_core.imaging.images import open_image
from ann_core.prediction.classifier import Classifier
from ann_core.runs.folder import RunFolder
from ann_core.runs.job_types import AnyJob
from ann_core.runs.registry import Registry
from ann_core.runs.run import Run
from ann_core.settings import Settings

VERSION_1 = Path(__file__).resolve().parents[1] / "data" / "version_1"
ARCHIVE = VERSION_1 / "run.zip"

KEY = "version-1-key-of-the-first-owner"
OTHER_KEY = "version-1-key-of-another-visitor"

N_PREDICTED = 5
"""Test images that are decoded and classified again."""


def expected() -> Any:
    """All figures, as the first version read them."""
    return json.loads((VERSION_1 / "expected.json").read_text(encoding="utf-8"))


def unpack(data_dir: Path) -> Settings:
    """Copy the data folder, as somebody does who moves to another computer.

    The files are newer than the data set says: a copy has a time of its own.
    """
    with zipfile.ZipFile(VERSION_1 / "data.zip") as bundle:
        bundle.extractall(data_dir)
    return Settings(data_dir=data_dir, database_url="", slots=1)


def load_dump(revision: str, url: str) -> None:
    """Run the statements of a registry's dump in an empty database."""
    parsed = sa.make_url(url)
    kind, path = parsed.get_backend_name(), str(parsed.database)
    statements = (VERSION_1 / f"registry-{revision}-{kind}.sql").read_text(encoding="utf-8")
    if kind == "sqlite":
        Path(path).parent.mkdir()
        with closing(sqlite3.connect(path)) as file:
            file.executescript(statements)
        return
    folder = str(parsed.query["host"])
    with psycopg.connect(host=folder, port=5432, user=parsed.username, dbname=path) as db:
        db.execute(statements.encode())


def assert_near(actual: Any, expected: Any, within: float = 1e-5, where: str = "") -> None:
    """Compare figures: all equal, but for the last digits of what is computed anew.

    A later version may have more names, such as a new setting, but none less.
    """
    if isinstance(expected, dict):
        assert expected.keys() <= actual.keys(), where
        for name, value in expected.items():
            assert_near(actual[name], value, within, f"{where}/{name}")
    elif isinstance(expected, list):
        assert len(actual) == len(expected), where
        for number, value in enumerate(expected):
            assert_near(actual[number], value, within, f"{where}/{number}")
    elif isinstance(expected, float):
        assert actual == pytest.approx(expected, rel=within, abs=within), where
    else:
        assert actual == expected, where


def job_figures(job: AnyJob) -> dict[str, Any]:
    """What the registry says of any job, but its times."""
    return {
        "id": job.id,
        "kind": job.kind,
        "name": job.name,
        "notes": job.notes,
        "owner": job.owner,
        "status": job.status,
        "attempt": job.attempt,
        "losses": job.losses,
        "requested": job.requested,
        "error_kind": job.error_kind,
        "error": job.error,
        "times": [time is not None for time in (job.created, job.started, job.finished)],
        "config": job.config.model_dump(mode="json"),
    }


def run_figures(registry: Registry, run: Run) -> dict[str, Any]:
    """What the registry says of a run: its state, its result, its history and its events."""
    return {
        **job_figures(run),
        "epoch": run.epoch,
        "checkpoint": run.checkpoint,
        "can": [run.can_pause, run.can_stop, run.can_resume, run.has_model],
        "result": result_figures(run),
        "history": [epoch.as_dict() for epoch in registry.metrics(run.id)],
        "events": [[event.attempt, event.what, event.detail] for event in registry.events(run.id)],
    }


def result_figures(run: Run) -> dict[str, Any] | None:
    """What came of a run, by the names under which it is stored."""
    if run.result is None:
        return None
    result = run.result.as_dict()
    names = ("best_epoch", "kept_epoch", "cut_batches", "n_threads", "ended_by", "n_parameters")
    names += ("n_images", "accuracy", "seconds", "test")
    later = {"trained": result.get("trained"), "n_skipped": result.get("n_skipped", 0)}
    return {name: result[name] for name in names} | later


def registry_figures(registry: Registry) -> dict[str, Any]:
    """Everything in a registry."""
    return {
        "runs": [run_figures(registry, run) for run in registry.recent()],
        "jobs": [
            job_figures(job) | {"result": job.result and job.result.as_dict()}
            for job in registry.data_jobs()
        ],
        "owners": {
            key: [job.id for job in (*registry.recent(owner=key), *registry.data_jobs(owner=key))]
            for key in (KEY, OTHER_KEY)
        },
        "places": {run.id: registry.queue_position(run.id) for run in registry.recent()},
        "paces": [
            [run.size.n_train, run.size.n_parameters, run.size.batch_size, run.seconds_per_epoch]
            for run in registry.past_runs()
        ],
    }


def dataset_figures(dataset: Dataset) -> dict[str, Any]:
    """What was imported, and what was left out."""
    return {
        "info": dataset.info.model_dump(mode="json", exclude_unset=True),
        "splits": [list(map(int, dataset.indices(s))) for s in ("train", "validation", "test")],
        "images": dataset.images.to_dict("records"),
        "skipped": dataset.skipped.to_dict("records"),
    }


def profile_figures(dataset: Dataset, settings: Settings) -> dict[str, Any]:
    """What was found in the images."""
    profile = load_profile(dataset, settings.profiles_dir)
    assert profile is not None
    space = profile.pixel_space
    return {
        "issues": [[issue.kind, list(issue.rows), issue.detail] for issue in profile.issues],
        "measures": profile.measures.mean(numeric_only=True).to_dict(),
        "class_means": profile.class_means.mean(axis=(1, 2)).tolist(),
        "class_stds": profile.class_stds.mean(axis=(1, 2)).tolist(),
        "explained": space.explained.tolist(),
        "agreement": space.agreement(dataset.labels),
        "axes": list(space.axes.shape),
        "sprite": digest(profile.sprite),
    }


def baseline_figures(run: Run, settings: Settings) -> dict[str, Any]:
    """What a run must beat."""
    config = run.config
    actual = load_baselines(config.fingerprint, config.preprocess, settings.baselines_dir)
    assert actual is not None
    return {
        baseline.key: [
            baseline.detail,
            baseline.train,
            baseline.validation,
            baseline.test,
            actual.predicted(baseline.key).tolist(),
        ]
        for baseline in actual.baselines
    }


def model_figures(run: Run, settings: Settings) -> dict[str, Any]:
    """Everything in the folder of a run that has a model, read and worked out again."""
    folder = RunFolder.of(settings.runs_dir, run.id)
    class_names = folder.read_class_names()
    predictions = load_predictions(folder.predictions, len(class_names))
    embeddings = load_embeddings(folder.embeddings)
    thresholds = load_ood_thresholds(folder.ood_thresholds)
    splits = [predictions.of(split) for split in ("train", "validation", "test")]
    scores = [evaluate(part.probabilities, part.labels, class_names) for part in splits]
    n_features = run.config.preprocess.n_features
    layers = {
        name: load_first_layer(path, n_features)
        for name, path in snapshots(folder.first_layer).items()
    }
    scaling = load_standardiser(
        run.config.fingerprint, run.config.preprocess, settings.features_dir
    )
    table = find_table(run.config.fingerprint, run.config.preprocess, settings.features_dir)
    assert table is not None
    return {
        "config": folder.read_config().model_dump(mode="json"),
        "class_names": class_names,
        "evaluation": json.loads(folder.evaluation.read_text(encoding="utf-8")),
        "scores": [score.as_dict() for score in scores],
        "labels": predictions.labels.tolist(),
        "rows": predictions.rows.tolist(),
        "feature_rows": predictions.feature_rows.tolist(),
        "probabilities": predictions.probabilities.tolist(),
        "embeddings": None if embeddings is None else embeddings.values.tolist(),
        "ood": None
        if thresholds is None
        else [thresholds.confidence_floor, thresholds.distance_limit],
        "layers": {name: [layer.n_units, layer.norms.tolist()] for name, layer in layers.items()},
        "scaling": None if scaling is None else [scaling.mean.tolist(), scaling.std.tolist()],
        "table": digest(np.ascontiguousarray(table.features).tobytes()),
        "files": {name: digest((folder.path / name).read_bytes()) for name in _written(folder)},
    }


def _written(folder: RunFolder) -> list[str]:
    return sorted(path.name for path in folder.path.iterdir() if path.suffix in {".tflite", ".csv"})


def prediction_figures(run: Run, dataset: Dataset, settings: Settings) -> list[list[Any]]:
    """What the model says about the first test images, beginning with their files."""
    classifier = Classifier(RunFolder.of(settings.runs_dir, run.id))
    actual = []
    for row in dataset.indices("test")[:N_PREDICTED]:
        prediction = classifier.predict(open_image(dataset.path(row)).image)
        actual.append([int(row), prediction.fingerprint, list(prediction.probabilities)])
    return actual


def folder_figures(settings: Settings, registry: Registry) -> dict[str, Any]:
    """Everything in a data folder but the registry, as JSON gives it back."""
    dataset = Catalog(settings.datasets_dir).load("sky")
    with_model = [run for run in registry.recent() if run.has_model]
    actual = {
        "dataset": dataset_figures(dataset),
        "profile": profile_figures(dataset, settings),
        "baselines": {run.id: baseline_figures(run, settings) for run in with_model},
        "models": {run.id: model_figures(run, settings) for run in with_model},
        "predictions": {run.id: prediction_figures(run, dataset, settings) for run in with_model},
    }
    return dict(json.loads(json.dumps(actual)))


def digest(content: bytes) -> str:
    """Name some bytes."""
    return hashlib.sha256(content).hexdigest()[:16]
