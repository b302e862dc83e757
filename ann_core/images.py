"""Open one picture safely, and do to it what the article does.

A picture from a stranger is checked before it is decoded: known format, size in
bounds. It is then turned upright (EXIF), its transparent parts are laid over
white, and it becomes RGB or gray with 8 bits a value.
"""

from __future__ import annotations

import io
import struct
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pandas as pd
from PIL import Image, ImageOps, UnidentifiedImageError

from ann_core.errors import DatasetError, PictureError
from ann_core.files import natural_key
from ann_core.preprocessing import PreprocessConfig, preprocess

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF")
SUFFIXES = frozenset(".jpg .jpeg .jpe .jfif .png .webp .bmp .dib .gif .tif .tiff".split())
MAX_PIXELS = 50_000_000

# Pillow raises at twice this figure while it reads a header, so no decoder of
# this process is ever handed more than MAX_PIXELS. Its warning below that
# figure is ours to give (see _check_size).
Image.MAX_IMAGE_PIXELS = MAX_PIXELS // 2
warnings.simplefilter("ignore", Image.DecompressionBombWarning)

# What Pillow's decoders raise on damaged files, found by fuzzing.
_DAMAGED = (
    *(OSError, EOFError, SyntaxError, ValueError, TypeError, struct.error),
    *(IndexError, KeyError, OverflowError, ZeroDivisionError, AttributeError, RuntimeError),
)
_WITH_ALPHA = {"LA", "PA", "La", "RGBA", "RGBa"}


@dataclass(frozen=True)
class Picture:
    """One decoded picture and what its file said of itself.

    Attributes
    ----------
    image : PIL image, mode "L" or "RGB"
        Upright, opaque, 8 bits a value.
    format : str
        Such as "JPEG".
    mode : str
        Pillow's name for the pixels in the file, such as "CMYK".
    """

    image: Image.Image
    format: str
    mode: str

    @property
    def width(self) -> int:
        """Pixels from left to right, after rotation."""
        return self.image.width

    @property
    def height(self) -> int:
        """Pixels from top to bottom, after rotation."""
        return self.image.height


def open_picture(source: str | Path | bytes | BinaryIO) -> Picture:
    """Decode a picture of a stranger.

    Parameters
    ----------
    source : path, bytes or binary file
        JPEG, PNG, WebP, BMP, GIF (its first frame) or TIFF, told by content,
        not by name; at most 50 megapixels.

    Raises
    ------
    PictureError
        If the file is empty, damaged, of another kind, or too large.
    """
    if isinstance(source, bytes):
        source = io.BytesIO(source)
    try:
        with Image.open(source, formats=FORMATS) as image:
            _check_size(*image.size)
            kind, mode = image.format or "", image.mode
            image.load()
            return Picture(_opaque(ImageOps.exif_transpose(image)), kind, mode)
    except PictureError:
        raise
    except Image.DecompressionBombError as error:
        raise PictureError(
            f"more than {MAX_PIXELS // 1_000_000} megapixels; make it smaller first"
        ) from error
    except UnidentifiedImageError as error:
        raise PictureError(_why_unknown(source)) from error
    except FileNotFoundError as error:
        raise PictureError(f"there is no file '{source}'") from error
    except MemoryError as error:
        raise PictureError("it needs more memory than there is") from error
    except _DAMAGED as error:
        raise PictureError(f"it is damaged or cut off ({_short(error)})") from error


def process_image(path: str | Path, config: PreprocessConfig | None = None) -> np.ndarray:
    """Turn a picture file into one row of numbers, as the article does.

    Original -> gray -> 96 x 96 -> flattened -> divided by 255.

    Parameters
    ----------
    path : str or Path
    config : PreprocessConfig, optional
        The article's steps by default.

    Returns
    -------
    float64 array, shape (n_features,)
        Intensities, 0 to 1; 9,216 of them with the article's steps.

    Raises
    ------
    PictureError
        If the file is no readable picture.
    """
    row = preprocess(open_picture(path).image, config or PreprocessConfig())
    return row.ravel() / 255.0


def process_folder(folder: str | Path, config: PreprocessConfig | None = None) -> pd.DataFrame:
    """Turn a folder of pictures into the article's table.

    Pictures that lie directly in `folder` get its name as class; pictures in
    folders inside it get the name of theirs. Files are taken in natural order
    (``cat.2`` before ``cat.10``).

    Returns
    -------
    DataFrame, shape (n_images, n_features + 1)
        float64 columns ``0 ... n_features - 1`` in 0..1, then ``class``.
        Unreadable pictures are left out; ``attrs["skipped"]`` names them as
        ``(file, reason)``.

    Raises
    ------
    DatasetError
        If there is no such folder, or no readable picture in it.
    """
    folder = Path(folder)
    config = config or PreprocessConfig()
    if not folder.is_dir():
        raise DatasetError(f"Expected a folder of pictures, but there is no folder '{folder}'.")
    rows, classes, skipped = [], [], []
    for path in picture_files(folder):
        try:
            rows.append(process_image(path, config))
            classes.append(path.parent.resolve().name)
        except PictureError as error:
            skipped.append((str(path.relative_to(folder)), error.reason))
    if not rows:
        raise DatasetError(
            f"Expected pictures in '{folder}' or in folders inside it, but found none that "
            f"can be read ({len(skipped)} could not). Give a folder with JPEG or PNG files."
        )
    table = pd.DataFrame(np.stack(rows))
    table["class"] = classes
    table.attrs["skipped"] = skipped
    return table


def picture_files(folder: Path) -> list[Path]:
    """Files with a picture's ending in `folder` and one level down, natural order."""
    files = [*folder.glob("*"), *folder.glob("*/*")]
    names = [f for f in files if f.suffix.lower() in SUFFIXES and not f.name.startswith(".")]
    return sorted(names, key=lambda f: natural_key(str(f.relative_to(folder))))


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise PictureError(
            f"{width:,} x {height:,} pixels are more than {MAX_PIXELS // 1_000_000} megapixels; "
            "make it smaller first"
        )


def _opaque(image: Image.Image) -> Image.Image:
    """Bring any pixel mode to "L" or "RGB", transparent parts over white."""
    if image.mode.startswith("I;16"):
        # Pillow's own conversion clips at 255 instead of scaling.
        values = np.asarray(image, dtype=np.uint16)
        return Image.fromarray((values >> 8).astype(np.uint8))
    if image.mode in {"I", "F"}:
        raise PictureError(f"pixels of kind '{image.mode}' have no fixed range; save it as 8 bit")
    if image.mode in _WITH_ALPHA or "transparency" in image.info:
        gray = image.mode in {"LA", "La"}
        colour = image.convert("RGBA")
        ground = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(ground, colour).convert("L" if gray else "RGB")
    return image.convert("L" if image.mode in {"1", "L"} else "RGB")


def _why_unknown(source: str | Path | BinaryIO) -> str:
    if isinstance(source, (str, Path)):
        with Path(source).open("rb") as file:
            start = file.read(1)
    else:
        source.seek(0)
        start = source.read(1)
    if not start:
        return "the file is empty (0 bytes)"
    return "it is no JPEG, PNG, WebP, BMP, GIF or TIFF, whatever its name says"


def _short(error: BaseException) -> str:
    return str(error).splitlines()[0][:80] if str(error) else type(error).__name__
