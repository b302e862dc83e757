"""Draw one cartoon cat or dog out of smooth closed curves.

Only shape tells the species apart: pointed ears, slit pupils and whiskers
against hanging ears, a long muzzle and a big nose. Coat, markings, collar and
expression are `Traits`, which know no species. Lengths are fractions of the
image's side, x to the right and y down from the animal's middle.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw

Colour = tuple[int, int, int]
Points = NDArray[np.float64]

WHITE: Colour = (255, 255, 255)
OUTLINE: Colour = (44, 36, 40)
PINK: Colour = (240, 150, 158)
BRASS: Colour = (244, 206, 84)
LINE_WIDTH = 0.012


@dataclass(frozen=True)
class Traits:
    """What makes one animal an individual, alike for cats and dogs.

    Widths and sizes are factors about 1; `gaze` is a length.
    `spots` has shape (n_spots, 3): x, y, radius.
    """

    coat: Colour
    light: Colour
    dark: Colour
    line: Colour
    iris: Colour
    collar: Colour | None
    marking: str
    expression: str
    tongue_out: bool
    gaze: float
    head_width: float
    body_width: float
    ear_size: float
    eye_size: float
    spots: Points


def blend(first: Colour, second: Colour, weight: float) -> Colour:
    """Mix two colours; `weight` 0 gives the first, 1 the second."""
    red, green, blue = (round(a + (b - a) * weight) for a, b in zip(first, second, strict=True))
    return red, green, blue


@cache
def _spline_basis(n_corners: int) -> Points:
    """Weigh corners for a closed quadratic B-spline, shape (4 n_corners, n_corners)."""
    t = np.arange(4) / 4
    basis = np.zeros((n_corners, 4, n_corners))
    for corner in range(n_corners):
        basis[corner, :, corner - 1] += (1 - t) ** 2 / 2
        basis[corner, :, corner] += 0.5 + t - t**2
        basis[corner, :, (corner + 1) % n_corners] += t**2 / 2
    return basis.reshape(-1, n_corners)


def blob(*corners: tuple[float, float]) -> Points:
    """Round off a polygon; a corner given twice stays sharp."""
    return _spline_basis(len(corners)) @ np.array(corners, dtype=np.float64)


def symmetric(*corners: tuple[float, float]) -> Points:
    """Round off a shape of which only the right half is given."""
    return blob(*corners, *((-x, y) for x, y in reversed(corners)))


# A closed curve without its last stretch, which would lead back to the root.
CAT_TAIL = blob((0.1, 0.4), (0.1, 0.4), (0.38, 0.44), (0.34, 0.08), (0.46, -0.02))[4:-4]
DOG_TAIL = blob((0.1, 0.38), (0.1, 0.38), (0.33, 0.38), (0.31, -0.14))[4:-4]
_CIRCLE: Points = np.exp(2j * np.pi * np.arange(24) / 24).view(np.float64).reshape(-1, 2)
_BEZIER = np.array([[(1 - t) ** 2, 2 * t * (1 - t), t**2] for t in np.linspace(0, 1, 8)])


def ellipse(centre: tuple[float, float], half_axes: tuple[float, float]) -> Points:
    """Return an ellipse, both axes parallel to the image's sides."""
    return np.asarray(_CIRCLE * half_axes + centre, dtype=np.float64)


def arc(*controls: tuple[float, float]) -> Points:
    """Return the quadratic Bezier curve from the first of three points to the last."""
    return _BEZIER @ np.array(controls, dtype=np.float64)


def ribbon(spine: Points, half_width: float) -> Points:
    """Return the edge of a band of constant width along an open curve."""
    along = np.gradient(spine, axis=0)
    along *= half_width / np.linalg.norm(along, axis=1, keepdims=True)
    across = along[:, ::-1] * (-1, 1)
    return np.vstack([spine + across, spine[-1] + 1.2 * along[-1], (spine - across)[::-1]])


