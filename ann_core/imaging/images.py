"""Open one image safely, and do to it what the article does.

An image from a stranger is checked before it is decoded: known format, size in
bounds. It is then turned upright (EXIF), its transparent parts are laid over
white, and it becomes RGB or gray with 8 bits a value.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pandas as pd
from PIL import Image

from ann_core.errors import DatasetError, ImageError
from ann_core.file_names import NaturalKey, is_ignored, natural_key
from ann_core.imaging.decoding import opaque, quietly, reason_for, upright
from ann_core.imaging.preprocessing import PreprocessConfig, preprocess

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF")
SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp", ".dib", ".gif", ".tif", ".tiff"}
)
MAX_PIXELS = 50_000_000
MAX_BYTES = 8 * MAX_PIXELS  # of a file: no format needs more for a pixel

# Pillow raises at twice this figure while it reads a header, so no decoder of
# this process is ever handed more than MAX_PIXELS. Other libraries may change
# it, so open_image looks for itself too.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS // 2


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


def open_image(source: str | Path | bytes | BinaryIO) -> LoadedImage:
    """Decode an image of a stranger.

    Parameters
    ----------
    source : path, bytes or binary file
        JPEG, PNG, WebP, BMP, GIF (its first frame) or TIFF, told by content,
        not by name; at most 50 megapixels.

    Raises
    ------
    ImageError
        If the file is empty, damaged, of another kind, or too large.
    """
    if isinstance(source, bytes):
        source = io.BytesIO(source)
    try:
        with quietly(), Image.open(source, formats=FORMATS) as image:
            _check_size(*image.size)
            # A photograph of a phone may carry a preview: Pillow calls that MPO.
            kind, mode = (image.format or "").replace("MPO", "JPEG"), image.mode
            image.load()
            return LoadedImage(opaque(upright(image)), kind, mode)
    except ImageError:
        raise
    except Image.DecompressionBombError as error:
        raise ImageError(
            f"more than {MAX_PIXELS // 1_000_000} megapixels; make it smaller first"
        ) from error
    except Exception as error:  # of damaged bytes, decoders raise nearly everything
        raise ImageError(reason_for(error, source)) from error


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
    row = preprocess(open_image(path).image, config or PreprocessConfig())
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


def _by_name(file: tuple[Path, Path]) -> NaturalKey:
    return natural_key(file[0].as_posix())


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise ImageError(
            f"{width:,} x {height:,} pixels are more than {MAX_PIXELS // 1_000_000} megapixels; "
            "make it smaller first"
        )
