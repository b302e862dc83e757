"""Opening the images of strangers: every format and mode, every kind of damage."""

from __future__ import annotations

import io
import random
import struct
import warnings
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image, ImageOps

from ann_core.errors import DatasetError, ImageError
from ann_core.imaging.images import (
    MAX_PIXELS,
    image_files,
    open_image,
    process_folder,
    process_image,
)
from ann_core.imaging.preprocessing import PreprocessConfig
from tests.helpers.image_files import png_header

if TYPE_CHECKING:
    from tests.unit.conftest import MakeFolder

ORIENTATION, DESCRIPTION = 0x0112, 0x010E
# The article's first cat, as the article printed it.
CAT_FLAT = ([42, 42, 51], [68, 37, 36])
CAT_SCALED = ([0.16470588, 0.16470588, 0.2], [0.26666667, 0.14509804, 0.14117647])


def random_image(mode: str, size: tuple[int, int] = (20, 14)) -> Image.Image:
    rng = np.random.default_rng(0)
    width, height = size
    if mode == "I;16":
        return Image.fromarray(rng.integers(0, 65536, (height, width)).astype(np.uint16))
    if mode in {"LA", "RGBA"}:
        n_channels = len(mode)
        values = rng.integers(0, 256, (height, width, n_channels), dtype=np.uint8)
        return Image.fromarray(values)
    values = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(values).convert(mode)


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def pixels(image: Image.Image) -> list[Any]:
    return np.asarray(image).tolist()