class Canvas:
    """A square image on which shapes are placed by one pose.

    The pose (position, size, tilt, mirror) is one affine map applied to every
    point, so a moved animal is the same animal, line for line.
    """

    def __init__(
        self,
        image: Image.Image,
        *,
        position: tuple[float, float] = (0.0, 0.0),
        size: float = 1.0,
        tilt: float = 0.0,
        mirror: bool = False,
    ) -> None:
        side = image.width
        cos, sin = np.cos(np.radians(tilt)), np.sin(np.radians(tilt))
        rotation = np.array([[cos, -sin], [sin, cos]]) * (side * size)
        self.matrix = (rotation * ((-1, 1) if mirror else (1, 1))).T
        self.origin = (np.array(position) + 0.5) * side
        self.line_pixels = LINE_WIDTH * side * size
        self.image = image
        self.pen = ImageDraw.Draw(image)

    def pixels(self, points: Points) -> list[float]:
        """Return pixel coordinates x0, y0, x1, y1 … of points."""
        flat: list[float] = (points @ self.matrix + self.origin).ravel().tolist()
        return flat

    def fill(self, points: Points, colour: Colour, outline: Colour | None = None) -> None:
        """Fill a closed shape and, if asked, draw round it."""
        flat = self.pixels(points)
        self.pen.polygon(flat, fill=colour)
        if outline is not None:
            self.pen.line(flat + flat[:4], fill=outline, width=max(1, round(self.line_pixels)))

    def stroke(self, points: Points, colour: Colour, weight: float = 1.0) -> None:
        """Draw an open line, `weight` times the usual width."""
        width = max(1, round(self.line_pixels * weight))
        self.pen.line(self.pixels(points), fill=colour, width=width)

    def fill_inside(self, region: Points, marks: list[Points], colour: Colour) -> None:
        """Colour the marks, cut off where they leave the region."""
        stencils = [Image.new("1", self.image.size) for _ in range(2)]
        for stencil, shapes in zip(stencils, ([region], marks), strict=True):
            pen = ImageDraw.Draw(stencil)
            for shape in shapes:
                pen.polygon(self.pixels(shape), fill=1)
        self.image.paste(colour, mask=ImageChops.logical_and(*stencils))


def draw_animal(canvas: Canvas, class_name: str, traits: Traits) -> None:
    """Draw a sitting animal from back to front: tail, body, head, face."""
    is_cat = class_name == "cat"
    draw_tail(canvas, traits, CAT_TAIL if is_cat else DOG_TAIL)
    draw_body(canvas, traits)
    (draw_cat_head if is_cat else draw_dog_head)(canvas, traits)


def draw_coat(canvas: Canvas, shape: Points, traits: Traits) -> None:
    """Fill a part of the animal with coat and markings, then draw round it."""
    canvas.fill(shape, traits.coat)
    if marks := markings(traits):
        colour = traits.light if traits.marking == "blaze" else traits.dark
        canvas.fill_inside(shape, marks, colour)
    canvas.stroke(np.vstack([shape, shape[:2]]), traits.line)


def markings(traits: Traits) -> list[Points]:
    """Return the shapes of the coat's second colour, over head and body."""
    if traits.marking == "spots":
        return [ellipse((x, y), (radius, 0.85 * radius)) for x, y, radius in traits.spots.tolist()]
    if traits.marking == "patch":
        return [ellipse((0.12, -0.17), (0.1, 0.11)), ellipse((-0.17, 0.27), (0.09, 0.1))]
    if traits.marking == "blaze":
        return [symmetric((0.02, -0.4), (0.03, -0.2), (0.15, 0.0), (0.1, 0.2), (0.02, 0.3))]
    if traits.marking == "plain":
        return []
    crown = [blob((x - 0.03, -0.4), (x + 0.03, -0.4), (0.7 * x, -0.19)) for x in (-0.09, 0, 0.09)]
    levels = ((-0.1, 0.14), (-0.03, 0.12), (0.16, 0.06), (0.24, 0.07), (0.32, 0.09))
    return crown + [
        blob((side * 0.36, y - 0.025), (side * 0.36, y + 0.035), (side * reach, y + 0.01))
        for side in (-1, 1)
        for y, reach in levels
    ]


