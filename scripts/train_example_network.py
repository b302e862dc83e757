"""Train the small network that comes with Flatland, on the built-in cartoons, as visitors would.

It takes half a minute: ``python scripts/train_example_network.py``. Its first weights are
rounded to bytes, and what it gets right is counted with these.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from ann_core.datasets.catalog import Catalog  # noqa: E402
from ann_core.datasets.features import load_features  # noqa: E402
from ann_core.datasets.standardizing import standardiser_of  # noqa: E402
from ann_core.imaging.perturbation import shift  # noqa: E402
from ann_core.imaging.preprocessing import PreprocessConfig  # noqa: E402
from ann_core.imaging.standardizer import Standardiser  # noqa: E402
from ann_core.prediction.example_network import (  # noqa: E402
    FILE,
    ExampleNetwork,
    round_weights,
)

SETTINGS = {
    **{"hidden-units": "16", "epochs": "15", "batch-size": "32", "learning-rate": "0.0005"},
    **{"scaling": "standard", "seed": "0"},
}
SHIFTS = (0, 5, 10, 15)
_SHAPE = (96, 96, 1)


def train(data_dir: Path) -> list[np.ndarray]:
    """Draw the cartoons and train; return weights and biases, layer by layer."""
    environment = os.environ | {"ANN_DATA_DIR": str(data_dir), "PYTHONPATH": str(ROOT)}
    options = [part for name, value in SETTINGS.items() for part in (f"--{name}", value)]
    for command in (["import", "cartoons"], ["train", "cartoons", *options]):
        subprocess.run(
            [sys.executable, "-m", "ann_core", *command], env=environment, cwd=ROOT, check=True
        )
    import keras

    [model] = (data_dir / "runs").glob("*/model.keras")
    layers = keras.models.load_model(model).layers
    names = ("hidden_1", "probabilities")
    return [values for layer in layers if layer.name in names for values in layer.get_weights()]


def fold(layers: list[np.ndarray], standardiser: Standardiser) -> dict[str, np.ndarray]:
    """Let the first layer take pixels as they are: what standardises them goes into its weights."""
    weights, biases, output_weights, output_biases = (each.astype(np.float64) for each in layers)
    folded = weights / standardiser.std[:, np.newaxis]
    rounded, steps = round_weights(folded)
    return {
        "weights": rounded,
        "steps": steps,
        "biases": biases - standardiser.mean @ folded,
        "output_weights": output_weights,
        "output_biases": output_biases,
    }


def accuracy(network: ExampleNetwork, images: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Count what it has right when all images move to the right, for each of `SHIFTS`."""
    shares = []
    for right in SHIFTS:
        moved = np.stack([shift(image, right, 0) for image in images])
        predicted = network.predict(moved.reshape(len(moved), -1)).argmax(axis=1)
        shares.append(float((predicted == labels).mean()))
    return np.array(shares)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        data_dir = Path(folder)
        layers = train(data_dir)
        dataset = Catalog(data_dir / "datasets").load("cartoons")
        table = load_features(dataset, PreprocessConfig(), data_dir / "features")
        arrays = fold(layers, standardiser_of(table))
        test = table.indices("test")
        images, labels = table.features[test].reshape(-1, *_SHAPE), table.labels[test]
        network = ExampleNetwork(
            **arrays,
            shifts=np.array(SHIFTS),
            accuracy=np.zeros(len(SHIFTS)),
            n_train=len(table.indices("train")),
            n_test=len(test),
        )
        arrays["accuracy"] = accuracy(network, np.asarray(images), np.asarray(labels))
    np.savez_compressed(FILE, **(asdict(network) | arrays))
    print(f"{FILE.name}: {FILE.stat().st_size:,} bytes, right: {arrays['accuracy']}")


if __name__ == "__main__":
    main()
