"""Flatland's engine room: images in, dense networks out. Imports no Streamlit.

The article's two functions are here by their names, and what follows them: train a network
on a folder of images, and ask it.

>>> from ann_core import process_folder, process_image, train_folder
"""

from typing import TYPE_CHECKING, Any

from ann_core.imaging.images import process_folder, process_image
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.training.network_config import NetworkConfig

if TYPE_CHECKING:
    from ann_core.jobs.train_folder import train_folder
    from ann_core.prediction.classifier import Classifier

__all__ = [
    "Classifier",
    "NetworkConfig",
    "PreprocessConfig",
    "process_folder",
    "process_image",
    "train_folder",
]


def __getattr__(name: str) -> Any:
    """Import what needs a registry or a model only when it is asked for."""
    if name == "train_folder":
        from ann_core.jobs.train_folder import train_folder

        return train_folder
    if name == "Classifier":
        from ann_core.prediction.classifier import Classifier

        return Classifier
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