FORMATS_AND_MODES = [
    *[("JPEG", mode) for mode in ("L", "RGB", "CMYK")],
    *[("PNG", mode) for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")],
    *[("WEBP", mode) for mode in ("RGB", "RGBA")],
    *[("BMP", mode) for mode in ("1", "L", "P", "RGB")],
    *[("GIF", mode) for mode in ("L", "P")],
    *[("TIFF", mode) for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16")],
]


@pytest.mark.parametrize(("kind", "mode"), FORMATS_AND_MODES)
def test_every_format_and_mode_opens(kind: str, mode: str) -> None:
    content = encoded(random_image(mode), kind)
    image = open_image(content)
    assert image.format == kind
    assert image.image.mode in {"L", "RGB"}
    assert (image.width, image.height) == (20, 14)
    with Image.open(io.BytesIO(content)) as plain:
        assert image.mode == plain.mode
        if mode in {"1", "L", "P", "RGB", "CMYK"}:
            assert pixels(image.image) == pixels(plain.convert(image.image.mode))


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
@pytest.mark.parametrize("mode", ["1", "L", "LA", "I;16"])
def test_gray_stays_one_value_a_pixel(kind: str, mode: str) -> None:
    assert open_image(encoded(random_image(mode), kind)).image.mode == "L"


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits_are_scaled_not_clipped(kind: str) -> None:
    values = np.array([[0, 255, 256, 32768, 65535]], dtype=np.uint16)
    image = open_image(encoded(Image.fromarray(values), kind))
    assert pixels(image.image) == [[0, 0, 1, 128, 255]]


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
@pytest.mark.parametrize("bits", [8, 10, 12, 14])
def test_few_bits_of_sixteen_are_stretched_by_one_rule(kind: str, bits: int) -> None:
    top = (1 << bits) - 1
    values = np.array([[0, top // 2, top, 65535]], dtype=np.uint16)
    opened = open_image(encoded(Image.fromarray(values), kind), bits_used=bits)
    assert pixels(opened.image) == [[0, 127, 255, 255]]
    assert opened.peak == 65535


def test_eight_bits_are_not_stretched() -> None:
    content = encoded(random_image("L"), "PNG")
    opened = open_image(content, bits_used=12)
    assert pixels(opened.image) == pixels(random_image("L"))
    assert opened.peak == 0


def test_sixteen_bits_of_the_other_byte_order_are_the_same() -> None:
    values = random_image("I;16")
    raw = np.asarray(values).astype(">u2")
    image = Image.frombytes("I;16B", values.size, raw.tobytes())
    expected = (np.asarray(values) >> 8).tolist()
    assert pixels(open_image(encoded(image, "TIFF")).image) == expected


def test_pixels_without_a_range_are_refused_with_a_reason() -> None:
    content = encoded(Image.new("F", (4, 4)), "TIFF")
    with pytest.raises(ImageError, match="no fixed range; save it as 8 bit"):
        open_image(content)


def test_gif_and_tiff_give_their_first_frame() -> None:
    frames = [Image.new("L", (8, 8), shade) for shade in (10, 200)]
    for kind in ("GIF", "TIFF"):
        content = encoded(frames[0], kind, save_all=True, append_images=frames[1:])
        assert set(np.asarray(open_image(content).image).ravel()) == {10}


def test_a_photograph_with_a_preview_is_a_jpeg() -> None:
    large, preview = random_image("RGB"), random_image("RGB", (5, 4))
    content = encoded(large, "MPO", save_all=True, append_images=[preview])
    image = open_image(content)
    assert image.format == "JPEG"
    assert (image.width, image.height) == large.size


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_transparency_lies_over_white(kind: str) -> None:
    image = Image.new("RGBA", (3, 1))
    for x, alpha in enumerate((0, 128, 255)):
        image.putpixel((x, 0), (200, 100, 0, alpha))
    options = {"lossless": True, "exact": True} if kind == "WEBP" else {}
    image = open_image(encoded(image, kind, **options))
    half = [round((value * 128 + 255 * 127) / 255) for value in (200, 100, 0)]
    assert pixels(image.image) == [[[255, 255, 255], half, [200, 100, 0]]]


def test_gray_with_alpha_lies_over_white() -> None:
    image = Image.new("LA", (2, 1), (100, 255))
    image.putpixel((0, 0), (100, 0))
    assert pixels(open_image(encoded(image, "PNG")).image) == [[255, 100]]


@pytest.mark.parametrize("kind", ["PNG", "GIF"])
def test_a_transparent_palette_colour_lies_over_white(kind: str) -> None:
    image = Image.new("P", (2, 1))
    image.putpalette([10, 20, 30, 40, 50, 60])
    image.putpixel((1, 0), 1)
    image = open_image(encoded(image, kind, transparency=0))
    assert pixels(image.image) == [[[255, 255, 255], [40, 50, 60]]]


def test_a_palette_with_an_alpha_for_each_colour() -> None:
    image = Image.new("P", (2, 1))
    image.putpalette([10, 20, 30, 40, 50, 60])
    image.putpixel((1, 0), 1)
    image = open_image(encoded(image, "PNG", transparency=b"\xff\x00"))
    assert pixels(image.image) == [[[10, 20, 30], [255, 255, 255]]]


@pytest.mark.parametrize(("mode", "shade"), [("1", 0), ("L", 7), ("I;16", 4000)])
def test_a_transparent_shade_of_gray_lies_over_white(mode: str, shade: int) -> None:
    image = Image.new(mode, (2, 1), shade)
    image.putpixel((1, 0), 0 if shade else 255)
    image = open_image(encoded(image, "PNG", transparency=shade))
    assert image.image.mode == "L"
    assert pixels(image.image) == [[255, 0 if shade else 255]]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_images_are_turned_upright(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    content = encoded(random_image("RGB"), kind, exif=exif)
    image = open_image(content)
    with Image.open(io.BytesIO(content)) as plain:
        assert pixels(image.image) == pixels(ImageOps.exif_transpose(plain))
    assert (image.width, image.height) == ((20, 14) if orientation < 5 else (14, 20))


def test_gray_of_sixteen_bits_is_turned_too() -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    image = random_image("I;16")
    expected = (np.rot90(np.asarray(image), -1) >> 8).tolist()
    assert pixels(open_image(encoded(image, "PNG", exif=exif)).image) == expected


@pytest.mark.parametrize("orientation", [0, 9, 60000])
def test_an_orientation_that_does_not_exist_turns_nothing(orientation: int) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    content = encoded(random_image("RGB"), "PNG", exif=exif)
    assert pixels(open_image(content).image) == pixels(random_image("RGB"))


@pytest.mark.parametrize(
    ("good", "bad", "size"),
    [
        (b"MM\0*", b"MM\0\xff", (20, 14)),  # no EXIF at all
        (b"\x01\x0e\0\x02", b"\x01\x01\0\x02", (14, 20)),  # a text where a number should be
    ],
)
def test_odd_metadata_do_not_spoil_a_good_image(
    good: bytes, bad: bytes, size: tuple[int, int]
) -> None:
    exif = Image.Exif()
    exif[ORIENTATION], exif[DESCRIPTION] = 6, "a cat"
    odd = exif.tobytes().replace(good, bad)
    assert odd != exif.tobytes()
    content = encoded(random_image("RGB"), "PNG", exif=odd)
    with warnings.catch_warnings(), Image.open(io.BytesIO(content)) as plain:
        warnings.simplefilter("ignore")
        with pytest.raises((SyntaxError, struct.error)):
            ImageOps.exif_transpose(plain)
    assert open_image(content).image.size == size


def test_paths_bytes_and_files_give_the_same(tmp_path: Path) -> None:
    path = tmp_path / "cat.png"
    random_image("RGB").save(path)
    expected = pixels(random_image("RGB"))
    with path.open("rb") as file:
        for source in (path, str(path), path.read_bytes(), file):
            assert pixels(open_image(source).image) == expected


def test_the_content_counts_not_the_name(tmp_path: Path) -> None:
    path = tmp_path / "cat.jpg"
    random_image("RGB").save(path, "PNG")
    assert open_image(path).format == "PNG"


@pytest.mark.parametrize("size", [(100_000, 100_000), (MAX_PIXELS + 1, 1), (2**31 - 1, 2**31 - 1)])
def test_a_huge_image_is_refused_before_it_is_decoded(size: tuple[int, int]) -> None:
    with pytest.raises(ImageError, match="more than 50 megapixels; make it smaller first"):
        open_image(png_header(*size))


def test_fifty_megapixels_are_taken() -> None:
    content = encoded(Image.new("1", (10_000, 5_000)), "PNG")
    assert open_image(content).image.size == (10_000, 5_000)
    with pytest.raises(ImageError, match="more than 50 megapixels"):
        open_image(encoded(Image.new("1", (10_001, 5_000)), "PNG"))


def test_the_limit_holds_when_another_library_lifts_pillows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    with pytest.raises(ImageError, match="100,000 x 100,000 pixels are more than 50 megapixels"):
        open_image(png_header(100_000, 100_000))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty (0 bytes)"),
        (b"To be a cat.\n", "it is text"),
        (b"\1\2\3cat", "it is no JPEG, PNG, WebP, AVIF, BMP, GIF or TIFF, whatever its name"),
        (b"%PDF-1.7\n", "it is a PDF document; save its pages as JPEG or PNG"),
        (b"\xff\xd8\xff\xe0", "it is damaged or cut off (its header cannot be read)"),
    ],
)
def test_files_that_are_no_images_get_a_reason(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "cat.jpg"
    path.write_bytes(content)
    for source in (path, content, io.BytesIO(content)):
        with pytest.raises(ImageError) as caught:
            open_image(source)
        assert caught.value.reason.startswith(reason)
        assert str(caught.value).startswith("This picture cannot be used: ")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_image_that_is_cut_off_is_damaged(kind: str, share: float) -> None:
    content = encoded(random_image("RGB", (64, 64)), kind)
    with pytest.raises(ImageError, match="damaged or cut off"):
        open_image(content[: int(share * len(content))])


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"there is no file '.*none\.jpg'"):
        open_image(tmp_path / "none.jpg")
    (tmp_path / "folder.jpg").mkdir()
    with pytest.raises(ImageError, match=r"it cannot be read \(Is a directory\)"):
        open_image(tmp_path / "folder.jpg")


def corpus() -> list[bytes]:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    files = [encoded(random_image(mode), kind) for kind, mode in FORMATS_AND_MODES]
    files += [encoded(random_image("RGB"), kind, exif=exif) for kind in ("JPEG", "PNG", "WEBP")]
    options = ("tiff_lzw", "tiff_deflate", "jpeg")
    files += [encoded(random_image("RGB"), "TIFF", compression=name) for name in options]
    return [*files, encoded(random_image("RGB"), "JPEG", progressive=True)]


def outcome(content: bytes) -> str:
    try:
        image = open_image(content).image
    except ImageError as error:
        return error.reason
    return f"{image.mode} {image.size} {zlib.crc32(image.tobytes())}"


def test_damage_gives_a_image_or_a_reason_and_nothing_else() -> None:
    # Warnings are errors in these tests, so a warning would end this one too.
    dice = random.Random(0)
    files = corpus()
    readable = 0
    for number in range(400):
        content = bytearray(files[number % len(files)])
        if dice.random() < 0.3:
            del content[dice.randrange(len(content)) :]
        for _ in range(dice.choice([0, 1, 1, 2, 5, 20])):
            if content:
                # Headers are where decoders go wrong: most hits go there.
                position = int(dice.expovariate(1 / 60)) if dice.random() < 0.6 else len(content)
                content[min(position, dice.randrange(len(content)))] = dice.randrange(256)
        first = outcome(bytes(content))
        assert first == outcome(bytes(content)), f"case {number} has two results"
        readable += first.startswith(("L ", "RGB "))
    assert 50 < readable < 350, "the damage is too small or too large to tell anything"


def test_opening_leaves_the_filters_of_warnings_alone() -> None:
    before = list(warnings.filters)
    outcome(corpus()[0])
    assert warnings.filters == before


def as_the_article(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        gray = ImageOps.grayscale(image)
        return np.ravel(gray.resize((96, 96))) / 255.0


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".bmp", ".webp"])
def test_process_image_is_the_articles(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"cat{suffix}"
    random_image("RGB", (300, 281)).save(path)
    row = process_image(path)
    assert row.shape == (9216,)
    assert row.dtype == np.float64
    np.testing.assert_array_equal(row, as_the_article(path))


def test_the_articles_cat_gives_the_articles_numbers(shared_data: Path) -> None:
    path = shared_data / "article" / "cat-1.png"
    row = process_image(path)
    assert (np.rint(row[:3] * 255).tolist(), np.rint(row[-3:] * 255).tolist()) == CAT_FLAT
    np.testing.assert_allclose(row[:3], CAT_SCALED[0], atol=5e-9)
    np.testing.assert_allclose(row[-3:], CAT_SCALED[1], atol=5e-9)
    np.testing.assert_array_equal(row, as_the_article(path))


def test_process_folder_makes_the_articles_table(image_folder: MakeFolder) -> None:
    folder = image_folder({"cat": 3, "dog": 11})
    table = process_folder(folder)
    assert table.shape == (14, 9217)
    assert table.columns.tolist() == [*range(9216), "class"]
    assert table["class"].tolist() == ["cat"] * 3 + ["dog"] * 11
    # Natural order: 2 before 10.
    np.testing.assert_array_equal(
        table.iloc[5, :9216].to_numpy(dtype=float), as_the_article(folder / "dog" / "2.png")
    )
    assert table.attrs["skipped"] == []


def test_process_folder_of_one_class_takes_the_folders_name(
    image_folder: MakeFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = image_folder({"cat": 3}) / "cat"
    assert set(process_folder(folder)["class"]) == {"cat"}
    monkeypatch.chdir(folder)
    assert set(process_folder(".")["class"]) == {"cat"}


def test_process_folder_takes_a_linked_folder_by_its_own_name(
    image_folder: MakeFolder, tmp_path: Path
) -> None:
    folder = image_folder({"cat": 3})
    (tmp_path / "all").mkdir()
    (tmp_path / "all" / "kitten").symlink_to(folder / "cat")
    assert set(process_folder(tmp_path / "all")["class"]) == {"kitten"}


def test_process_folder_takes_other_configs(image_folder: MakeFolder) -> None:
    config = PreprocessConfig(image_size=(8, 10), mode="rgb")
    assert process_folder(image_folder({"cat": 2}), config).shape == (2, 241)


def test_process_folder_lists_what_it_left_out(image_folder: MakeFolder) -> None:
    folder = image_folder({"cat": 2})
    (folder / "cat" / "0.png").write_text("no picture")
    (folder / "cat" / ".hidden.png").write_text("litter")
    (folder / "__MACOSX").mkdir()
    (folder / "__MACOSX" / "1.png").write_text("litter")
    (folder / "cat.png").mkdir()
    table = process_folder(folder)
    assert len(table) == 1
    [(name, reason)] = table.attrs["skipped"]
    assert name == str(Path("cat", "0.png"))
    assert reason == "it is text, no picture"


def test_process_folder_needs_a_folder_with_images(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="there is no folder"):
        process_folder(tmp_path / "none")
    with pytest.raises(DatasetError, match=r"found none that can be read \(0 could not\)"):
        process_folder(tmp_path)


def test_image_files_go_one_level_down(tmp_path: Path) -> None:
    for name in ("b.JPG", "a/10.png", "a/9.png", "a/deep/1.png", "note.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    names = [path.relative_to(tmp_path).as_posix() for path in image_files(tmp_path)]
    assert names == ["a/9.png", "a/10.png", "b.JPG"]
