"""Cartoon cats and dogs, for people who have no images at hand.

Every knob makes the class harder to read off fixed pixels without changing
what a cat or a dog is. A dense network ties each weight to one pixel, so it
loses accuracy as the animal moves; a person does not.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from PIL import Image
from pydantic import Field

from ann_core.config import Config
from ann_core.datasets.sources.cartoon_drawing import (
    OUTLINE,
    WHITE,
    Canvas,
    Colour,
    Points,
    Traits,
    blend,
    blob,
    draw_animal,
    ellipse,
)

ClassName = Literal["cat", "dog"]
CLASS_NAMES: tuple[ClassName, ...] = ("cat", "dog")
SUPERSAMPLING = 2
MAX_FURNITURE = 14
MAX_NOISE = 80.0  # standard deviation at noise 1, in intensities of 0 to 255

COATS = "e9984c f4deb6 a0a3aa 54545e 966844 68483a f5f1ea e0b46c 7c8a9e c8a480"
IRISES = "7ab654 e8b83e 5ca0ce b0743a"
COLLARS = "ce3e3e 2c70ba 3a966e ecb234"
MARKINGS = ("plain", "tabby", "patch", "spots", "blaze")
EXPRESSIONS = ("open", "open", "open", "happy", "wink", "sleepy")


class CartoonConfig(Config):
    """How many cartoons to draw, and how hard to make them.

    With `shift`, `scale`, `rotation`, `background` and `noise` at 0, every
    animal sits in the middle of a plain light ground.

    Attributes
    ----------
    n_images : int
        Cats and dogs together, half each; an odd one is a cat.
    image_size : int
        Side of the square images, in pixels.
    shift : float
        Farthest way from the middle, as a fraction of the side.
    scale : float
        Greatest change of size: 0.25 draws 0.75 to 1.25 times the usual size.
    rotation : float
        Greatest tilt to either side, in degrees.
    background : float
        0 is a plain light ground, 1 a room full of furniture.
    noise : float
        Grain, the same in all three channels; at 1 its standard deviation is
        80 of 255 intensities.
    seed : int
        Same seed and knobs, same images.
    """

    n_images: int = Field(2000, ge=10, le=20_000)
    image_size: int = Field(128, ge=32, le=256)
    shift: float = Field(0.2, ge=0, le=0.5)
    scale: float = Field(0.25, ge=0, le=0.6)
    rotation: float = Field(15.0, ge=0, le=180)
    background: float = Field(0.5, ge=0, le=1)
    noise: float = Field(0.1, ge=0, le=1)
    seed: int = Field(0, ge=0, le=2**32 - 1)


def draw_cartoon(class_name: ClassName, config: CartoonConfig, index: int) -> Image.Image:
    """Draw the image number `index` of a class.

    It depends on seed, class, index and knobs alone, and pose, animal, scenery
    and grain draw from streams of their own: moving one knob leaves everything
    else in the image as it was.

    Returns
    -------
    RGB image, ``config.image_size`` pixels square.
    """
    rng = np.random.default_rng([config.seed, CLASS_NAMES.index(class_name), index])
    pose, animal, scenery, grain = rng.spawn(4)
    image = draw_room(config, scenery)
    draw_animal(posed_canvas(image, config, pose), class_name, sample_traits(animal))
    small = image.resize((config.image_size, config.image_size), Image.Resampling.LANCZOS)
    return add_noise(small, config.noise, grain)


def posed_canvas(image: Image.Image, config: CartoonConfig, rng: np.random.Generator) -> Canvas:
    """Choose where the animal sits, how large, how tilted, and facing which way.

    People put an animal near the middle of an image: each change is a share
    of its knob's limit drawn from Beta(6, 6) over -1..1, of standard deviation
    0.28. The limits themselves are rare.
    """
    away, growth, tilt = (2 * rng.beta(6, 6, size=3) - 1).tolist()
    direction = rng.uniform(0, np.pi)
    away *= config.shift
    return Canvas(
        image,
        position=(away * np.cos(direction), away * np.sin(direction)),
        size=1 + config.scale * growth,
        tilt=config.rotation * tilt,
        mirror=rng.random() < 0.5,
    )


def sample_traits(rng: np.random.Generator) -> Traits:
    """Draw an individual without knowing its species.

    Cats and dogs share coats, markings, collars and expressions in the same
    proportions: a network that tells them apart has learned shape.
    """
    jitter = rng.integers(-16, 17) + rng.integers(-5, 6, size=3)
    coat = as_colour(np.array(pick(COATS, rng)) + jitter)
    lowest, highest = (-0.26, -0.34, 0.02), (0.26, 0.44, 0.05)
    return Traits(
        coat=coat,
        light=blend(coat, WHITE, rng.uniform(0.6, 0.9)),
        dark=blend(coat, OUTLINE, rng.uniform(0.3, 0.5)),
        line=blend(coat, OUTLINE, 0.75),
        iris=pick(IRISES, rng),
        collar=pick(COLLARS, rng) if rng.random() < 0.5 else None,
        marking=MARKINGS[rng.integers(len(MARKINGS))],
        expression=EXPRESSIONS[rng.integers(len(EXPRESSIONS))],
        tongue_out=rng.random() < 0.65,
        gaze=rng.uniform(-0.018, 0.018),
        head_width=rng.uniform(0.93, 1.07),
        body_width=rng.uniform(0.9, 1.15),
        ear_size=rng.uniform(0.85, 1.15),
        eye_size=rng.uniform(0.9, 1.15),
        spots=rng.uniform(lowest, highest, size=(16, 3)),
    )


def pick(palette: str, rng: np.random.Generator) -> Colour:
    """Pick one of the hexadecimal colours of a palette."""
    codes = palette.split()
    red, green, blue = bytes.fromhex(codes[rng.integers(len(codes))])
    return red, green, blue


def as_colour(values: np.ndarray) -> Colour:
    """Round three values to intensities within 0..255."""
    red, green, blue = np.clip(values, 0, 255).astype(int).tolist()
    return red, green, blue


def add_noise(image: Image.Image, noise: float, rng: np.random.Generator) -> Image.Image:
    """Add normal grain to an image, alike in all channels."""
    if noise == 0:
        return image
    grain = rng.standard_normal((image.height, image.width, 1), dtype=np.float32)
    noisy = np.asarray(image) + MAX_NOISE * noise * grain
    return Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))


def box(top_left: tuple[float, float], bottom_right: tuple[float, float]) -> Points:
    """Return the corners of a rectangle."""
    (left, top), (right, bottom) = top_left, bottom_right
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)])


def leaf(x: float, y: float) -> Points:
    """Return a leaf from the middle of a plant to its tip (x, y)."""
    return blob((0, 0.2), (0.6 * x, y - 0.05), (x, y), (x, y), (0.5 * x + 0.08, 0.3 * y))


# Each piece is a list of shapes and how far each is darkened (< 0) or whitened (> 0).
FURNITURE: tuple[tuple[tuple[Points, float], ...], ...] = (
    (  # window
        (box((-0.4, -0.5), (0.4, 0.5)), -0.4),
        (box((-0.34, -0.44), (0.34, 0.44)), 0.6),
        (box((-0.03, -0.44), (0.03, 0.44)), -0.4),
        (box((-0.34, -0.03), (0.34, 0.03)), -0.4),
    ),
    (  # picture on the wall
        (box((-0.5, -0.38), (0.5, 0.38)), -0.5),
        (box((-0.43, -0.31), (0.43, 0.31)), 0.7),
        (np.array([(-0.43, 0.31), (-0.1, -0.15), (0.1, 0.1), (0.22, -0.05), (0.43, 0.31)]), 0.0),
        (ellipse((0.25, -0.17), (0.07, 0.07)), 0.3),
    ),
    (  # potted plant
        (leaf(-0.45, -0.2), -0.2),
        (leaf(-0.2, -0.5), 0.0),
        (leaf(0.15, -0.5), -0.2),
        (leaf(0.45, -0.25), 0.0),
        (np.array([(-0.22, 0.15), (0.22, 0.15), (0.15, 0.5), (-0.15, 0.5)]), -0.5),
    ),
    (  # standing lamp
        (box((-0.02, -0.2), (0.02, 0.9)), -0.6),
        (np.array([(-0.12, -0.5), (0.12, -0.5), (0.26, -0.1), (-0.26, -0.1)]), 0.2),
        (ellipse((0, 0.9), (0.2, 0.05)), -0.6),
    ),
    (  # ball
        (ellipse((0, 0), (0.32, 0.32)), 0.0),
        (ellipse((0, 0), (0.12, 0.32)), 0.5),
        (ellipse((-0.12, -0.14), (0.06, 0.05)), 0.8),
    ),
    (  # armchair
        (blob((-0.45, -0.5), (0.45, -0.5), (0.45, 0.4), (-0.45, 0.4)), -0.2),
        (blob((-0.7, -0.1), (-0.4, -0.15), (-0.35, 0.5), (-0.65, 0.5)), 0.0),
        (blob((0.7, -0.1), (0.4, -0.15), (0.35, 0.5), (0.65, 0.5)), 0.0),
        (blob((-0.45, 0.1), (0.45, 0.1), (0.45, 0.45), (-0.45, 0.45)), 0.25),
    ),
    (  # shelf of books
        (box((-0.4, -0.2), (-0.26, 0.3)), 0.0),
        (box((-0.24, -0.3), (-0.12, 0.3)), -0.4),
        (box((-0.1, -0.15), (0.06, 0.3)), 0.5),
        (np.array([(0.1, 0.3), (0.26, -0.22), (0.38, -0.18), (0.22, 0.3)]), -0.2),
        (box((-0.55, 0.3), (0.55, 0.38)), -0.6),
    ),
)


def draw_room(config: CartoonConfig, rng: np.random.Generator) -> Image.Image:
    """Paint walls whose colour drifts from corner to corner, and furnish them.

    The walls stay lighter than most coats. Were they sometimes darker, an ear
    would be now a dark spot, now a light one, and one weight cannot serve both.
    """
    side, busy = SUPERSAMPLING * config.image_size, config.background
    background = 236 + rng.integers(-8, 9, size=3)
    walls = background + busy * (rng.integers(150, 250, size=(2, 2, 3)) - background)
    image = Image.fromarray(walls.astype(np.uint8)).resize((side, side), Image.Resampling.BILINEAR)
    middle = walls.mean(axis=(0, 1))
    for _ in range(round(MAX_FURNITURE * busy)):
        x, y, depth = rng.random(3).tolist()
        piece = FURNITURE[rng.integers(len(FURNITURE))]
        paint = as_colour(middle + 45 * busy * rng.uniform(-1, 1, size=3))
        canvas = Canvas(image, position=(x - 0.5, y - 0.5), size=0.2 + 0.25 * depth)
        for shape, shade in piece:
            tone = OUTLINE if shade < 0 else WHITE
            canvas.fill(shape, blend(paint, tone, abs(shade) * (0.3 + 0.5 * busy)))
    return image