def draw_tail(canvas: Canvas, traits: Traits, spine: Points) -> None:
    """Draw the tail along its spine: a cat's is long, a dog's short."""
    colour = traits.dark if traits.marking in ("patch", "tabby") else traits.coat
    canvas.fill(ribbon(spine, 0.03), traits.coat, traits.line)
    canvas.fill(ribbon(spine[-6:], 0.025), colour)


def draw_body(canvas: Canvas, traits: Traits) -> None:
    """Draw haunches, trunk, bib, two front legs with toes, collar."""
    line, wide = traits.line, (traits.body_width, 1.0)
    for side in (-1, 1):
        canvas.fill(ellipse((0.16 * side, 0.36), (0.1, 0.085)) * wide, traits.coat, line)
    trunk = symmetric((0.1, -0.02), (0.17, 0.12), (0.21, 0.35), (0.14, 0.46))
    draw_coat(canvas, trunk * wide, traits)
    canvas.fill(symmetric((0.04, 0.0), (0.11, 0.14), (0.03, 0.3)), traits.light)
    for side in (-1, 1):
        x = 0.07 * side * traits.body_width
        for edge in (-0.05, 0.05):
            canvas.stroke(arc((x + edge, 0.25), (x + 1.1 * edge, 0.32), (x + edge, 0.42)), line)
        canvas.fill(ellipse((x, 0.42), (0.066, 0.036)), traits.light, line)
        for toe in (-0.02, 0.02):
            canvas.stroke(arc((x + toe, 0.42), (x + toe, 0.43), (x + toe, 0.45)), line, 0.8)
    if traits.collar is not None:
        canvas.stroke(arc((-0.13, 0.07), (0, 0.17), (0.13, 0.07)) * wide, traits.collar, 3.2)
        canvas.fill(ellipse((0, 0.14), (0.028, 0.028)), BRASS, line)


def draw_cat_head(canvas: Canvas, traits: Traits) -> None:
    """Draw pointed ears behind a wide round head."""
    for side in (-1, 1):
        tip = (0.23, -0.26 - 0.18 * traits.ear_size)
        ear = blob((0.03, -0.26), (0.09, -0.34), tip, tip, (0.28, -0.2), (0.2, -0.12))
        ear *= (side * traits.head_width, 1.0)
        canvas.fill(ear, traits.coat, traits.line)
        canvas.fill(0.58 * ear + (0.08 * side, -0.126), PINK)
    head = symmetric((0.06, -0.37), (0.2, -0.35), (0.3, -0.16), (0.3, 0.0), (0.1, 0.09))
    draw_coat(canvas, head * (traits.head_width, 1.0), traits)
    draw_eyes(canvas, traits, spread=0.12, radius=0.056, slit=True)
    draw_cat_muzzle(canvas, traits)


def draw_cat_muzzle(canvas: Canvas, traits: Traits) -> None:
    """Draw two small puffs, a small pink nose, three whiskers a side."""
    x = traits.gaze
    if traits.tongue_out:
        canvas.fill(ellipse((x, 0.022), (0.022, 0.022)), PINK, OUTLINE)
    for side in (-1, 1):
        canvas.fill(ellipse((x + 0.042 * side, -0.015), (0.052, 0.038)), traits.light)
        canvas.fill(ellipse((0.2 * side, -0.03), (0.035, 0.022)), blend(traits.coat, PINK, 0.6))
    for side in (-1, 1):
        canvas.stroke(arc((x, -0.015), (x + 0.03 * side, 0.035), (x + 0.065 * side, 0.0)), OUTLINE)
        for level in (-0.03, 0.0, 0.03):
            root, end = (x + 0.09 * side, level / 3 - 0.01), (0.35 * side, 2 * level)
            canvas.stroke(arc(root, (0.2 * side, level - 0.03), end), OUTLINE, 0.6)
    canvas.fill(blob((x - 0.04, -0.05), (x + 0.04, -0.05), (x, -0.005)), PINK, OUTLINE)


