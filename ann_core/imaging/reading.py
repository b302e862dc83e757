"""Read the files of many images: each once for all that is made of it, on several cores.

Reading, checking, decoding and resizing are one step here, the same in this process and in
others, so that it makes no difference to the results how many there are.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from ann_core.errors import ImageError
from ann_core.files import ProgressCallback, no_progress
from ann_core.imaging.images import MAX_BYTES, MAX_PIXELS, LoadedImage, open_image
from ann_core.imaging.preprocessing import MAX_BITS, PreprocessConfig, preprocess, to_mode
from ann_core.imaging.processes import call_in_order, worth_starting
from ann_core.imaging.sharpness import sharpness

_BATCH_FILES, _BATCH_BYTES = 32, 4_000_000
# In processes beside this one; larger images wait for this one, where they take turns.
_MAX_PIXELS_BESIDE = 16_000_000
_SECONDS_A_FILE, _SECONDS_A_BYTE = 0.0003, 1.7e-8


@dataclass(frozen=True, slots=True)
class ImageFile:
    """A file to be read.

    Attributes
    ----------
    path : str
    n_bytes : int
        About; tells how long it will take.
    sha256 : str
        Of the bytes that are expected; "" for any.
    target : str
        Where the file is to be once it has turned out to be an image; "" if it stays.
    copy : bool
        Leave it where it is as well.
    """

    path: str
    n_bytes: int
    sha256: str = ""
    target: str = ""
    copy: bool = False


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What is to be made of each image.

    Attributes
    ----------
    preprocess : PreprocessConfig or None
        How it becomes a row; None if no row is asked for.
    measures : bool
        Whether histogram and sharpness are asked for.
    """

    preprocess: PreprocessConfig | None = None
    measures: bool = False

    @property
    def mode(self) -> Literal["gray", "rgb"]:
        """What an image must be for all that is asked for."""
        return self.preprocess.mode if self.preprocess else "gray"

    @property
    def bits_used(self) -> int:
        """As `PreprocessConfig.bits_used`."""
        return self.preprocess.bits_used if self.preprocess else MAX_BITS


@dataclass(frozen=True, slots=True)
class ReadImage:
    """What was made of one file.

    Attributes
    ----------
    width, height, format, mode, peak
        As of `ann_core.imaging.images.LoadedImage`.
    n_bytes, sha256
        Of the file.
    row : bytes
        ``n_features`` intensities, 0 to 255; empty if it was not asked for.
    histogram : list of int
        Pixels of each of 256 intensities in the gray image; empty if it was not asked for.
    sharpness : float
        See `ann_core.imaging.sharpness`; NaN if it was not asked for.
    """

    width: int
    height: int
    format: str
    mode: str
    peak: int
    n_bytes: int
    sha256: str
    row: bytes
    histogram: list[int] = field(default_factory=list)
    sharpness: float = float("nan")


@dataclass(frozen=True, slots=True)
class Unread:
    """Why nothing was made of a file.

    Attributes
    ----------
    kind : str
        It is "gone", its bytes are "changed", the disk gives "no access", or it is "no image".
    reason : str
        Of the last two, for a table cell.
    """

    kind: Literal["gone", "changed", "no access", "no image"]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Batch:
    """Files that are read in one go."""

    files: list[ImageFile]
    options: ReadOptions


def read_images(
    files: Iterable[ImageFile],
    options: ReadOptions,
    *,
    n_files: int,
    n_bytes: int,
    n_processes: int | None = None,
    progress: ProgressCallback = no_progress,
) -> Generator[ReadImage | Unread, None, None]:
    """Read files, and give what was made of each, in their order; to be closed.

    Parameters
    ----------
    n_files, n_bytes : int
        Of all files.
    n_processes : int, optional
        By default as many as a training has threads (``Settings.n_threads``), or only this one
        if others would not make it faster.
    progress : callable
        Called with files read and files in all, before each and while none is ready.

    Raises
    ------
    OSError
        If a file cannot be brought to its target.
    """
    if n_processes is None:
        n_processes = worth_starting(n_files * _SECONDS_A_FILE + n_bytes * _SECONDS_A_BYTE)
    if n_processes == 1:
        images = (_read(file, options, MAX_PIXELS) for file in files)
    else:
        images = _read_beside(files, options, n_processes, waiting=lambda: progress(done, n_files))
    done = 0
    with contextlib.closing(images):
        progress(0, n_files)
        for image in images:
            yield image
            done += 1
            progress(done, n_files)


