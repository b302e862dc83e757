"""Which pictures of something else are noticed, and by what: figures of docs/none-of-these.md.

    python -m benchmarks.none_of_these dogs-vs-cats.zip
    python -m benchmarks.none_of_these dogs-vs-cats.zip --candidates small article

The zip file holds photographs of cats and dogs, as `benchmarks.planted` takes it.
"""

import argparse
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from ann_core.datasets.features import FeatureSet
from ann_core.datasets.sources import other_images
from ann_core.datasets.sources.cartoons import CLASS_NAMES, CartoonConfig, draw_cartoon
from ann_core.evaluation import ood_fitting
from ann_core.evaluation.ood_fitting import fit_ood_rule, shrunk_covariance, statistics_of
from ann_core.imaging.images import open_image
from ann_core.imaging.ood_rule import DISTANCE, OodRule
from ann_core.imaging.preprocessing import PreprocessConfig, preprocess
from ann_core.training.network_config import PRESETS

GRAY = PreprocessConfig()
COLOUR = PreprocessConfig(image_size=(64, 64), mode="rgb")
TINY = PreprocessConfig(image_size=(8, 8))
SEED = 11  # of the pictures to find; a rule is made with others

Score = Callable[[np.ndarray], np.ndarray]


def photographs(archive: Path, n_images: int, config: PreprocessConfig) -> FeatureSet:
    """Cats and dogs in a random order, the same number of each or nearly so."""
    with zipfile.ZipFile(archive) as opened:
        names = sorted(name for name in opened.namelist() if name.lower().endswith(".jpg"))
        chosen = np.random.default_rng(0).permutation(len(names))[:n_images]
        rows, labels = [], []
        for name in (names[index] for index in chosen):
            rows.append(preprocess(open_image(opened.read(name)).image, config).ravel())
            labels.append("dog" in name.lower())
    return with_splits(np.stack(rows), np.array(labels, dtype=np.int64), config)


def cartoons(n_images: int, config: PreprocessConfig, knobs: CartoonConfig) -> np.ndarray:
    images = (draw_cartoon(CLASS_NAMES[n % 2], knobs, n) for n in range(n_images))
    return table(images, config)


def table(images: Iterable[Image.Image], config: PreprocessConfig) -> np.ndarray:
    return np.stack([preprocess(image, config).ravel() for image in images])


def with_splits(rows: np.ndarray, labels: np.ndarray, config: PreprocessConfig) -> FeatureSet:
    """Of ten pictures, eight to learn from, one to set limits by, one to test."""
    splits = np.resize(["train"] * 8 + ["validation", "test"], len(rows))
    return FeatureSet(rows, labels, splits, ("cat", "dog"), config)


def others(config: PreprocessConfig, photos: FeatureSet | None) -> dict[str, np.ndarray]:
    """Pictures to find, 200 of each kind."""
    sources = other_images.SOURCES
    sets = {
        kind: table(sources[kind](200, SEED), config)
        for kind in ("plain colours", "noise", "blurred noise")
    }
    sets["cartoons"] = cartoons(200, config, CartoonConfig())
    for name, noise, background in (("plain cartoons", 0.0, 0.0), ("busy cartoons", 0.3, 1.0)):
        sets[name] = cartoons(200, config, CartoonConfig(noise=noise, background=background))
    sets["digits"] = table(sources["digits"](200, SEED), config)
    if photos is not None:
        sets["cats and dogs"] = photos.features[:200]
    both = list(sources["photographs"](200, SEED))
    sets["a temple"], sets["a flower"] = table(both[::2], config), table(both[1::2], config)
    return sets


def own_sets(archive: Path, n_images: int) -> Iterable[tuple[str, FeatureSet]]:
    yield "cats and dogs, 96 x 96 gray", photographs(archive, n_images, GRAY)
    yield "cats and dogs, 64 x 64 rgb", photographs(archive, n_images, COLOUR)
    drawn = cartoons(2000, GRAY, CartoonConfig())
    yield "cartoons, 96 x 96 gray", with_splits(drawn, np.zeros(2000, np.int64), GRAY)
    for name, config in (("96 x 96", GRAY), ("8 x 8", TINY)):
        scans = table(other_images.digits(1797, 0), config)
        yield f"digits, {name} gray", with_splits(scans, np.zeros(len(scans), np.int64), config)


def noticed(rule: OodRule, rows: np.ndarray, config: PreprocessConfig) -> str:
    statistics = statistics_of(rows, np.arange(len(rows)), config)
    return f"{ood_fitting.count_warnings(rule, statistics).share:.1%}"


def show_rule(archive: Path, n_images: int) -> None:
    """Print a line for each data set to learn from: its false alarms, and what is found."""
    for name, data in own_sets(archive, n_images):
        rule = fit_ood_rule(data)
        photos = None if name.startswith("cats") else photographs(archive, 200, data.preprocess)
        print(f"{name}: false alarms {rule.own} ({rule.own.share:.1%})", flush=True)
        for kind, rows in others(data.preprocess, photos).items():
            if not kind.endswith(name.split(",")[0]):
                print(f"  {kind}: {noticed(rule, rows, data.preprocess)}", flush=True)


