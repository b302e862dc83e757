"""The baselines are what scikit-learn says, chosen on the validation split."""

from __future__ import annotations

import shutil
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid
from sklearn.preprocessing import StandardScaler

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.features import FeatureSet
from ann_core.evaluation.baseline_fitting import (
    COUNTS,
    MAX_STEPS,
    STRENGTHS,
    fit_baselines,
    make_baselines,
)
from ann_core.evaluation.baselines import (
    TITLES,
    BaselineSet,
    baselines_key,
    load_baselines,
    open_baselines,
    save_baselines,
)
from ann_core.jobs.admission import submit_job
from ann_core.runs.job_results import BaselinesResult
from ann_core.runs.job_types import BaselinesConfig, BaselinesJob
from ann_core.runs.owners import OPERATOR, Submission
from ann_core.settings import Settings
from tests.helpers.runs import PIXELS, Workshop, make_dataset, toy_features


@pytest.fixture(scope="module")
def overlapping() -> FeatureSet:
    """Three classes that cannot be told apart without mistakes."""
    return toy_features(n_images=400, n_classes=3, overlap=0.8)


@pytest.fixture(scope="module")
def fitted(overlapping: FeatureSet) -> BaselineSet:
    return fit_baselines(overlapping)


def split(data: FeatureSet, name: str) -> tuple[np.ndarray, np.ndarray]:
    feature_rows = data.indices(name)
    return data.features[feature_rows] / 255.0, data.labels[feature_rows]


def check(fitted: BaselineSet, key: str, data: FeatureSet, model) -> None:
    """Compare all answers and shares with those of a classifier of scikit-learn."""
    x, labels = split(data, "test")
    assert np.array_equal(fitted.predicted(key), model.predict(x))
    baseline = fitted.of(key)
    assert baseline.test == pytest.approx(model.score(x, labels))
    assert baseline.validation == pytest.approx(model.score(*split(data, "validation")))
    if baseline.train is not None:
        assert baseline.train == pytest.approx(model.score(*split(data, "train")))


def test_the_majority_class(fitted: BaselineSet, overlapping: FeatureSet) -> None:
    model = DummyClassifier(strategy="most_frequent").fit(*split(overlapping, "train"))
    check(fitted, "majority", overlapping, model)


def test_one_number_an_image(fitted: BaselineSet, overlapping: FeatureSet) -> None:
    means = {}
    for name in ("train", "test"):
        means[name] = split(overlapping, name)[0].mean(axis=1)[:, np.newaxis]
    scaler = StandardScaler().fit(means["train"])
    model = LogisticRegression().fit(
        scaler.transform(means["train"]), split(overlapping, "train")[1]
    )
    expected = model.predict(scaler.transform(means["test"]))
    assert np.array_equal(fitted.predicted("brightness"), expected)
    assert len(set(expected.tolist())) > 1, "or this test shows little"


def test_the_nearest_class_mean(fitted: BaselineSet, overlapping: FeatureSet) -> None:
    check(fitted, "centroid", overlapping, NearestCentroid().fit(*split(overlapping, "train")))


def test_logistic_regression_is_chosen_on_validation(
    fitted: BaselineSet, overlapping: FeatureSet
) -> None:
    x, labels = split(overlapping, "train")
    models = {}
    for strength in STRENGTHS:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            models[strength] = LogisticRegression(C=strength, max_iter=MAX_STEPS).fit(x, labels)
    scores = {c: model.score(*split(overlapping, "validation")) for c, model in models.items()}
    best = max(STRENGTHS, key=scores.__getitem__)
    assert len(set(scores.values())) > 1, "or there is nothing to choose"
    assert fitted.of("logistic").detail == f"C = {best:g}"
    check(fitted, "logistic", overlapping, models[best])


def test_the_neighbours_are_counted_on_validation(
    fitted: BaselineSet, overlapping: FeatureSet
) -> None:
    train = split(overlapping, "train")
    models = {k: KNeighborsClassifier(k, algorithm="brute").fit(*train) for k in COUNTS}
    scores = {k: model.score(*split(overlapping, "validation")) for k, model in models.items()}
    best = max(COUNTS, key=scores.__getitem__)
    assert len(set(scores.values())) > 1, "or there is nothing to choose"
    assert fitted.of("neighbours").detail == f"k = {best}"
    check(fitted, "neighbours", overlapping, models[best])


def test_they_are_asked_about_the_test_split(fitted: BaselineSet, overlapping: FeatureSet) -> None:
    test = overlapping.indices("test")
    assert list(TITLES) == [baseline.key for baseline in fitted.baselines]
    assert np.array_equal(fitted.rows, test)
    assert np.array_equal(fitted.labels, overlapping.labels[test])


def test_standardised_features_are_what_the_network_is_given(overlapping: FeatureSet) -> None:
    standard = PIXELS.model_copy(update={"scaling": "standard"})
    baselines = fit_baselines(replace(overlapping, preprocess=standard))
    scaler = StandardScaler().fit(overlapping.features[overlapping.indices("train")])
    means = NearestCentroid().fit(
        scaler.transform(overlapping.features[overlapping.indices("train")]),
        split(overlapping, "train")[1],
    )
    expected = means.predict(scaler.transform(overlapping.features[overlapping.indices("test")]))
    assert np.array_equal(baselines.predicted("centroid"), expected)


