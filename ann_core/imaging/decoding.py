"""Help around Pillow: silence, upright and opaque pixels, reasons."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator

import numpy as np
from PIL import ExifTags, Image, UnidentifiedImageError

from ann_core.errors import ImageError
from ann_core.imaging.file_types import HEAD_BYTES, why_no_image

_WITH_ALPHA = {"LA", "PA", "La", "RGBA", "RGBa"}
_GRAY = {"1", "L", "LA", "La"}
_BAND_PIXELS = 1 << 20
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """Hush Pillow: it warns of odd metadata, and we say ourselves what cannot be used.

    So it makes no difference either whether somebody turned warnings into errors.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"PIL\.")
        yield


def upright(image: Image.Image) -> Image.Image:
    """Turn an image the way its EXIF tag says; damaged metadata say nothing.

    As `ImageOps.exif_transpose`, which also rewrites all other tags and fails
    when one of them is odd.
    """
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # as in open_image
        return image
    transposed = _TURNS.get(orientation) if isinstance(orientation, int) else None
    return image if transposed is None else image.transpose(transposed)


def opaque(image: Image.Image, bits_used: int) -> Image.Image:
    """Bring any pixel mode to "L" or "RGB", transparent parts over white.

    An image that is so already is returned as it is.

    Parameters
    ----------
    bits_used : int
        As `PreprocessConfig.bits_used`.
    """
    if image.mode.startswith("I;16"):
        # Pillow's own conversion clips at 255 instead of scaling.
        values = np.asarray(image, dtype=np.uint16)
        gray = np.minimum(values >> bits_used - 8, 255).astype(np.uint8)
        if "transparency" in image.info:
            gray[values == image.info["transparency"]] = 255
        return Image.fromarray(gray)
    if image.mode in {"I", "F"}:
        raise ImageError(f"pixels of kind '{image.mode}' have no fixed range; save it as 8 bit")
    final_mode = "L" if image.mode in _GRAY else "RGB"
    if image.mode in _WITH_ALPHA or "transparency" in image.info:
        return _over_white(image, final_mode)
    return image if image.mode == final_mode else image.convert(final_mode)


def _over_white(image: Image.Image, final_mode: str) -> Image.Image:
    """Lay an image over white, band by band: as a whole that takes 16 bytes a pixel."""
    flat = Image.new(final_mode, image.size)
    height = max(1, _BAND_PIXELS // image.width)
    for top in range(0, image.height, height):
        box = (0, top, image.width, min(top + height, image.height))
        band = image.crop(box)
        colour = band.convert("RGBA")
        background = Image.new("RGBA", colour.size, "white")
        flat.paste(Image.alpha_composite(background, colour).convert(final_mode), box)
    return flat


def reason_for(error: Exception, content: bytes) -> str:
    """Say in a table cell why Pillow could not open an image, `content` as far as it was read."""
    if isinstance(error, UnidentifiedImageError):
        return why_no_image(content[:HEAD_BYTES])
    if isinstance(error, FileNotFoundError):
        return f"there is no file '{error.filename}'"
    if isinstance(error, OSError) and error.strerror:
        return f"it cannot be read ({error.strerror})"
    if isinstance(error, MemoryError):
        return "it needs more memory than there is"
    return f"it is damaged or cut off ({_short(error)})"


def _short(error: BaseException) -> str:
    return str(error).splitlines()[0][:80] if str(error) else type(error).__name__
