"""What the exported programs read of a file: the numbers that the network was trained on."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ann_core.export.code.preprocess_code import imports_of_pillow, preprocess_cell
from ann_core.imaging.images import open_image
from ann_core.imaging.preprocessing import PreprocessConfig, preprocess

CONFIG = PreprocessConfig(image_size=(9, 12), mode="rgb")
HALF = np.where(np.arange(16) < 8, 0, 255).astype(np.uint8)

Write = Callable[[Path], object]


def noise_image(mode: str) -> Image.Image:
    """Noise of 16x16; where there is an alpha channel, the left half is transparent."""
    rng = np.random.default_rng(0)
    image = Image.fromarray(rng.integers(0, 256, (16, 16, 3), dtype=np.uint8))
    alpha = Image.fromarray(np.tile(HALF, (16, 1)))
    if mode == "I;16":
        return Image.fromarray(rng.integers(0, 65536, (16, 16), dtype=np.uint16))
    if mode == "PA":
        return Image.merge("LA", (image.convert("L"), alpha)).convert("PA")
    if mode in ("LA", "RGBA"):
        image.putalpha(alpha)
    return image.convert(mode)


def saved(mode: str, kind: str, **options: Any) -> Write:
    return lambda path: noise_image(mode).save(path, kind, **options)


def bitmap_with_alpha(path: Path) -> None:
    """A BMP of 32 bits with a mask for alpha (BITMAPV4HEADER), as paint programs write it."""
    pixels = np.asarray(noise_image("RGBA"))[::-1, :, [2, 1, 0, 3]].tobytes()
    masks = struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000) + b"BGRs" + bytes(48)
    header = struct.pack("<IiiHHIIiiII", 108, 16, 16, 1, 32, 3, len(pixels), 2835, 2835, 0, 0)
    begin = struct.pack("<2sIHHI", b"BM", 122 + len(pixels), 0, 0, 122)
    path.write_bytes(begin + header + masks + pixels)


FILES: dict[tuple[str, str, str], Write] = {
    ("BMP", "RGBA", "mask"): bitmap_with_alpha,
    ("GIF", "P", "transparent"): saved("P", "GIF", transparency=7),
    ("PNG", "P", "transparent"): saved("P", "PNG", transparency=bytes(range(256))),
    ("PNG", "L", "transparent"): saved("L", "PNG", transparency=7),
    ("PNG", "RGB", "transparent"): saved("RGB", "PNG", transparency=(0, 0, 0)),
    ("PNG", "I;16", "transparent"): saved("I;16", "PNG", transparency=7),
    **{("BMP", mode, ""): saved(mode, "BMP") for mode in ("1", "L", "P", "RGB")},
    ("GIF", "P", ""): saved("P", "GIF"),
    **{("JPEG", mode, ""): saved(mode, "JPEG") for mode in ("L", "RGB", "CMYK")},
    **{
        ("PNG", mode, ""): saved(mode, "PNG")
        for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")
    },
    **{
        ("TIFF", mode, ""): saved(mode, "TIFF")
        for mode in ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "LAB", "I;16")
    },
    **{("WEBP", mode, ""): saved(mode, "WEBP", lossless=True) for mode in ("RGB", "RGBA")},
}


@pytest.mark.parametrize("kind", FILES, ids=lambda kind: "-".join(filter(None, kind)))
def test_a_file_is_read_as_flatland_reads_it(kind: tuple[str, str, str], tmp_path: Path) -> None:
    """With the code for files of this kind alone, and with that for any file."""
    path = tmp_path / "file"
    FILES[kind](path)
    image = open_image(path)
    assert (image.format, image.mode) == kind[:2]
    expected = preprocess(image.image, CONFIG).ravel()
    for kinds in ([kind[:2]], None):
        code = preprocess_cell(CONFIG, kinds).code
        space: dict[str, Any] = {"HEIGHT": 9, "WIDTH": 12, "np": np, "Image": Image}
        assert imports_of_pillow(CONFIG) == "Image"
        exec(compile(code, "cell", "exec"), space)
        np.testing.assert_array_equal(space["to_row"](path), expected)
