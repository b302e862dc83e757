"""Cartoon cats and dogs, for people who have no pictures at hand.

Every knob makes the class harder to read off fixed pixels without changing
what a cat or a dog is. A dense network ties each weight to one pixel, so it
loses accuracy as the animal moves; a person does not.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image
from pydantic import Field

from ann_core.config import Config

from ann_core.datasets.cartoon_drawing import (
    INK,
    WHITE,
    Canvas,
    Points,
    blend,
    blob,
    draw_animal,
    ellipse,
    sample_traits,
)

ClassName = Literal["cat", "dog"]
CLASS_NAMES: tuple[ClassName, ...] = ("cat", "dog")
SUPERSAMPLING = 2
JPEG_QUALITY = 90
MOST_CLUTTER = 14
WALL_W = 1.0
CON = 45
LO = 150
HI = 250


def spread(pose):
    return 2 * pose.beta(5, 5, size=4) - 1



def box(left: float, top: float, right: float, bottom: float) -> Points:
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)])


def leaf(x: float, y: float) -> Points:
    return blob((0, 0.2), (0.6 * x, y - 0.05), (x, y), (x, y), (0.5 * x + 0.08, 0.3 * y))


# Each piece is a list of shapes and how far each is darkened (< 0) or whitened (> 0).
FURNITURE: tuple[tuple[tuple[Points, float], ...], ...] = (
    (  # window
        (box(-0.4, -0.5, 0.4, 0.5), -0.4),
        (box(-0.34, -0.44, 0.34, 0.44), 0.6),
        (box(-0.03, -0.44, 0.03, 0.44), -0.4),
        (box(-0.34, -0.03, 0.34, 0.03), -0.4),
    ),
    (  # picture on the wall
        (box(-0.5, -0.38, 0.5, 0.38), -0.5),
        (box(-0.43, -0.31, 0.43, 0.31), 0.7),
        (np.array([(-0.43, 0.31), (-0.1, -0.15), (0.1, 0.1), (0.22, -0.05), (0.43, 0.31)]), 0.0),
        (ellipse(0.25, -0.17, 0.07, 0.07), 0.3),
    ),
    (  # potted plant
        (leaf(-0.45, -0.2), -0.2),
        (leaf(-0.2, -0.5), 0.0),
        (leaf(0.15, -0.5), -0.2),
        (leaf(0.45, -0.25), 0.0),
        (np.array([(-0.22, 0.15), (0.22, 0.15), (0.15, 0.5), (-0.15, 0.5)]), -0.5),
    ),
    (  # standing lamp
        (box(-0.02, -0.2, 0.02, 0.9), -0.6),
        (np.array([(-0.12, -0.5), (0.12, -0.5), (0.26, -0.1), (-0.26, -0.1)]), 0.2),
        (ellipse(0, 0.9, 0.2, 0.05), -0.6),
    ),
    (  # ball
        (ellipse(0, 0, 0.32, 0.32), 0.0),
        (ellipse(0, 0, 0.12, 0.32), 0.5),
        (ellipse(-0.12, -0.14, 0.06, 0.05), 0.8),
    ),
    (  # armchair
        (blob((-0.45, -0.5), (0.45, -0.5), (0.45, 0.4), (-0.45, 0.4)), -0.2),
        (blob((-0.7, -0.1), (-0.4, -0.15), (-0.35, 0.5), (-0.65, 0.5)), 0.0),
        (blob((0.7, -0.1), (0.4, -0.15), (0.35, 0.5), (0.65, 0.5)), 0.0),
        (blob((-0.45, 0.1), (0.45, 0.1), (0.45, 0.45), (-0.45, 0.45)), 0.25),
    ),
    (  # shelf of books
        (box(-0.4, -0.2, -0.26, 0.3), 0.0),
        (box(-0.24, -0.3, -0.12, 0.3), -0.4),
        (box(-0.1, -0.15, 0.06, 0.3), 0.5),
        (np.array([(0.1, 0.3), (0.26, -0.22), (0.38, -0.18), (0.22, 0.3)]), -0.2),
        (box(-0.55, 0.3, 0.55, 0.38), -0.6),
    ),
    (  # cushion
        (
            blob(
                (-0.4, -0.3),
                (-0.4, -0.3),
                (0, -0.2),
                (0.4, -0.3),
                (0.4, -0.3),
                (0.4, 0.3),
                (0.4, 0.3),
                (0, 0.22),
                (-0.4, 0.3),
                (-0.4, 0.3),
            ),
            0.0,
        ),
        (ellipse(0, 0, 0.03, 0.03), -0.5),
    ),
)


class CartoonConfig(Config):
    """How many cartoons to draw, and how hard to make them."""


    n_images: int = Field(2000, ge=10, le=20_000)
    image_size: int = Field(128, ge=32, le=256)
    shift: float = Field(0.15, ge=0, le=0.5)
    scale: float = Field(0.25, ge=0, le=0.6)
    rotation: float = Field(15.0, ge=0, le=180)
    background: float = Field(0.5, ge=0, le=1)
    noise: float = Field(0.1, ge=0, le=1)
    seed: int = Field(0, ge=0, le=2**32 - 1)


def draw_cartoon(class_name: ClassName, config: CartoonConfig, index: int) -> Image.Image:
    number = CLASS_NAMES.index(class_name)
    streams = np.random.default_rng([config.seed, number, index]).spawn(4)
    pose, traits, scenery, grain = streams
    image = draw_background(config, scenery)
    x, y, growth, turn = spread(pose).tolist()
    canvas = Canvas(
        image,
        place=(config.shift * x, config.shift * y),
        size=1 + config.scale * growth,
        tilt=config.rotation * turn,
        mirror=pose.random() < 0.5,
    )
    draw_animal(canvas, class_name, sample_traits(traits))
    small = image.resize((config.image_size, config.image_size), Image.Resampling.LANCZOS)
    return add_noise(small, config.noise, grain)


def draw_background(config: CartoonConfig, rng: np.random.Generator) -> Image.Image:
    side = SUPERSAMPLING * config.image_size
    busy = config.background
    ground = 236 + rng.integers(-8, 9, size=3)
    walls = ground + min(1, WALL_W * busy) * (rng.integers(LO, HI, size=(2, 2, 3)) - ground)
    image = Image.fromarray(walls.astype(np.uint8)).resize((side, side), Image.Resampling.BILINEAR)
    for _ in range(round(MOST_CLUTTER * busy)):
        x, y, depth = rng.random(3).tolist()
        piece = FURNITURE[rng.integers(len(FURNITURE))]
        paint = walls.mean(axis=(0, 1)) + CON * busy * rng.uniform(-1, 1, size=3)
        red, green, blue = np.clip(paint, 0, 255).astype(int).tolist()
        canvas = Canvas(image, place=(x - 0.5, y - 0.5), size=0.2 + 0.25 * depth)
        for shape, shade in piece:
            ink = INK if shade < 0 else WHITE
            canvas.fill(shape, blend((red, green, blue), ink, abs(shade) * (0.3 + 0.5 * busy)))
    return image


def add_noise(image: Image.Image, strength: float, rng: np.random.Generator) -> Image.Image:
    if strength == 0:
        return image
    grain = rng.standard_normal((image.height, image.width, 1), dtype=np.float32)
    noisy = np.asarray(image) + 80 * strength * grain
    return Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))


def write_cartoons(
    folder: Path, config: CartoonConfig, progress: Callable[[int, int], None] = lambda *_: None
) -> None:
    """Write real JPEG files: ``folder/cat/cat.0.jpg``, ``folder/dog/dog.0.jpg`` and on.

    An odd number of pictures gives the cats one more.
    """
    for index in range(config.n_images):
        progress(index, config.n_images)
        number, label = divmod(index, len(CLASS_NAMES))
        class_name = CLASS_NAMES[label]
        target = folder / class_name / f"{class_name}.{number}.jpg"
        target.parent.mkdir(parents=True, exist_ok=True)
        draw_cartoon(class_name, config, number).save(target, quality=JPEG_QUALITY)
    progress(config.n_images, config.n_images)
