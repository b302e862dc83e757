"""From an image to one row of numbers, step by step.

One function, `preprocess`, serves import, training and prediction; its config
is stored with every model, so the same image gives the same numbers
everywhere.
"""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

import numpy as np
from PIL import Image, ImageOps
from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from ann_core.config import Config
from ann_core.errors import ShapeError

MIN_SIDE, MAX_SIDE = 8, 224
MIN_BITS, MAX_BITS = 8, 16
Side = Annotated[int, Field(ge=MIN_SIDE, le=MAX_SIDE)]

_RESAMPLE = {
    "nearest": Image.Resampling.NEAREST,
    "box": Image.Resampling.BOX,
    "bilinear": Image.Resampling.BILINEAR,
    "hamming": Image.Resampling.HAMMING,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}


class PreprocessConfig(Config):
    """How an image becomes features. The defaults are the article's.

    Attributes
    ----------
    image_size : (height, width)
        Pixels of the small image, 8 to 224 each.
    mode : "gray" or "rgb"
        One value a pixel, or three.
    resize : "squash", "crop" or "pad"
        Squash ignores the aspect ratio; crop keeps the middle; pad adds a
        border in the mean colour of the image's edge.
    resample : str
        The filter that computes small pixels from large ones.
    scaling : "unit" or "standard"
        Unit divides by 255. Standard takes each feature's mean over the training
        images from it and divides by its standard deviation there, see
        `ann_core.datasets.standardizing`.
    bits_used : int
        Of a file with 16 bits a value, as scanners and microscopes write them: 12 means that
        its values are 0 to 4,095, which become 0 to 255, and larger ones become 255. One rule
        for all images, so that equal values stay equal. Other files are not changed by it.
    scramble_seed : int
        0 leaves the pixels in their places; any other number puts all of them into another
        order, the same for all images, see `pixel_order`.
    """

    image_size: tuple[Side, Side] = Field(
        default=(96, 96),
        description="Pixels, such as 64 or 64x48 (height x width); 96x96 by default.",
    )
    mode: Literal["gray", "rgb"] = Field(default="gray", description="Colours. gray by default.")
    resize: Literal["squash", "crop", "pad"] = Field(
        default="squash", description="How a picture meets its new shape. squash by default."
    )
    resample: Literal["nearest", "box", "bilinear", "hamming", "bicubic", "lanczos"] = Field(
        default="bicubic",
        description="How small pixels come from large ones. bicubic by default.",
    )
    scaling: Literal["unit", "standard"] = Field(
        default="unit",
        description="How bytes become small numbers: 0..1, or standardised over the training "
        "split. unit by default.",
    )
    bits_used: int = Field(
        default=MAX_BITS,
        ge=MIN_BITS,
        le=MAX_BITS,
        description="Bits that 16-bit gray pictures use: with 12, the values 0 to 4095 are "
        "stretched. 16 by default.",
    )
    scramble_seed: int = Field(
        default=0,
        ge=0,
        le=2**31 - 1,
        description="Scramble the places of all pixels, in every picture alike; 0 leaves them.",
    )

    @model_serializer(mode="wrap")
    def _without_silent_fields(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out what says nothing, so that what was stored before keeps its name."""
        values: dict[str, Any] = handler(self)
        if self.bits_used == MAX_BITS:
            values.pop("bits_used", None)
        if not self.scramble_seed:
            values.pop("scramble_seed", None)
        return values

    @property
    def n_channels(self) -> int:
        """Values a pixel: 1 for gray, 3 for rgb."""
        return 1 if self.mode == "gray" else 3

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of an image."""
        return (*self.image_size, self.n_channels)

    @property
    def line_length(self) -> int:
        """Values in one line of pixels, and so from a pixel to the one below it."""
        return self.image_size[1] * self.n_channels

    @property
    def n_features(self) -> int:
        """Length of one flattened image: height * width * channels."""
        return self.image_size[0] * self.line_length


def preprocess(image: Image.Image, config: PreprocessConfig) -> np.ndarray:
    """Bring one image to its final size and channels.

    Parameters
    ----------
    image : PIL image, mode "L" or "RGB"
        As `ann_core.imaging.images.open_image` gives it.

    Returns
    -------
    uint8 array, shape (height, width, n_channels)
        Intensities, 0 to 255.
    """
    height, width = config.image_size
    small = _resize(to_mode(image, config.mode), config)
    pixels = np.asarray(small, dtype=np.uint8).reshape(height, width, config.n_channels)
    return scramble(pixels, config) if config.scramble_seed else pixels


def scramble(pixels: np.ndarray, config: PreprocessConfig) -> np.ndarray:
    """Put the pixels of an image into the order of `pixel_order`; colours stay together.

    Parameters
    ----------
    pixels : array, shape (height, width, n_channels)
    """
    rows = pixels.reshape(-1, config.n_channels)
    return np.asarray(rows[pixel_order(config)].reshape(pixels.shape))


def pixel_order(config: PreprocessConfig) -> np.ndarray:
    """Say which pixel comes to each place: int64 array, shape (height * width,).

    A permutation: every pixel is there once, and what was drawn can be put back. A dense
    network does not care, for nothing ever told it which pixels touch.
    """
    order = np.arange(math.prod(config.image_size))
    if config.scramble_seed:
        order = np.random.default_rng(config.scramble_seed).permutation(order)
    return order


def scrambled_columns(config: PreprocessConfig) -> np.ndarray:
    """Say which value comes to each column of a row: int64 array, shape (n_features,).

    ``rows[:, scrambled_columns(config)]`` does to rows of features what `scramble` does to images.
    """
    first = pixel_order(config)[:, np.newaxis] * config.n_channels
    return np.asarray((first + np.arange(config.n_channels)).ravel())


def to_mode(image: Image.Image, mode: Literal["gray", "rgb"]) -> Image.Image:
    """Give every pixel one value, or three; an image that has them is returned as it is."""
    pillow_mode = "L" if mode == "gray" else "RGB"
    return image if image.mode == pillow_mode else image.convert(pillow_mode)


def flatten(images: np.ndarray) -> np.ndarray:
    """Lay every image out as one row of pixel intensities.

    A pixel and the one below it land ``width * channels`` columns apart:
    nothing tells the network that they touch.

    Parameters
    ----------
    images : uint8 array, shape (n_images, height, width, channels)
        Intensities, 0 to 255.

    Returns
    -------
    uint8 array, shape (n_images, height * width * channels)
        Row i belongs to ``images[i]``; C order, as ``np.ravel``.

    Raises
    ------
    ShapeError
        If `images` lacks exactly four axes.
    """
    if images.ndim != 4:
        raise ShapeError(
            "Expected pictures with four axes (n_images, height, width, channels), "
            f"got shape {images.shape}; add the missing axis with np.newaxis."
        )
    return images.reshape(len(images), math.prod(images.shape[1:]))


def squeeze_gray(image: np.ndarray) -> np.ndarray:
    """Drop the channel axis of a gray image, which Pillow and screens do not know.

    Parameters
    ----------
    image : array, shape (height, width), (height, width, 1) or (height, width, 3)

    Returns
    -------
    array, shape (height, width) or (height, width, 3)
    """
    return image[:, :, 0] if image.shape[2:] == (1,) else image


def edge_colour(image: np.ndarray) -> np.ndarray:
    """Mean of the outermost pixels, for what lies around an image.

    Parameters
    ----------
    image : uint8 array, shape (height, width) or (height, width, n_channels)

    Returns
    -------
    uint8 array, shape (n_channels,)
    """
    edge = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
    return np.atleast_1d(np.rint(edge.mean(axis=0)).astype(np.uint8))


def unflatten(features: np.ndarray, config: PreprocessConfig) -> np.ndarray:
    """Turn rows of features back into images; the inverse of `flatten`.

    Raises
    ------
    ShapeError
        If the rows do not have ``config.n_features`` values.
    """
    if features.ndim != 2 or features.shape[1] != config.n_features:
        raise ShapeError(
            f"Expected features with shape (n_images, {config.n_features}), got {features.shape}; "
            "use the config that made them."
        )
    return features.reshape(len(features), *config.image_size, config.n_channels)


def scale(features: np.ndarray) -> np.ndarray:
    """Divide intensities 0..255 by 255, giving float64 in 0..1.

    For people to look at; inside a model the first layer does the same, so
    that a saved model takes the bytes as they are.
    """
    return features / 255.0


def _resize(image: Image.Image, config: PreprocessConfig) -> Image.Image:
    size = config.image_size[::-1]  # Pillow says (width, height)
    method = _RESAMPLE[config.resample]
    if config.resize == "crop":
        return ImageOps.fit(image, size, method=method)
    if config.resize == "pad":
        colour = tuple(edge_colour(np.asarray(image)).tolist())
        return ImageOps.pad(image, size, method=method, color=colour)
    return image.resize(size, resample=method)
