"""Turn 2 % of the labels by chance, and count how many are in the first 4 % of the list.

    python -m benchmarks.label_mistakes [dogs-vs-cats-180px.zip [N_PHOTOGRAPHS]]

On the built-in sets and on photographs, with several classifiers; the one that profiles use is
the last. The figures stand in `docs/health.md`.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.neighbors import KNeighborsClassifier

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.importing.importer import import_zip
from ann_core.datasets.profile.hashing import gists
from ann_core.datasets.profile.label_mistakes import (
    LISTED_SHARE,
    TURNED_SHARE,
    find_label_mistakes,
    normalized_margins,
)
from ann_core.datasets.profile.out_of_fold import N_FOLDS, out_of_fold
from ann_core.datasets.profile.patches import patch_features
from ann_core.datasets.profile.scan import scan
from ann_core.datasets.sources.builtin import BUILT_INS, import_builtin

SEEDS, N_AXES, N_NEIGHBOURS = 3, 50, 15

Judge = Callable[[np.ndarray, np.ndarray], np.ndarray]


def main(archive: Path | None, n_photographs: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        catalog = Catalog(root / "datasets")
        datasets = [import_builtin(kind, kind, catalog) for kind in BUILT_INS]
        if archive is not None:
            datasets.append(import_zip(archive, "photographs", catalog))
        for dataset in datasets:
            (root / dataset.name).mkdir()
            pixels = scan(dataset, root / dataset.name).pixels
            rows = np.random.default_rng(0).permutation(len(pixels))[:n_photographs]
            compare(dataset.name, np.asarray(pixels[rows]), dataset.labels[rows])


def compare(name: str, pixels: np.ndarray, labels: np.ndarray) -> None:
    flat = gists(pixels).reshape(len(pixels), -1)
    axes = PCA(N_AXES, random_state=0).fit_transform(flat)
    axes /= axes.std()
    started = time.process_time()
    features = patch_features(pixels)
    seconds = time.process_time() - started
    print(f"{name}: {len(labels):,} pictures; squares described in {seconds:.1f} s")
    judges: dict[str, tuple[Judge, np.ndarray]] = {
        "ridge, pixels": (ridge, flat),
        "logistic, 50 axes": (logistic, axes),
        "15 nearest, 50 axes": (neighbours, axes),
        "mean of these two": (ensemble, axes),
        "ridge, small squares": (ridge, features),
    }
    for title, (judge, given) in judges.items():
        report(title, judge, given, labels=labels)
    clean = find_label_mistakes(features, labels, n_classes=int(labels.max()) + 1)
    print(f"  as it came: {len(clean.rows)} listed; {clean.check}")


def report(title: str, judge: Judge, features: np.ndarray, *, labels: np.ndarray) -> None:
    n_classes, shares, accuracies = int(labels.max()) + 1, [], []
    started = time.process_time()
    for seed in range(SEEDS):
        rng = np.random.default_rng(seed)
        rows = rng.choice(len(labels), round(TURNED_SHARE * len(labels)), replace=False)
        turned = labels.copy()
        turned[rows] = (labels[rows] + rng.integers(1, n_classes, len(rows))) % n_classes
        probabilities = judge(features, turned)
        order = np.argsort(normalized_margins(probabilities, turned), kind="stable")
        shares.append(np.isin(rows, order[: round(LISTED_SHARE * len(labels))]).mean())
        accuracies.append((probabilities.argmax(axis=1) == labels).mean())
    seconds = (time.process_time() - started) / SEEDS
    early = ", ".join(f"{share:.0%}" for share in shares)
    print(f"  {title:22} right {np.mean(accuracies):.1%}; found {early}; {seconds:.1f} s")


def ridge(features: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return out_of_fold(features, labels, n_classes=int(labels.max()) + 1)


def logistic(features: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return unseen(LogisticRegression(max_iter=500), features, labels)


def neighbours(features: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return unseen(KNeighborsClassifier(N_NEIGHBOURS), features, labels)


def ensemble(features: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return (logistic(features, labels) + neighbours(features, labels)) / 2


def unseen(
    classifier: LogisticRegression | KNeighborsClassifier, features: np.ndarray, labels: np.ndarray
) -> np.ndarray:
    predicted = cross_val_predict(classifier, features, labels, cv=N_FOLDS, method="predict_proba")
    return np.asarray(predicted)


if __name__ == "__main__":
    main(
        Path(sys.argv[1]) if len(sys.argv) > 1 else None,
        int(sys.argv[2]) if len(sys.argv) > 2 else 100_000,
    )