def show_candidates(archive: Path, n_images: int, networks: list[str]) -> None:
    """Print what other rules find, each with its limit at 5 % of the validation pictures."""
    data = photographs(archive, n_images, GRAY)
    sets = {"own test pictures": data.features[data.indices("test")], **others(GRAY, None)}
    rule = fit_ood_rule(data)
    scores: dict[str, Score] = {
        "statistics, distance alone": lambda rows: rule.scores(described(rows))[DISTANCE],
        **of_components(data),
    }
    for name in networks:
        scores |= of_network(name, data)
    for title, score in scores.items():
        limit = np.quantile(score(data.features[data.indices("validation")]), 0.95)
        shares = {kind: (score(rows) > limit).mean() for kind, rows in sets.items()}
        print(f"{title}: " + ", ".join(f"{k} {v:.0%}" for k, v in shares.items()), flush=True)
    for kind in ood_fitting.LEARNED:
        kept = {name: values for name, values in rule.directions.items() if name != kind}
        less = replace(rule, directions=kept)
        limits = ood_fitting.common_limits(
            less.scores(described(data.features[data.indices("validation")]))
        )
        less = replace(less, limits=limits)
        shares = {name: noticed(less, rows, GRAY) for name, rows in sets.items()}
        print(f"this rule without {kind}: {shares}", flush=True)


def described(rows: np.ndarray) -> np.ndarray:
    return statistics_of(rows, np.arange(len(rows)), GRAY)


def of_components(data: FeatureSet) -> dict[str, Score]:
    """Principal components of the training pictures at 12 x 12 pixels: two classic measures."""

    def small(rows: np.ndarray) -> np.ndarray:
        return rows.reshape(-1, 12, 8, 12, 8).astype(np.float64).mean(axis=(2, 4)).reshape(-1, 144)

    train = small(data.features[data.indices("train")])
    mean = train.mean(axis=0)
    _, singular, components = np.linalg.svd(train - mean, full_matrices=False)
    kept, variance = components[:30], singular[:30] ** 2 / len(train)

    def residual(rows: np.ndarray) -> np.ndarray:
        centred = small(rows) - mean
        return np.square(centred - centred @ kept.T @ kept).sum(axis=1)

    return {
        "principal components, distance": lambda rows: (
            ((small(rows) - mean) @ kept.T) ** 2 / variance
        ).sum(axis=1),
        "principal components, reconstruction error": residual,
    }


def of_network(name: str, data: FeatureSet) -> dict[str, Score]:
    """Train a network for a few epochs, and ask its last hidden layer and its probabilities."""
    from ann_core.stored_names import HIDDEN, OUTPUT
    from ann_core.training.network import build, with_hidden_layer

    config, (train, validation) = PRESETS[name], map(data.indices, ("train", "validation"))
    model = build(config, data.n_features, 2)
    x, y = data.features, np.eye(2, dtype=np.float32)[data.labels]
    epochs = min(config.epochs, 8)
    model.fit(x[train], y[train], batch_size=config.batch_size, epochs=epochs, verbose=0)
    [_, accuracy] = model.evaluate(x[validation], y[validation], verbose=0)
    print(f"{name}, {epochs} epochs: validation accuracy {accuracy:.1%}", flush=True)
    both = with_hidden_layer(model)
    kernel, bias = model.layers[-1].get_weights()

    def hidden(rows: np.ndarray) -> np.ndarray:
        return np.asarray(both.predict(rows, verbose=0)[HIDDEN], dtype=np.float64)

    scores = of_hidden_layer(hidden(x[train]))
    scores["energy"] = lambda values: -np.logaddexp.reduce(values @ kernel + bias, axis=1)
    return {
        f"{name}: {title}": lambda rows, score=score: score(hidden(rows))
        for title, score in scores.items()
    } | {
        f"{name}: largest probability": lambda rows: (
            -both.predict(rows, verbose=0)[OUTPUT].max(axis=1)
        )
    }


def of_hidden_layer(learned: np.ndarray) -> dict[str, Score]:
    """Distances of values of a hidden layer from those of the training pictures."""
    mean, deviation = learned.mean(axis=0), learned.std(axis=0) + 1e-3
    precision = np.linalg.inv(shrunk_covariance((learned - mean) / deviation))

    def distance(values: np.ndarray) -> np.ndarray:
        z = (values - mean) / deviation
        return (z @ precision * z).sum(axis=1)

    def tenth_nearest(values: np.ndarray) -> np.ndarray:
        squares = (values**2).sum(axis=1)[:, np.newaxis] + (learned**2).sum(axis=1)
        return np.partition(squares - 2 * values @ learned.T, 9, axis=1)[:, 9]

    return {
        "hidden layer, Mahalanobis": distance,
        "hidden layer, tenth nearest": tenth_nearest,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("archive", type=Path)
    parser.add_argument("--images", type=int, default=4000, help="photographs that are used")
    parser.add_argument("--candidates", nargs="*", help="presets of networks that are trained")
    arguments = parser.parse_args()
    if arguments.candidates is None:
        show_rule(arguments.archive, arguments.images)
    else:
        show_candidates(arguments.archive, arguments.images, arguments.candidates)
