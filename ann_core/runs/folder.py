"""The folder of a run: plain files that are read without Flatland."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from ann_core import stored_names
from ann_core.errors import ConfigError, RunError
from ann_core.files import remove_unfinished, write_text
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.runs.job import check_run_id
from ann_core.runs.run import RunConfig
from ann_core.training.history import EpochMetrics


@dataclass(frozen=True)
class RunFolder:
    """Names of all files of one run.

    Attributes
    ----------
    path : Path
        ``<data>/runs/<run id>``.
    """

    path: Path

    @classmethod
    def of(cls, root: Path, run_id: str) -> RunFolder:
        """Locate the folder of a run; `root` is ``Settings.runs_dir``.

        Raises
        ------
        RunError
            If the id is malformed.
        """
        return cls(root / check_run_id(run_id))

    @property
    def keras_model(self) -> Path:
        """The model for programmers: ``keras.models.load_model``."""
        return self.path / "model.keras"

    @property
    def litert_model(self) -> Path:
        """The same model for phones, and for the Predict page."""
        return self.path / "model.tflite"

    @property
    def config(self) -> Path:
        """Data set, preprocessing and network, as JSON."""
        return self.path / "config.json"

    @property
    def preprocessing(self) -> Path:
        """How images become features, as JSON."""
        return self.path / "preprocessing.json"

    @property
    def class_names(self) -> Path:
        """Class of each output node, as a JSON list."""
        return self.path / "class_names.json"

    @property
    def history(self) -> Path:
        """A line an epoch, as CSV."""
        return self.path / "history.csv"

    @property
    def evaluation(self) -> Path:
        """Accuracy, precision, recall and confusion on the test split, as JSON."""
        return self.path / "evaluation.json"

    @property
    def confusion_matrix(self) -> Path:
        """True classes down, answers across, as CSV."""
        return self.path / "confusion_matrix.csv"

    @property
    def predictions(self) -> Path:
        """What the network said about every image, as arrays."""
        return self.path / stored_names.PREDICTIONS_FILE

    @property
    def first_layer(self) -> Path:
        """Folder of the first layer's weights after some epochs, as arrays."""
        return self.path / "first_layer"

    @property
    def epoch_look(self) -> Path:
        """What it makes of some validation images at the moment, as arrays; while it trains."""
        return self.path / "epoch_look.npz"

    @property
    def weight_histograms(self) -> Path:
        """How the weights of each layer are spread after each epoch; newer runs have it."""
        return self.path / "weight_histograms.npz"

    @property
    def embeddings(self) -> Path:
        """What the last hidden layer made of the training images, as arrays."""
        return self.path / stored_names.EMBEDDINGS_FILE

    @property
    def ood_thresholds(self) -> Path:
        """Where the network's answers begin to be doubtful, as JSON."""
        return self.path / stored_names.OOD_THRESHOLDS_FILE

    @property
    def ood_rule(self) -> Path:
        """Which pictures are unlike the training pictures, as JSON; newer runs have it."""
        return self.path / "ood_rule.json"

    @property
    def shift_test(self) -> Path:
        """How many test pictures stay right when all of them move, as JSON; newer runs have it."""
        return self.path / "shift_test.json"

    @property
    def pixels(self) -> Path:
        """Test images as bytes, of a network that was brought from elsewhere."""
        return self.path / "pixels.npz"

    @property
    def scaling(self) -> Path:
        """Mean and deviation of each pixel, of a network that was brought from elsewhere."""
        return self.path / "scaling.npz"

    @property
    def fingerprints(self) -> Path:
        """Names of the rows of numbers that the first test images became, as JSON."""
        return self.path / "fingerprints.json"

    @property
    def checkpoints(self) -> Path:
        """Folder of what an interrupted training goes on from; gone when it is done."""
        return self.path / "checkpoints"

    @property
    def log(self) -> Path:
        """What the worker printed."""
        return self.path / "worker.log"

    def forget_images(self) -> None:
        """Remove what names images of the run or was made of single ones; its figures stay."""
        for path in (self.fingerprints, self.embeddings, self.pixels, self.epoch_look, self.log):
            path.unlink(missing_ok=True)
        remove_unfinished(self.path)

    def write_config(self, config: RunConfig, class_names: Sequence[str]) -> None:
        """Write down what the run is about to do."""
        write_json(self.config, config.model_dump(mode="json"))
        write_json(self.preprocessing, config.preprocess.model_dump(mode="json"))
        write_json(self.class_names, list(class_names))

    def write_fingerprints(self, fingerprints: Mapping[str, str]) -> None:
        """Write down the fingerprint of some images, by the names their owner gave them."""
        write_json(self.fingerprints, dict(fingerprints))

    def write_history(self, history: Sequence[EpochMetrics]) -> None:
        """Write the metrics of all epochs."""
        columns = list(EpochMetrics.__dataclass_fields__)
        table = pd.DataFrame([epoch.as_dict() for epoch in history], columns=columns)
        buffer = io.StringIO()
        table.to_csv(buffer, index=False)
        write_text(self.history, buffer.getvalue())

    def read_config(self) -> RunConfig:
        """Read all that decided the run's result."""
        try:
            return RunConfig.parse(self._read_json(self.config))
        except ConfigError as error:
            raise _damaged(self.config) from error

    def read_preprocessing(self) -> PreprocessConfig:
        """Read how images must be prepared for this model."""
        try:
            return PreprocessConfig.parse(self._read_json(self.preprocessing))
        except ConfigError as error:
            raise _damaged(self.preprocessing) from error

    def read_class_names(self) -> list[str]:
        """Read the class of each output node."""
        names = self._read_json(self.class_names)
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise _damaged(self.class_names)
        return names

    def _read_json(self, path: Path) -> Any:
        try:
            return json.loads(path.read_text())
        except (OSError, ValueError) as error:
            raise _damaged(path) from error


def _damaged(path: Path) -> RunError:
    return RunError(
        f"The file {path.name} of this network is missing or damaged; the network cannot be used. "
        "Train it again."
    )


def write_json(path: Path, values: Any) -> None:
    """Write readable JSON, whole or not at all."""
    write_text(path, json.dumps(values, indent=2, ensure_ascii=False) + "\n")
