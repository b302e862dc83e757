"""Images that come as arrays of numbers, in the files of MNIST and CIFAR-10.

Three formats: NumPy's ``.npz``, the idx format of the MNIST family (a header of
big-endian numbers, then the bytes), and CIFAR-10's binary one (a record an image:
the label, then red, green and blue plane). None of them can run code; the pickled
CIFAR-10 could, and is never read.
"""

from __future__ import annotations

import gzip
import re
import tarfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image

from ann_core.errors import DatasetError
from ann_core.files import ProgressCallback, no_progress

Batch = tuple[str, np.ndarray, np.ndarray]
"""Split, images, labels: uint8 arrays of shape (n_images, height, width[, 3]) and (n_images,)."""

CIFAR_LABELS = (
    *("airplane", "automobile", "bird", "cat", "deer"),
    *("dog", "frog", "horse", "ship", "truck"),
)
_CIFAR_SIDE = 32
_CIFAR_RECORD = 1 + 3 * _CIFAR_SIDE**2
_CIFAR_FILE = re.compile(r"cifar-10-batches-bin/(data_batch_[1-5]|test_batch)\.bin")
_MAX_ARRAY = 1 << 28  # bytes; no array of these sets comes near
_IDX_UBYTE = 0x08


def read_npz(archive: Path) -> Iterator[Batch]:
    """Read ``x_train``, ``y_train``, ``x_test`` and ``y_test``, as Keras keeps MNIST.

    Raises
    ------
    DatasetError
        If the file holds something else.
    """
    try:
        with archive.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            batches = [(s, arrays[f"x_{s}"], arrays[f"y_{s}"]) for s in ("train", "test")]
    except Exception as error:  # of damaged bytes, zipfile and NumPy raise nearly everything
        # NumPy's own words tell how to read pickles all the same.
        raise _unexpected(archive, "it lacks some of the four arrays of plain numbers") from error
    for batch in batches:
        yield _checked(archive, batch)


def read_idx(*files: Path) -> Iterator[Batch]:
    """Read the four gzipped files of MNIST and its kin.

    Parameters
    ----------
    files : four paths
        Images and labels of the training split, then those of the test split.

    Raises
    ------
    DatasetError
        If a file holds something else.
    """
    for split, (images, labels) in {"train": files[:2], "test": files[2:]}.items():
        yield _checked(images, (split, _idx(images), _idx(labels)))


def read_cifar(archive: Path) -> Iterator[Batch]:
    """Read CIFAR-10's ``cifar-10-binary.tar.gz``; nothing is unpacked onto the disk.

    Raises
    ------
    DatasetError
        If the file holds something else.
    """
    n_batches = 0
    for name, content in _cifar_files(archive):
        if len(content) % _CIFAR_RECORD:
            raise _unexpected(archive, f"{name} ends within a picture")
        records = np.frombuffer(content, np.uint8).reshape(-1, _CIFAR_RECORD)
        planes = records[:, 1:].reshape(-1, 3, _CIFAR_SIDE, _CIFAR_SIDE)
        split = "test" if "test" in name else "train"
        yield _checked(archive, (split, planes.transpose(0, 2, 3, 1), records[:, 0]))
        n_batches += 1
    if not n_batches:
        raise _unexpected(archive, "it has no file of pictures")


def write_arrays(
    batches: Iterable[Batch],
    folder: Path,
    labels: Sequence[str],
    *,
    keep: Sequence[str] | None = None,
    n_images: int = 0,
    progress: ProgressCallback = no_progress,
) -> None:
    """Write images as PNG files, exact to the value: ``folder/train/cat/0.png``.

    Parameters
    ----------
    labels : sequence of str
        Class name of each label number.
    keep : sequence of str, optional
        The classes to write; all by default.
    n_images : int
        How many there will be, for `progress`.

    Raises
    ------
    DatasetError
        If a label has no name.
    """
    kept = set(labels if keep is None else keep)
    seen: Counter[Path] = Counter()
    for split, images, numbers in batches:
        if numbers.size and int(numbers.max()) >= len(labels):
            raise DatasetError(
                f"Expected labels 0 to {len(labels) - 1}, but the data has label {numbers.max()}. "
                "Delete the downloaded file and try again."
            )
        for image, number in zip(images, numbers, strict=True):
            if labels[number] not in kept:
                continue
            progress(seen.total(), max(n_images, seen.total()))
            target = folder / split / labels[number]
            if not seen[target]:
                target.mkdir(parents=True)
            Image.fromarray(np.ascontiguousarray(image)).save(target / f"{seen[target]}.png")
            seen[target] += 1
    progress(seen.total(), seen.total())


def _idx(path: Path) -> np.ndarray:
    """Read one array; its header is 0, 0, type, number of axes, then the axes."""
    try:
        with gzip.open(path) as file:
            zeros, kind, n_axes = _numbers(file, ">u2", 1)[0], *_numbers(file, "u1", 2)
            if zeros or kind != _IDX_UBYTE or n_axes not in (1, 3):
                raise ValueError("its header is another one")
            shape = [int(length) for length in _numbers(file, ">u4", int(n_axes))]
            n_values = int(np.prod(shape, dtype=object))
            if n_values > _MAX_ARRAY:
                raise ValueError(f"it claims {n_values:,} values")
            return _numbers(file, "u1", n_values).reshape(shape)
    except Exception as error:  # as in read_npz
        raise _unexpected(path, error) from error


def _numbers(file: BinaryIO | gzip.GzipFile, kind: str, n_values: int) -> np.ndarray:
    n_bytes = n_values * np.dtype(kind).itemsize
    content = file.read(n_bytes)
    if len(content) != n_bytes:
        raise ValueError("it ends too early")
    return np.frombuffer(content, kind)


def _cifar_files(archive: Path) -> Iterator[tuple[str, bytes]]:
    try:
        with tarfile.open(archive, "r:gz") as bundle:
            for member in bundle:
                if not member.isfile() or not _CIFAR_FILE.fullmatch(member.name):
                    continue
                file = bundle.extractfile(member)
                if file is None or member.size > _MAX_ARRAY:
                    raise ValueError(f"{member.name} has {member.size:,} bytes")
                yield member.name, file.read()
    except (OSError, EOFError, ValueError, zlib.error, tarfile.TarError) as error:
        raise _unexpected(archive, error) from error


def _checked(source: Path, batch: Batch) -> Batch:
    _, images, labels = batch
    fits = images.ndim in (3, 4) and images.dtype == labels.dtype == np.uint8
    if not fits or labels.shape != images.shape[:1]:
        raise _unexpected(source, f"{images.dtype} {images.shape}, {labels.dtype} {labels.shape}")
    return batch


def _unexpected(path: Path, content: object) -> DatasetError:
    return DatasetError(
        f"Expected '{path.name}' to hold pictures and labels in the format of its data set, but "
        f"found something else ({content}). Delete '{path}' and try again."
    )
