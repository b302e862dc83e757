"""Open one image safely, and do to it what the article does.

An image from a stranger is checked before it is decoded: known format, size and
structure in bounds. It is then turned upright (EXIF), its transparent parts are laid over
white, and it becomes RGB or gray with 8 bits a value.
"""

from __future__ import annotations

import contextlib
import io
import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal

import numpy as np
from PIL import Image

from ann_core.errors import DatasetError, ImageError
from ann_core.file_names import NaturalKey, is_ignored, natural_key
from ann_core.imaging.decoding import opaque, quietly, reason_for, upright
from ann_core.imaging.file_signatures import RAW, TEXT, UNKNOWN
from ann_core.imaging.file_structure import check_structure, without_notes
from ann_core.imaging.file_types import HEAD_BYTES, file_type, why_no_image
from ann_core.imaging.preprocessing import MAX_BITS, PreprocessConfig, preprocess, to_mode

if TYPE_CHECKING:
    import pandas as pd

FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "BMP", "GIF", "TIFF")
SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".pjpeg", ".pjp", ".png", ".apng", ".webp", ".avif"}
    | {".bmp", ".dib", ".gif", ".tif", ".tiff"}
)
MAX_PIXELS = 50_000_000
BYTES_A_PIXEL = 8  # of a file: no format needs more
MAX_BYTES = BYTES_A_PIXEL * MAX_PIXELS
_LARGE_PIXELS = 4_000_000

# Pillow raises at twice this figure while it reads a header, so no decoder of
# this process is ever handed more than MAX_PIXELS. Other libraries may change
# it, so open_image looks for itself too.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS // 2

_large_turns = threading.Semaphore(max(2, os.cpu_count() or 1))


def decode_large_one_by_one() -> None:
    """Let the threads of this process wait for each other with images of several megapixels.

    For a server: decoding takes up to 20 bytes a pixel, and any number of visitors may ask.
    """
    global _large_turns
    _large_turns = threading.Semaphore(1)


@dataclass(frozen=True)
class LoadedImage:
    """One decoded image and what its file said of itself.

    Attributes
    ----------
    image : PIL image, mode "L" or "RGB"
        Upright, opaque, 8 bits a value.
    format : str
        Such as "JPEG".
    mode : str
        Pillow's name for the pixels in the file, such as "CMYK".
    peak : int
        The greatest value in a file with 16 bits a value, 0 to 65,535; 0 for other files.
    """

    image: Image.Image
    format: str
    mode: str
    peak: int = 0

    @property
    def width(self) -> int:
        """Pixels from left to right, after rotation."""
        return self.image.width

    @property
    def height(self) -> int:
        """Pixels from top to bottom, after rotation."""
        return self.image.height


def open_image(
    source: str | Path | bytes | BinaryIO,
    *,
    max_pixels: int = MAX_PIXELS,
    bits_used: int = MAX_BITS,
    mode: Literal["gray", "rgb"] | None = None,
) -> LoadedImage:
    """Decode an image of a stranger.

    Parameters
    ----------
    source : path, bytes or binary file
        JPEG, PNG, WebP, AVIF, BMP, GIF (its first frame) or TIFF (its first image), told by
        content, not by name.
    max_pixels : int
        50 megapixels by default, and never more; the file may have 8 bytes for each.
    bits_used : int
        As `PreprocessConfig.bits_used`.
    mode : "gray", "rgb" or None
        Bring it to this mode at once, which saves a copy; by default, gray files stay gray and
        others become RGB.

    Raises
    ------
    ImageError
        If the file is empty, damaged, of another kind, too large, or made to be slow.
    """
    content = b""
    try:
        content = _read(source, max_pixels)
        check_structure(content, max_pixels)
        if file_type(content[:HEAD_BYTES]) is RAW:  # its preview would open as a TIFF
            raise ImageError(why_no_image(content[:HEAD_BYTES]))
        try:
            return _opened(content, max_pixels, bits_used=bits_used, mode=mode)
        except Exception as error:
            bare = without_notes(content)
            if bare == content or isinstance(error, ImageError | Image.DecompressionBombError):
                raise
            return _opened(bare, max_pixels, bits_used=bits_used, mode=mode)
    except ImageError:
        raise
    except Image.DecompressionBombError as error:
        raise ImageError(_too_large(max_pixels)) from error
    except Exception as error:  # of damaged bytes, decoders raise nearly everything
        raise ImageError(reason_for(error, content)) from error


def process_image(path: str | Path, config: PreprocessConfig | None = None) -> np.ndarray:
    """Turn an image file into one row of numbers, as the article does.

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
    ImageError
        If the file is no readable image.
    """
    config = config or PreprocessConfig()
    opened = open_image(path, bits_used=config.bits_used, mode=config.mode)
    row = preprocess(opened.image, config)
    return row.ravel() / 255.0


