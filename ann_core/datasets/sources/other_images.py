"""Pictures that show none of a run's classes: plain colours, noise, drawings, digits, photographs.

A few of each kind, the same ones every time. A training tries on them whether
what is unlike its own pictures is noticed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image, ImageColor, ImageFilter

from ann_core.datasets.sources.cartoons import CLASS_NAMES, CartoonConfig, draw_cartoon
from ann_core.datasets.sources.digits import read_digits
from ann_core.imaging.ood_rule import OTHER_KINDS

SIDE = 128  # of what is drawn, in pixels

_GRAYS = range(0, 256, 17)
_COLOURS = ("red", "lime", "blue", "yellow", "cyan", "magenta", "orange", "purple", "brown")
_PHOTOGRAPHS = ("china.jpg", "flower.jpg")  # a temple and a flower, as scikit-learn ships them


def plain_colours(n_images: int, seed: int) -> Iterator[Image.Image]:
    """Draw white, black, grays, pure colours, and gradients from one colour to another."""
    rng = np.random.default_rng([1, seed])
    plain = [*((gray, gray, gray) for gray in _GRAYS), *map(ImageColor.getrgb, _COLOURS)]
    for number in range(n_images):
        if number % 3 < 2:
            index = (2 * (number // 3) + number % 3) * 7 % len(plain)
            yield Image.new("RGB", (SIDE, SIDE), plain[index])
        else:
            yield _gradient(rng)


def noise(n_images: int, seed: int) -> Iterator[Image.Image]:
    """Draw uniform and Gaussian noise, and salt and pepper: weak and strong, gray and coloured."""
    rng = np.random.default_rng([2, seed])
    for number in range(n_images):
        strength = 2.0 ** rng.uniform(1, 6.5)  # 2 to 90 of 255 intensities
        background = np.full((SIDE, SIDE, 3), rng.uniform(40, 216))
        shape = (SIDE, SIDE, 3 if number % 2 else 1)
        if number % 3 == 0:
            values = rng.uniform(0, 256, shape) + 0 * background
        elif number % 3 == 1:
            values = background + rng.normal(0, strength, shape)
        else:
            hit = rng.random((SIDE, SIDE, 1)) < strength / 90
            values = np.where(hit, 255 * rng.integers(0, 2, shape), background)
        yield Image.fromarray(values.clip(0, 255).astype(np.uint8))


def blurred_noise(n_images: int, seed: int) -> Iterator[Image.Image]:
    """Draw noise, blur it by a little or much, and give it its contrast back."""
    rng = np.random.default_rng([6, seed])
    for number in range(n_images):
        shape = (SIDE, SIDE, 3) if number % 2 else (SIDE, SIDE)
        values = rng.integers(0, 256, shape, dtype=np.uint8)
        blur = ImageFilter.GaussianBlur(2.0 ** rng.uniform(-1, 4))  # 0.5 to 16 pixels
        soft = np.asarray(Image.fromarray(values).filter(blur), dtype=np.float64)
        soft = (soft - soft.mean()) / soft.std() * rng.uniform(10, 70) + rng.uniform(80, 176)
        yield Image.fromarray(soft.clip(0, 255).astype(np.uint8)).convert("RGB")


def cartoons(n_images: int, seed: int) -> Iterator[Image.Image]:
    """Draw cartoon cats and dogs as the built-in set has them; others than its first 20,000."""
    config = CartoonConfig(seed=1_000 + seed)
    for number in range(n_images):
        yield draw_cartoon(CLASS_NAMES[number % 2], config, number)


def digits(n_images: int, seed: int) -> Iterator[Image.Image]:
    """Take scanned digits of the built-in set."""
    images, _ = read_digits()
    for index in np.random.default_rng([4, seed]).permutation(len(images))[:n_images]:
        yield Image.fromarray(np.rint(images[index] * 255 / 16).astype(np.uint8)).convert("RGB")


def photographs(n_images: int, seed: int) -> Iterator[Image.Image]:
    """Cut squares out of two photographs, of a temple and of a flower."""
    package = find_spec("sklearn")
    assert package is not None and package.submodule_search_locations
    folder = Path(package.submodule_search_locations[0]) / "datasets" / "images"
    originals = [Image.open(folder / name).convert("RGB") for name in _PHOTOGRAPHS]
    rng = np.random.default_rng([5, seed])
    for number in range(n_images):
        original = originals[number % len(originals)]
        side = int(rng.integers(180, min(original.size) + 1))
        left, top = (int(rng.integers(0, length - side + 1)) for length in original.size)
        yield original.crop((left, top, left + side, top + side))


SOURCES: dict[str, Callable[[int, int], Iterator[Image.Image]]] = dict(
    zip(
        OTHER_KINDS,
        (plain_colours, noise, blurred_noise, cartoons, digits, photographs),
        strict=True,
    )
)
"""How to make some of each of `OTHER_KINDS`, given their number and a seed."""


def _gradient(rng: np.random.Generator) -> Image.Image:
    start, end = rng.integers(0, 256, (2, 3))
    angle = rng.uniform(0, 2 * np.pi)
    y, x = np.mgrid[0 : 1 : SIDE * 1j, 0 : 1 : SIDE * 1j]
    along = np.cos(angle) * x + np.sin(angle) * y
    along = (along - along.min()) / np.ptp(along)
    return Image.fromarray((start + (end - start) * along[:, :, np.newaxis]).astype(np.uint8))