def test_of_too_many_images_an_even_sample_is_taken_and_told(overlapping: FeatureSet) -> None:
    n_kept = 60
    baselines = fit_baselines(overlapping, max_bytes=n_kept * 4 * overlapping.n_features)
    train = overlapping.indices("train")
    kept = train[np.linspace(0, len(train) - 1, n_kept).round().astype(int)]
    model = NearestCentroid().fit(overlapping.features[kept] / 255.0, overlapping.labels[kept])
    assert np.array_equal(
        baselines.predicted("centroid"), model.predict(split(overlapping, "test")[0])
    )
    assert f"{n_kept} of {len(train)} training pictures" in baselines.of("logistic").detail


def test_an_error_of_the_fit_is_raised(overlapping: FeatureSet) -> None:
    one_class = replace(overlapping, labels=np.zeros_like(overlapping.labels))
    with pytest.raises(ValueError, match="class"):
        fit_baselines(one_class)


def test_they_are_the_same_from_the_disk(fitted: BaselineSet, tmp_path: Path) -> None:
    folder = tmp_path / "baselines" / "a"
    save_baselines(fitted, folder)
    save_baselines(fitted, folder)
    stored = open_baselines(folder)
    assert stored is not None
    assert stored.baselines == fitted.baselines
    assert np.array_equal(stored.predictions, fitted.predictions)
    assert [path.name for path in folder.parent.iterdir()] == ["a"]


@pytest.mark.parametrize("file", ["baselines.json", "answers.npy"])
@pytest.mark.parametrize("content", [None, b"", b"{}", b'[{"key": "x"}]'])
def test_damaged_files_are_as_none_and_made_anew(
    fitted: BaselineSet, tmp_path: Path, file: str, content: bytes | None
) -> None:
    folder = tmp_path / "baselines" / "a"
    save_baselines(fitted, folder)
    if content is None:
        (folder / file).unlink()
    else:
        (folder / file).write_bytes(content)
    assert open_baselines(folder) is None
    save_baselines(fitted, folder)
    assert open_baselines(folder) is not None


def test_scaling_and_images_name_them() -> None:
    standard = PIXELS.model_copy(update={"scaling": "standard"})
    keys = {baselines_key("a", PIXELS), baselines_key("b", PIXELS), baselines_key("a", standard)}
    assert len(keys) == 3


def test_a_worker_makes_them_once(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path / "data")
    dataset = make_dataset(workshop.settings.data_dir)
    config = BaselinesConfig(
        dataset=dataset.name, fingerprint=dataset.fingerprint, preprocess=PIXELS
    )
    job = submit_job(workshop.registry, workshop.settings, config, submission=Submission("key"))
    assert isinstance(job, BaselinesJob)
    ended = workshop.wait_for_end(job)
    assert (ended.status, ended.error) == ("done", None)
    root = workshop.settings.baselines_dir
    stored = load_baselines(dataset.fingerprint, PIXELS, root)
    assert stored is not None
    assert ended.result == BaselinesResult(dataset="toy", accuracies=stored.test_accuracies())
    assert ended.result.accuracies["centroid"] == 1.0, "dark or bright"
    workshop.close()

    steps: list[tuple[int, int]] = []
    same = make_baselines(
        Catalog(workshop.settings.datasets_dir).load("toy"),
        PIXELS,
        workshop.settings,
        progress=lambda done, total: steps.append((done, total)),
    )
    assert np.array_equal(same.predictions, stored.predictions)
    assert steps == [(1000, 1000)], "found, not made again"


def test_those_of_some_images_only_are_made_anew(tmp_path: Path) -> None:
    """An earlier version left out images that could not be read for a moment."""
    dataset = make_dataset(tmp_path)
    settings = Settings(data_dir=tmp_path)
    whole = make_baselines(dataset, PIXELS, settings)
    folder = settings.baselines_dir / baselines_key(dataset.fingerprint, PIXELS)
    shutil.rmtree(folder)
    save_baselines(BaselineSet(whole.baselines, whole.predictions[:, 1:]), folder)

    again = make_baselines(dataset, PIXELS, settings)
    assert np.array_equal(again.predictions, whole.predictions)
    stored = load_baselines(dataset.fingerprint, PIXELS, settings.baselines_dir)
    assert stored is not None
    assert np.array_equal(stored.rows, dataset.indices("test"))


def test_cancelled_baselines_leave_nothing(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path / "data")
    dataset = make_dataset(workshop.settings.data_dir, n_images=4000)
    config = BaselinesConfig(
        dataset=dataset.name, fingerprint=dataset.fingerprint, preprocess=PIXELS
    )
    job = workshop.request(config)
    workshop.wait(job, lambda now: now.status == "running")
    workshop.registry.commands.stop(job.id, by=OPERATOR)
    assert workshop.wait_for_end(job).status == "stopped"
    root = workshop.settings.baselines_dir
    assert not root.exists() or list(root.iterdir()) == []
    workshop.close()