def process_folder(folder: str | Path, config: PreprocessConfig | None = None) -> pd.DataFrame:
    """Turn a folder of images into the article's table.

    Images that lie directly in `folder` get its name as class; images in
    folders inside it get the name of theirs. Files are taken in natural order
    (``cat.2`` before ``cat.10``).

    Returns
    -------
    DataFrame, shape (n_images, n_features + 1)
        float64 columns ``0 ... n_features - 1`` in 0..1, then ``class``.
        Unreadable images are left out; ``attrs["skipped"]`` names them as
        ``(file, reason)``.

    Raises
    ------
    DatasetError
        If there is no such folder, or no readable image in it.
    """
    folder = Path(folder)
    config = config or PreprocessConfig()
    if not folder.is_dir():
        raise DatasetError(f"Expected a folder of pictures, but there is no folder '{folder}'.")
    own_name = folder.name or folder.resolve().name
    rows, classes, skipped = [], [], []
    for path in image_files(folder):
        try:
            rows.append(process_image(path, config))
            classes.append(path.parent.name if path.parent != folder else own_name)
        except ImageError as error:
            skipped.append((str(path.relative_to(folder)), error.reason))
    if not rows:
        raise DatasetError(
            f"Expected pictures in '{folder}' or in folders inside it, but found none that "
            f"can be read ({len(skipped)} could not). Give a folder with JPEG or PNG files."
        )
    import pandas as pd  # here: a process that only reads images needs none of it

    table = pd.DataFrame(np.stack(rows))
    table["class"] = classes
    table.attrs["skipped"] = skipped
    return table


def image_files(folder: Path) -> list[Path]:
    """Files with an image's ending in `folder` and one level down, natural order."""
    files = [
        (path.relative_to(folder), path)
        for pattern in ("*", "*/*")
        for path in folder.glob(pattern)
        if path.suffix.lower() in SUFFIXES and path.is_file()
    ]
    return [path for name, path in sorted(files, key=_by_name) if not is_ignored(name.as_posix())]


def why_not_taken(path: Path, name: str) -> str:
    """Say why a file is not opened as an image; "" if its name or its first bytes are one's.

    Parameters
    ----------
    name : str
        That its owner gave it; `path` may have another.
    """
    if Path(name).suffix.lower() in SUFFIXES:
        return ""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as error:
        return f"it cannot be read ({error.strerror})"
    kind = file_type(head, name)
    if kind.group == "image":
        return ""
    if kind in (UNKNOWN, TEXT):
        return "its name does not end like a picture's"
    return why_no_image(head, name)


def _by_name(file: tuple[Path, Path]) -> NaturalKey:
    return natural_key(file[0].as_posix())


def _read(source: str | Path | bytes | BinaryIO, max_pixels: int) -> bytes:
    """Read a file once and for all: what is checked is what is decoded."""
    most = BYTES_A_PIXEL * max_pixels
    if isinstance(source, bytes):
        content = source
    elif isinstance(source, (str, Path)):
        with Path(source).open("rb") as file:
            content = file.read(most + 1)
    else:
        source.seek(0)
        content = source.read(most + 1)
    if len(content) > most:
        raise ImageError(f"the file is larger than {most // 1_000_000} MB")
    return content


def _opened(
    content: bytes, max_pixels: int, *, bits_used: int, mode: Literal["gray", "rgb"] | None
) -> LoadedImage:
    with quietly(), Image.open(io.BytesIO(content), formats=FORMATS) as image:
        _check_size(*image.size, max_pixels)
        return _decode(image, bits_used, mode)


def _decode(
    image: Image.Image, bits_used: int, target: Literal["gray", "rgb"] | None
) -> LoadedImage:
    # A photograph of a phone may carry a preview: Pillow calls that MPO.
    kind, mode = (image.format or "").replace("MPO", "JPEG"), image.mode
    is_large = image.width * image.height > _LARGE_PIXELS
    with _large_turns if is_large else contextlib.nullcontext():
        image.load()
        ready = opaque(upright(image), bits_used)
        ready = to_mode(ready, target) if target else ready
        peak = int(np.asarray(image).max()) if mode.startswith("I;16") else 0
        ready = ready.copy() if ready is image else ready  # without what Pillow read beside pixels
    ready.info.clear()  # notes of many megabytes, of no use to anybody
    return LoadedImage(ready, kind, mode, peak)


def _check_size(width: int, height: int, max_pixels: int) -> None:
    if width * height > max_pixels:
        raise ImageError(f"{width:,} x {height:,} pixels are {_too_large(max_pixels)}")


def _too_large(max_pixels: int) -> str:
    return f"more than {max_pixels // 1_000_000} megapixels; make it smaller first"
