"""Ask a trained network about images, without TensorFlow.

LiteRT runs the very file that people download (``model.tflite``).
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ann_core.errors import NotTrainedError, RunError, ShapeError
from ann_core.imaging.fingerprint import vector_fingerprint
from ann_core.imaging.images import open_image
from ann_core.imaging.ood_rule import load_ood_rule
from ann_core.imaging.preprocessing import preprocess
from ann_core.runs.folder import RunFolder
from ann_core.stored_names import HIDDEN, OUTPUT

_BATCH = 256


@dataclass(frozen=True)
class Prediction:
    """An answer: a probability for each class, in the order of `class_names`.

    Attributes
    ----------
    fingerprint : str
        Names the row of numbers that was asked about (`ann_core.imaging.fingerprint`).
    unlike : bool or None
        Whether the picture is unlike those that the network was trained on, by the rule of its
        run; None if the run has none, for an older Flatland trained it.
    """

    class_names: tuple[str, ...]
    probabilities: tuple[float, ...]
    fingerprint: str = ""
    unlike: bool | None = None

    @property
    def class_name(self) -> str:
        """The class with the largest probability."""
        return self.class_names[int(np.argmax(self.probabilities))]

    @property
    def probability(self) -> float:
        """The largest probability, 0..1."""
        return max(self.probabilities)


class Classifier:
    """A trained network with the preprocessing it needs.

    Safe to share between threads.

    Parameters
    ----------
    folder : RunFolder
        Of a finished run.
    for_batch : bool
        Keep a second copy of the weights, in the order that products of matrices want. A
        thousand images are answered in less than half the time, one is not; and 88 MB of
        the article's network become 180.

    Raises
    ------
    RunError
        If the run has no model, or its files are damaged.
    """

    def __init__(self, folder: RunFolder, *, for_batch: bool = False) -> None:
        self.folder = folder
        self.preprocess = folder.read_preprocessing()
        self.class_names = tuple(folder.read_class_names())
        n_features, n_classes = self.preprocess.n_features, len(self.class_names)
        self.ood_rule = load_ood_rule(folder.ood_rule, self.preprocess.image_shape)
        self._interpreter = _open_interpreter(folder.litert_model, for_batch)
        _check_sides(self._interpreter, n_features, n_classes)
        self._lock = threading.Lock()

    def predict(self, image: Image.Image | str | Path) -> Prediction:
        """Say what one image shows.

        Parameters
        ----------
        image : PIL image, str or Path
            As `ann_core.imaging.images.open_image` gives it; or the file.

        Raises
        ------
        ImageError
            If the file is no readable image.
        """
        if isinstance(image, str | Path):
            image = open_image(image, bits_used=self.preprocess.bits_used).image
        return self.predict_pixels(preprocess(image, self.preprocess))

    def predict_pixels(self, pixels: np.ndarray) -> Prediction:
        """Say what one image shows that has the size which the network takes.

        Parameters
        ----------
        pixels : uint8 array, shape (height, width, n_channels)
        """
        features = pixels.reshape(1, -1)
        probabilities = tuple(float(p) for p in self.predict_features(features)[0])
        fingerprint = vector_fingerprint(features[0])
        return Prediction(self.class_names, probabilities, fingerprint, self.is_unlike(pixels))

    def is_unlike(self, pixels: np.ndarray) -> bool | None:
        """Whether one image is unlike the training images, as `Prediction.unlike` says it.

        Parameters
        ----------
        pixels : uint8 array, shape (height, width, n_channels)
        """
        return None if self.ood_rule is None else self.ood_rule.is_unlike(pixels)

    def predict_features(self, features: np.ndarray) -> np.ndarray:
        """Answer for many images at once.

        Parameters
        ----------
        features : uint8 array, shape (n_images, n_features)
            Intensities, 0 to 255.

        Returns
        -------
        float32 array, shape (n_images, n_classes)
            Probabilities; rows sum to 1.

        Raises
        ------
        ShapeError
            If the images have another number of values than the model takes,
            or are no bytes: the model scales them itself.
        """
        return self._ask(features)[0]

    def describe_features(self, features: np.ndarray) -> np.ndarray | None:
        """Say what the last hidden layer makes of images, as `predict_features` takes them.

        Returns
        -------
        float32 array, shape (n_images, n_units), or None
            None for a network without hidden layers.
        """
        return self._ask(features)[1]

    def _ask(self, features: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        expected = self.preprocess.n_features
        if features.ndim != 2 or features.shape[1] != expected or features.dtype != np.uint8:
            raise ShapeError(
                f"Expected uint8 features with shape (n_images, {expected}), got "
                f"{features.dtype} with shape {features.shape}; use the preprocessing that the "
                "model was trained with."
            )
        predictions = [np.empty((0, len(self.class_names)), dtype=np.float32)]
        hidden = []
        for start in range(0, len(features), _BATCH):
            outputs = self._run(np.ascontiguousarray(features[start : start + _BATCH]))
            predictions.append(outputs[0])
            hidden += outputs[1:]
        return np.concatenate(predictions), np.concatenate(hidden) if hidden else None

    def _run(self, batch: np.ndarray) -> list[np.ndarray]:
        """Ask about one batch; return each output of the network, probabilities first."""
        with self._lock:
            interpreter = self._interpreter
            source = interpreter.get_input_details()[0]
            if tuple(source["shape"]) != batch.shape:
                interpreter.resize_tensor_input(source["index"], batch.shape)
                interpreter.allocate_tensors()
            interpreter.set_tensor(source["index"], batch)
            interpreter.invoke()
            return [interpreter.get_tensor(output["index"]) for output in _outputs(interpreter)]


def _open_interpreter(path: Path, for_batch: bool):  # type: ignore[no-untyped-def]
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    if not path.is_file():
        raise NotTrainedError()
    # The default delegate, XNNPACK, packs all weights anew; without it the file is mapped.
    mapped = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    kind = OpResolverType.AUTO if for_batch else mapped
    try:
        interpreter = Interpreter(
            model_path=str(path), num_threads=1, experimental_op_resolver_type=kind
        )
        interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        raise _damaged() from error
    return interpreter


def _check_sides(interpreter, n_features: int, n_classes: int) -> None:  # type: ignore[no-untyped-def]
    try:
        source, prediction = interpreter.get_input_details()[0], _outputs(interpreter)[0]
        sides = (source["shape"][-1], prediction["shape"][-1])
    except (ValueError, RuntimeError, IndexError) as error:
        raise _damaged() from error
    if sides != (n_features, n_classes) or source["dtype"] != np.uint8:
        raise RunError(
            f"The model of this network takes {sides[0]:,} values and knows {sides[1]} classes, "
            f"but the files beside it speak of {n_features:,} and {n_classes}. Train it again."
        )


def _damaged() -> RunError:
    return RunError("The model of this network is damaged. Train it again.")


def _outputs(interpreter) -> list[dict[str, Any]]:  # type: ignore[no-untyped-def]
    """Describe the outputs of a network, its probabilities first."""
    by_name = interpreter.get_signature_runner().get_output_details()
    if OUTPUT not in by_name:  # of a file with one output
        return list(interpreter.get_output_details())
    return [by_name[name] for name in (OUTPUT, HIDDEN) if name in by_name]
