"""Code that reads images as `ann_core.imaging` does, without it.

Only what the images of a run need is written: a set of photographs without transparency
needs no line about it.
"""

from __future__ import annotations

from collections.abc import Iterable

from ann_core.export.code.notebook import NotebookCell, assemble, render
from ann_core.imaging.preprocessing import MAX_BITS, PreprocessConfig

_OPAQUE_FORMAT = "JPEG"  # of the others, a mode without alpha can have a transparent colour
_WITH_ALPHA = ("LA", "PA", "La", "RGBA", "RGBa")

_OPEN = '''$needed
FORMATS = ["JPEG", "PNG", "WEBP", "AVIF", "BMP", "GIF", "TIFF"]$notes
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def open_image(path):
    """Decode a picture and turn it the way that the camera's note (EXIF) says."""
    with Image.open(path, formats=FORMATS) as image:
        image.load()
        try:
            orientation = image.getexif().get(274)
        except Exception:  # damaged notes say nothing
            orientation = None
        turn = TURNS.get(orientation) if isinstance(orientation, int) else None
        return plain(image if turn is None else image.transpose(turn))


def plain(image):
    """Make it gray or colour with 8 bits a value$about."""
$branches
'''

_SIXTEEN = """
    if image.mode.startswith("I;16"):
        values = np.asarray(image, dtype=np.uint16)
        gray = $STRETCHED.astype(np.uint8)
        if "transparency" in image.info:
            gray[values == image.info["transparency"]] = 255
        return Image.fromarray(gray)
"""
_NOTES = """
# Notes in a PNG may be of any size.
PngImagePlugin.MAX_TEXT_CHUNK = PngImagePlugin.MAX_TEXT_MEMORY = 1 << 30
"""
_RANGELESS = """
    if image.mode in ("I", "F"):
        raise ValueError("its pixels have no fixed range; save it as 8 bit")
"""
_MODE = """
    mode = "L" if image.mode in ("1", "L", "LA", "La") else "RGB"
"""
_ALPHA = """
    if image.mode in ("LA", "PA", "La", "RGBA", "RGBa") or "transparency" in image.info:
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image.convert("RGBA")).convert(mode)
"""
_PLAIN = """
    return image.convert(mode)
"""

_SQUASH = '''
def to_row(path):
    """Turn a picture file into one row of numbers, 0 to 255."""
    image = open_image(path).convert($MODE)
    small = image.resize((WIDTH, HEIGHT), Image.Resampling.$FILTER)
    return np.asarray(small, dtype=np.uint8).ravel()
'''
_CROP = '''
def to_row(path):
    """Turn the middle of a picture into one row of numbers, 0 to 255."""
    image = open_image(path).convert($MODE)
    small = ImageOps.fit(image, (WIDTH, HEIGHT), method=Image.Resampling.$FILTER)
    return np.asarray(small, dtype=np.uint8).ravel()
'''
_PAD = '''
def to_row(path):
    """Turn a picture into one row of numbers, with a border in the mean colour of its edge."""
    image = open_image(path).convert($MODE)
    pixels = np.asarray(image)
    edge = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    border = tuple(int(value) for value in np.rint(np.atleast_1d(edge.mean(axis=0))))
    border = border if len(border) > 1 else border[0]
    size, method = (WIDTH, HEIGHT), Image.Resampling.$FILTER
    small = ImageOps.pad(image, size, method=method, color=border)
    return np.asarray(small, dtype=np.uint8).ravel()
'''
_RAVEL = """
    return np.asarray(small, dtype=np.uint8).ravel()
"""
_SCRAMBLED = """
    pixels = np.asarray(small, dtype=np.uint8).reshape(-1, $CHANNELS)
    # All pixels change places, in every picture in the same way.
    order = np.random.default_rng($SEED).permutation(len(pixels))
    return pixels[order].ravel()
"""
_WAYS = {"squash": _SQUASH, "crop": _CROP, "pad": _PAD}


Kinds = Iterable[tuple[str, str]]
"""Format and mode of images, as `ann_core.imaging.images.LoadedImage` says them."""


def imports_of_pillow(config: PreprocessConfig) -> str:
    """Name what `preprocess_cell` needs of Pillow."""
    return "Image" if config.resize == "squash" else "Image, ImageOps"


def _has_png(images: Kinds | None) -> bool:
    return images is None or any(kind == "PNG" for kind, _ in images)


def preprocess_cell(config: PreprocessConfig, images: Kinds | None) -> NotebookCell:
    """Write ``to_row(path)``; it needs ``HEIGHT``, ``WIDTH``, ``np`` and `imports_of_pillow`.

    Parameters
    ----------
    images : iterable of (format, mode) or None
        What there is to be read; None for any image.
    """
    kinds = None if images is None else set(images)
    sixteen = kinds is None or any(mode.startswith("I;16") for _, mode in kinds)
    alpha = kinds is None or any(f != _OPAQUE_FORMAT or m in _WITH_ALPHA for f, m in kinds)
    branches = _SIXTEEN.replace("$STRETCHED", _stretched(config.bits_used)) if sixteen else ""
    branches += _RANGELESS if kinds is None else ""
    branches += _MODE + (_ALPHA if alpha else "") + _PLAIN
    opening = assemble(
        _OPEN,
        needed="from PIL import PngImagePlugin\n" if _has_png(kinds) else "",
        notes=_NOTES.rstrip("\n") if _has_png(kinds) else "",
        about="; transparent parts become white" if alpha else "",
        branches=branches.replace("\n\n", "\n").strip("\n"),
    )
    mode = render("$MODE", MODE="L" if config.mode == "gray" else "RGB")
    way = _WAYS[config.resize]
    if config.scramble_seed:
        way = way.replace(_RAVEL, _scrambled(config))
    row = assemble(way, MODE=mode, FILTER=config.resample.upper())
    height, width = config.image_size
    channels = "one value" if config.mode == "gray" else "three values"
    return NotebookCell(
        f"A picture becomes {height} x {width} pixels with {channels} each, and then one row: "
        "the first line of pixels, the second one behind it, and so on. Which pixels were "
        "neighbours is not in the row any more.",
        f"{opening}\n\n\n{row}",
    )


def _scrambled(config: PreprocessConfig) -> str:
    """Write how the pixels of a picture change places."""
    code = _SCRAMBLED.replace("$CHANNELS", str(config.n_channels))
    return code.replace("$SEED", str(config.scramble_seed))


def _stretched(bits_used: int) -> str:
    """Write how 16 bits become 8."""
    shifted = f"values >> {bits_used - 8}"
    return f"({shifted})" if bits_used == MAX_BITS else f"np.minimum({shifted}, 255)"
