"""Open models of Flatland in other versions of Keras: ``make keras-versions``.

Each version gets an environment of its own, with JAX behind it, for TensorFlow's is not made for
every Keras. The models must predict there what they predict here.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

VERSIONS = ("3.8.0", "3.12.0")
_JAX = "jax==0.5.3"
_NEAR = 1e-5

_OPEN = """
import os, sys, warnings
from pathlib import Path

os.environ["KERAS_BACKEND"] = "jax"
warnings.simplefilter("ignore")
import keras
import numpy as np

for folder in sorted(path for path in Path(sys.argv[1]).iterdir() if path.is_dir()):
    model = keras.models.load_model(folder / "model.keras")
    predicted = np.asarray(model(np.load(folder / "x.npy")))
    difference = float(np.abs(predicted - np.load(folder / "y.npy")).max())
    print(f"Keras {keras.__version__}, {folder.name}: differs by {difference:.1e}")
    if difference > float(sys.argv[2]):
        sys.exit("These are other predictions.")
"""


def save_models(folder: Path) -> None:
    """Save networks that between them have every kind of layer, and what they predict."""
    import numpy as np

    from ann_core.imaging.standardizer import Standardiser
    from ann_core.runs.folder import RunFolder
    from ann_core.runs.model_files import save_model
    from ann_core.training.network import build
    from ann_core.training.network_config import NetworkConfig

    everything = NetworkConfig(
        hidden_units=(8, 4), batch_normalization=True, dropout_rate=0.3, l2=0.001, activation="gelu"
    )
    standardiser = Standardiser(mean=np.arange(64) + 0.3, std=np.full(64, 3.0))
    for name, network, scaling in (
        ("linear", NetworkConfig(hidden_units=()), None),
        ("usual", NetworkConfig(hidden_units=(8, 4)), None),
        ("everything", everything, standardiser),
    ):
        target = folder / name
        target.mkdir()
        model = build(network, 64, 3, standardiser=scaling)
        save_model(model, RunFolder(target))
        x = np.random.default_rng(0).integers(0, 256, (5, 64), dtype=np.uint8)
        np.save(target / "x.npy", x)
        np.save(target / "y.npy", model.predict_on_batch(x))


def main(versions: tuple[str, ...]) -> None:
    """Try one version after another; the first that fails ends it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        models = folder / "models"
        models.mkdir()
        save_models(models)
        for version in versions:
            environment = folder / version
            venv.create(environment, with_pip=True)
            python = environment / ("Scripts" if sys.platform == "win32" else "bin") / "python"
            install = [python, "-m", "pip", "install", "--quiet", f"keras=={version}", _JAX]
            subprocess.run(install, check=True)
            subprocess.run([python, "-c", _OPEN, models, str(_NEAR)], check=True)


if __name__ == "__main__":
    main(tuple(sys.argv[1:]) or VERSIONS)
