"""Plant faults among real photographs, and count what a profile finds of them.

    python -m benchmarks.planted dogs-vs-cats-180px.zip [SEED]

20 exact copies in another split, 10 copies of another size and quality, and 10
black images. Then 300 images are altered in ways a copy may be, to see which
copies would be found. The figures stand in `docs/health.md`.
"""

import io
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import Dataset
from ann_core.datasets.importing.importer import import_folder, import_zip
from ann_core.datasets.profile.altered import find_altered
from ann_core.datasets.profile.duplicates import MAX_BITS
from ann_core.datasets.profile.hashing import gists, perceptual_hashes, unit_vectors
from ann_core.datasets.profile.issues import BLURRY, RULES
from ann_core.datasets.profile.measures import sharpness
from ann_core.datasets.profile.profile import DatasetProfile, load_profile, profile_dataset
from ann_core.datasets.profile.tolerance import MAX_TOLERANCE
from ann_core.imaging.images import open_image
from ann_core.imaging.preprocessing import PreprocessConfig, preprocess
from benchmarks.profile import decode

N_EXACT, N_NEAR, N_BLACK, N_ALTERED = 20, 10, 10, 300


def main(archive: Path, seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        catalog = Catalog(root / "datasets")
        sound = import_zip(archive, "sound", catalog)
        planted = plant(sound, root / "planted", np.random.default_rng(seed))
        dataset = import_folder(root / "planted", "planted", catalog)
        started = time.perf_counter()
        decode(dataset)
        print(f"{len(dataset):,} pictures decoded in {time.perf_counter() - started:.1f} s")
        started = time.perf_counter()
        profile_dataset(dataset, root / "profiles")
        print(f"profiled in {time.perf_counter() - started:.1f} s")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        started = time.perf_counter()
        profile = load_profile(dataset, root / "profiles")
        assert profile is not None
        print(f"opened in {1000 * (time.perf_counter() - started):.1f} ms; at most {peak:,.0f} MB")
        report(dataset, profile, planted)
        rows = np.random.default_rng(seed).choice(len(sound), N_ALTERED, replace=False)
        images = [open_image(sound.path(row)).image.convert("RGB") for row in rows]
        alter(images)
        blur(images, float(profile.measures["sharpness"].median()))


def plant(sound: Dataset, folder: Path, rng: np.random.Generator) -> dict[str, dict[str, str]]:
    """Lay the images out by split, add faults; tell for each the original's name, if any."""
    names = []
    for row, (split, class_name) in enumerate(
        zip(sound.images["split"], sound.images["class_name"], strict=True)
    ):
        names.append(f"{split}/{class_name}/{row}.jpg")
        path = folder / names[-1]
        path.parent.mkdir(parents=True, exist_ok=True)
        os.link(sound.path(row), path)
    planted: dict[str, dict[str, str]] = {"exact": {}, "near": {}, "black": {}}
    drawn = rng.choice(sound.indices("train"), N_EXACT + N_NEAR, replace=False)
    for number, row in enumerate(drawn):
        kind = "exact" if number < N_EXACT else "near"
        class_name = sound.images["class_name"].iat[row]
        name = f"{('validation', 'test')[number % 2]}/{class_name}/{kind}-{number}.jpg"
        content = sound.path(row).read_bytes()
        if kind == "near":
            side = rng.integers(64, 400, 2) if number % 2 else rng.integers(64, 400).repeat(2)
            image = open_image(content).image.resize(tuple(side.tolist()))
            content = encoded(image, int(rng.integers(25, 90)))
        (folder / name).write_bytes(content)
        planted[kind][name] = names[row]
    for number in range(N_BLACK):
        # Half of them pure and the same, half from a camera with its cap on.
        noise = rng.integers(0, 2 + number, (180, 180, 3), dtype=np.uint8)
        values = noise if number % 2 else np.zeros_like(noise)
        name = f"train/{('Cat', 'Dog')[number // 5]}/black-{number}.jpg"
        (folder / name).write_bytes(encoded(Image.fromarray(values), 90))
        planted["black"][name] = ""
    return planted


def encoded(image: Image.Image, quality: int) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def report(dataset: Dataset, profile: DatasetProfile, planted: dict[str, dict[str, str]]) -> None:
    row_of = {source: row for row, source in enumerate(dataset.images["source"])}
    pairs = {
        kind: [(row_of[name], row_of.get(original)) for name, original in names.items()]
        for kind, names in planted.items()
    }
    touched = {row for rows in pairs.values() for pair in rows for row in pair}
    print(f"{'kind':16} {'exact':>8} {'near':>8} {'black':>8}  issues  others flagged")
    for kind in RULES:
        groups = [set(issue.rows) for issue in profile.issues_of(kind)]
        counts = [
            f"{sum(any({*pair} - {None} <= group for group in groups) for pair in rows)}"
            f"/{len(rows)}"
            for rows in pairs.values()
        ]
        others = set(profile.rows_of(kind).tolist()) - touched
        share = len(others) / (len(dataset) - len(touched))
        print(
            f"{kind:16} {counts[0]:>8} {counts[1]:>8} {counts[2]:>8} {len(groups):7} "
            f"{len(others):6} ({share:.2%})"
        )


ALTERATIONS = {
    "quality 50": lambda image: reread(image, 50),
    "quality 15": lambda image: reread(image, 15),
    "quality 5": lambda image: reread(image, 5),
    "64 x 64, quality 80": lambda image: reread(image.resize((64, 64)), 80),
    "48 x 48, quality 30": lambda image: reread(image.resize((48, 48)), 30),
    "32 x 32, quality 80": lambda image: reread(image.resize((32, 32)), 80),
    "500 x 375, quality 30": lambda image: reread(image.resize((500, 375)), 30),
    "gray": ImageOps.grayscale,
    "brighter by 30 %": lambda image: ImageEnhance.Brightness(image).enhance(1.3),
    "contrast up by 50 %": lambda image: ImageEnhance.Contrast(image).enhance(1.5),
    "1 % cut off each side": lambda image: image.crop((2, 2, 178, 178)),
    "2 % cut off each side": lambda image: image.crop((4, 4, 176, 176)),
    "4 % cut off each side": lambda image: image.crop((8, 8, 172, 172)),
    "7.5 % cut off each side": lambda image: cut(image, (7.5, 7.5, 7.5, 7.5)),
    "15 % cut off each side": lambda image: cut(image, (15, 15, 15, 15)),
    "10 % cut off below": lambda image: cut(image, (0, 0, 0, 10)),
    "15 % cut off the left": lambda image: cut(image, (15, 0, 0, 0)),
    "20 % cut off the left": lambda image: cut(image, (20, 0, 0, 0)),
    "cut by 11, 3, 6 and 14 %": lambda image: cut(image, (11, 3, 6, 14)),
    "the same, 120 x 140, quality 50, brighter by 15 %": lambda image: reread(
        ImageEnhance.Brightness(cut(image, (11, 3, 6, 14)).resize((120, 140))).enhance(1.15), 50
    ),
    "the same, mirrored": lambda image: ImageOps.mirror(cut(image, (11, 3, 6, 14))),
    "turned by 2 degrees": lambda image: image.rotate(2),
    "turned by 90 degrees": lambda image: image.rotate(90),
    "turned by 180 degrees": lambda image: image.rotate(180),
    "black frame, 2 %": lambda image: ImageOps.expand(image, 4, "black"),
    "mirrored": ImageOps.mirror,
    "mirrored, 90 x 80, quality 30": lambda image: reread(
        ImageOps.mirror(image).resize((90, 80)), 30
    ),
    "mirrored, brighter by 30 %": lambda image: ImageEnhance.Brightness(
        ImageOps.mirror(image)
    ).enhance(1.3),
}


def cut(image: Image.Image, percent: tuple[float, float, float, float]) -> Image.Image:
    """Leave out so many percent at the left, right, top and bottom."""
    left, right, top, bottom = percent
    width, height = image.size
    box = (left * width, top * height, (100 - right) * width, (100 - bottom) * height)
    return image.crop(tuple(round(side / 100) for side in box))


def reread(image: Image.Image, quality: int) -> Image.Image:
    return Image.open(io.BytesIO(encoded(image, quality)))


def alter(images: list[Image.Image]) -> None:
    """Count the altered images that differ no more from theirs than copies may here."""
    pixels = np.stack([preprocess(image, PreprocessConfig()).ravel() for image in images])
    small, every = gists(pixels), np.arange(len(images))
    print(f"{'altered':50} found as copy, of {N_ALTERED}")
    for name, change in ALTERATIONS.items():
        changed = [preprocess(change(image), PreprocessConfig()).ravel() for image in images]
        other = gists(np.stack(changed))
        bits = np.bitwise_count(perceptual_hashes(small) ^ perceptual_hashes(other))
        correlations = (unit_vectors(small) * unit_vectors(other)).sum(axis=1)
        is_copy = (bits <= MAX_BITS) & (correlations >= 1 - MAX_TOLERANCE)
        both = np.concatenate([pixels, changed])
        altered = find_altered(both, np.arange(len(both)), allowed=MAX_TOLERANCE)
        pairs = np.stack([altered.first, altered.second], axis=1)
        is_copy |= np.isin(every, pairs[np.diff(pairs)[:, 0] == len(images), 0])
        is_copy |= np.isin(every, pairs[np.diff(pairs)[:, 0] == -len(images), 1])
        print(f"{name:50} {is_copy.sum():4} ({is_copy.mean():.0%})")


def blur(images: list[Image.Image], usual: float) -> None:
    print(f"{'blurred, radius':24} found as blurry, of {N_ALTERED}")
    for radius in (1.0, 1.5, 2.0, 3.0, 5.0):
        filtered = [image.filter(ImageFilter.GaussianBlur(radius)) for image in images]
        is_blurry = np.array([sharpness(image.convert("L")) * BLURRY < usual for image in filtered])
        print(f"{radius:<24} {is_blurry.sum():4} ({is_blurry.mean():.0%})")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0)