def _read_beside(
    files: Iterable[ImageFile],
    options: ReadOptions,
    n_processes: int,
    *,
    waiting: Callable[[], None],
) -> Generator[ReadImage | Unread, None, None]:
    batched, kept = itertools.tee(_batches(files, options))
    results = call_in_order(read_batch, batched, n_processes=n_processes, waiting=waiting)
    with contextlib.closing(results):
        for batch, images in zip(kept, results, strict=True):
            for file, image in zip(batch.files, images, strict=True):
                yield _read(file, options, MAX_PIXELS) if image is None else image


def _batches(files: Iterable[ImageFile], options: ReadOptions) -> Iterator[_Batch]:
    batch: list[ImageFile] = []
    n_bytes = 0
    for file in files:
        batch.append(file)
        n_bytes += file.n_bytes
        if len(batch) == _BATCH_FILES or n_bytes > _BATCH_BYTES:
            yield _Batch(batch, options)
            batch, n_bytes = [], 0
    if batch:
        yield _Batch(batch, options)


def read_batch(batch: _Batch) -> list[ReadImage | None]:
    """Read some files in a process beside; None for each that is left to the one that asks.

    It may be no image, or only too large for several of its size at once.
    """
    images = (_read(file, batch.options, _MAX_PIXELS_BESIDE) for file in batch.files)
    return [None if isinstance(image, Unread) else image for image in images]


def _read(file: ImageFile, options: ReadOptions, max_pixels: int) -> ReadImage | Unread:
    try:
        content = _content(file)
        digest = hashlib.sha256(content).hexdigest()
        if file.sha256 not in ("", digest):
            return Unread("changed")
        loaded = open_image(
            content,
            max_pixels=max_pixels,
            bits_used=options.bits_used,
            mode=options.mode,
        )
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
        return Unread("gone", str(error.strerror))
    except OSError as error:
        return Unread("no access", str(error.strerror))
    except ImageError as error:
        return Unread("no image", error.reason)
    if file.target:
        _bring(file, content)
    return _made_of(loaded, options, n_bytes=len(content), sha256=digest)


def _content(file: ImageFile) -> bytes:
    path = Path(file.path)
    if path.stat().st_size > MAX_BYTES:
        raise ImageError(f"the file is larger than {MAX_BYTES // 1_000_000} MB")
    return path.read_bytes()


def _bring(file: ImageFile, content: bytes) -> None:
    """Let the very bytes that were checked be at their target."""
    target = Path(file.target)
    try:
        if file.copy:
            target.write_bytes(content)
        else:
            Path(file.path).replace(target)
    except FileNotFoundError:
        if target.parent.is_dir():
            raise
        target.parent.mkdir(parents=True, exist_ok=True)
        _bring(file, content)


def _made_of(loaded: LoadedImage, options: ReadOptions, *, n_bytes: int, sha256: str) -> ReadImage:
    image, config = loaded.image, options.preprocess
    row = preprocess(image, config).tobytes() if config else b""
    made = ReadImage(
        *(loaded.width, loaded.height, loaded.format, loaded.mode, loaded.peak),
        *(n_bytes, sha256, row),
    )
    if not options.measures:
        return made
    gray = to_mode(image, "gray")  # of an image in colour, what was asked for beside it
    return replace(made, histogram=gray.histogram(), sharpness=sharpness(gray))