def draw_dog_head(canvas: Canvas, traits: Traits) -> None:
    """Draw ears that hang before the sides of a tall narrow head."""
    head = symmetric((0.06, -0.41), (0.19, -0.37), (0.23, -0.16), (0.2, 0.04), (0.08, 0.1))
    draw_coat(canvas, head * (traits.head_width, 1.0), traits)
    draw_eyes(canvas, traits, spread=0.095, radius=0.043, slit=False)
    low = 0.02 + 0.06 * traits.ear_size
    outer = ((0.1, -0.37), (0.22, -0.41), (0.3, -0.24), (0.345, low - 0.06))
    inner = ((0.28, low + 0.04), (0.21, low - 0.08), (0.2, -0.24))
    for side in (-1, 1):
        ear = blob(*outer, *inner) * (side * traits.head_width, 1.0)
        canvas.fill(ear, blend(traits.coat, traits.dark, 0.3), traits.line)
    draw_dog_muzzle(canvas, traits)


def draw_dog_muzzle(canvas: Canvas, traits: Traits) -> None:
    """Draw a long snout that overlaps the chin, a big nose, often a tongue."""
    x = traits.gaze
    if traits.tongue_out:
        left, right = x - 0.048, x + 0.048
        canvas.fill(blob((left, 0.04), (right, 0.04), (right, 0.16), (left, 0.16)), PINK, OUTLINE)
        canvas.stroke(arc((x, 0.06), (x, 0.09), (x, 0.12)), blend(PINK, OUTLINE, 0.3))
    snout = symmetric((0.03, -0.13), (0.08, -0.1), (0.16, 0.03), (0.09, 0.1), (0.02, 0.07))
    canvas.fill(snout + np.array([x, 0.0]), traits.light, traits.line)
    for side in (-1, 1):
        canvas.stroke(arc((x, 0.03), (x + 0.04 * side, 0.08), (x + 0.09 * side, 0.035)), OUTLINE)
    canvas.stroke(arc((x, -0.04), (x, 0), (x, 0.03)), OUTLINE)
    canvas.fill(ellipse((x, -0.06), (0.062, 0.042)), OUTLINE)
    canvas.fill(ellipse((x - 0.018, -0.077), (0.018, 0.009)), blend(OUTLINE, WHITE, 0.6))


def draw_eyes(canvas: Canvas, traits: Traits, *, spread: float, radius: float, slit: bool) -> None:
    """Draw two eyes `spread` off the middle; the expression may close one or both."""
    radius, y = radius * traits.eye_size, -0.15
    for side in (-1, 1):
        x = spread * side + traits.gaze
        if traits.expression == "happy" or (traits.expression == "wink" and side == 1):
            lashes = arc((x - radius, y + 0.02), (x, y - 0.06), (x + radius, y + 0.02))
            canvas.stroke(lashes, OUTLINE, 1.6)
            continue
        look, glint = x + traits.gaze / 2, 0.24 * radius
        eyeball = traits.iris if slit else WHITE
        canvas.fill(ellipse((x, y), (radius, 1.08 * radius)), eyeball, OUTLINE)
        if not slit:
            canvas.fill(ellipse((look, y), (0.8 * radius, 0.85 * radius)), traits.iris)
        width, height = (0.3, 0.9) if slit else (0.55, 0.6)
        canvas.fill(ellipse((look, y), (width * radius, height * radius)), OUTLINE)
        canvas.fill(ellipse((x + 0.3 * radius, y - 0.4 * radius), (glint, glint)), WHITE)
        if traits.expression == "sleepy":
            upper_half = ellipse((x, y), (1.1 * radius, 1.2 * radius))[len(_CIRCLE) // 2 :]
            canvas.fill(upper_half, blend(traits.coat, traits.dark, 0.4), OUTLINE)
