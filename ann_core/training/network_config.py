"""The settings of a network, their bounds, and three presets."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import Field

from ann_core.config import Config

CONTRAST = "convolution, for contrast"
MAX_LAYERS = 16
MAX_UNITS = 8192

Units = Annotated[int, Field(ge=1, le=MAX_UNITS)]


class NetworkConfig(Config):
    """Which network, and how it learns.

    Attributes
    ----------
    kind : "dense" or "convolution"
        The second is there for contrast, in experiments: `ann_core.training.convolution`.
    hidden_units : tuple of int
        Nodes of each hidden layer; empty for a linear classifier. Of a convolution, filters.
    activation : str
        What a hidden neuron does with its sum.
    dropout_rate : float
        Share of each hidden layer's outputs that is silenced in training, 0..0.9.
    batch_normalization : bool
        Whether each hidden layer's sums are normalised over the batch first.
    l2 : float
        Strength of the pull of all weights towards 0.
    optimizer : str
        How a gradient becomes a step.
    learning_rate : float
        Length of the step, in the first epoch.
    schedule : str
        How the learning rate changes from epoch to epoch, see `learning_rate_at`.
    batch_size : int
        Images a step.
    epochs : int
        Walks through the training images.
    seed : int
        First weights, dropout and the order of images follow from it.
    early_stopping_patience : int
        Stop after so many epochs without a lower validation loss; 0 trains to the end.
    keep : str
        Which weights it has in the end: those of the best epoch, the first one with the
        lowest validation loss, or those of the last.
    precision : str
        In which numbers the products of training are computed, see
        `ann_core.training.precision`; a run keeps to the one that it was begun in.
    """

    kind: Literal["dense", "convolution"] = Field(
        default="dense", description="What the network is made of; a convolution is for contrast."
    )
    hidden_units: tuple[Units, ...] = Field(
        default=(256, 128),
        max_length=MAX_LAYERS,
        description="Neurons by hidden layer, such as 512,256; 'none' for none.",
    )
    activation: Literal["relu", "elu", "gelu", "tanh", "sigmoid"] = Field(
        default="relu", description="What a hidden neuron does with its sum."
    )
    dropout_rate: float = Field(
        default=0.0, ge=0.0, le=0.9, description="Share of each hidden layer silenced in training."
    )
    batch_normalization: bool = Field(
        default=False, description="Normalise each hidden layer over the batch."
    )
    l2: float = Field(default=0.0, ge=0.0, le=1.0, description="Pull of all weights towards 0.")
    optimizer: Literal["adam", "sgd", "rmsprop"] = Field(
        default="adam", description="How a gradient becomes a step."
    )
    learning_rate: float = Field(default=0.001, ge=1e-6, le=1.0, description="Length of a step.")
    schedule: Literal["constant", "cosine", "exponential"] = Field(
        default="constant", description="How the learning rate changes from epoch to epoch."
    )
    batch_size: int = Field(default=128, ge=1, le=4096, description="Pictures a step.")
    epochs: int = Field(
        default=20, ge=1, le=1000, description="Walks through the training pictures."
    )
    seed: int = Field(default=0, ge=0, le=2**31 - 1, description="Same seed, same result.")
    early_stopping_patience: int = Field(
        default=0,
        ge=0,
        le=1000,
        description="End after so many epochs without a lower validation loss; 0: never.",
    )
    keep: Literal["best", "last"] = Field(
        default="best",
        description="Weights of which epoch: the best one has the lowest validation loss.",
    )
    precision: Literal["auto", "float32", "bfloat16"] = Field(
        default="auto",
        description="Numbers of training: auto takes bfloat16 where the processor is made for it.",
    )

    def layers_text(self, none: str = "none") -> str:
        """Nodes of the hidden layers in a word, such as "128-32"; `none` if there are none."""
        return "-".join(map(str, self.hidden_units)) or none


PRESETS: dict[str, NetworkConfig] = {
    "small": NetworkConfig(hidden_units=(128, 32), epochs=10, batch_size=32),
    "article": NetworkConfig(
        hidden_units=(2048, 1024, 1024, 128), epochs=100, batch_size=128, keep="last"
    ),
    "linear": NetworkConfig(hidden_units=(), epochs=20, batch_size=128),
}


def learning_rate_at(config: NetworkConfig, epoch: int) -> float:
    """Length of the step in one epoch: long ones find the valley, short ones its bottom.

    With r = ``learning_rate``, e = `epoch` (from 1) and n = ``epochs``:

    - constant: r
    - cosine: r * (1 + cos(pi * (e - 1) / n)) / 2, slowly at first and at last, never
      down to 0 (Loshchilov and Hutter 2017, SGDR, without restarts)
    - exponential: r * 0.01 ** ((e - 1) / (n - 1)), by the same factor each time, down
      to a hundredth in the last epoch
    """
    done = epoch - 1
    if config.schedule == "cosine":
        return config.learning_rate * (1 + math.cos(math.pi * done / config.epochs)) / 2
    if config.schedule == "exponential":
        return float(config.learning_rate * 0.01 ** (done / max(1, config.epochs - 1)))
    return config.learning_rate


CHECK_BATCH = 1024
"""Images at once where nothing is learned: validation and test."""
