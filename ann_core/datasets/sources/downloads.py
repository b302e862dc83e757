"""Data sets from the network: what can be had, and how it becomes a data set.

Addresses of MNIST and Fashion-MNIST are those of Keras; CIFAR-10 comes from its
authors' page, in the binary version, for the one that Keras takes is pickled, and
unpickling runs code. Lengths and hashes (SHA-256): Keras' source for MNIST,
TensorFlow Datasets' list of checksums for Fashion-MNIST and CIFAR-10, GoMLX' for
Dogs vs. Cats, whose length is that of logged downloads.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import Dataset, DatasetInfo
from ann_core.datasets.importing.archives import ArchiveLimits
from ann_core.datasets.importing.importer import ImportOptions, import_folder, import_zip
from ann_core.datasets.sources.array_files import (
    CIFAR_LABELS,
    Batch,
    read_cifar,
    read_idx,
    read_npz,
    write_arrays,
)
from ann_core.datasets.sources.fetch import Patience, RemoteFile, fetch
from ann_core.errors import DatasetError
from ann_core.files import ProgressCallback, no_progress, staged_folder
from ann_core.settings import DOGS_VS_CATS_URL, Settings

_KERAS = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"


@dataclass(frozen=True)
class Download:
    """A data set on the network, for choosing.

    Attributes
    ----------
    n_images : int
        How many can be read.
    licence : str
        Under which its authors give it away.
    source : str
        The page that tells of it.
    read : callable or None
        Reads the files as arrays; None: the one file is a zip of images.
    labels : tuple of str
        Class name of each label number, for arrays; `class_names` are those kept.
    """

    key: str
    title: str
    description: str
    n_images: int
    class_names: tuple[str, ...]
    licence: str
    source: str
    files: tuple[RemoteFile, ...]
    read: Callable[..., Iterator[Batch]] | None = None
    labels: tuple[str, ...] = ()

    @property
    def n_bytes(self) -> int:
        """Of all files; 0 if it is not known."""
        return sum(file.n_bytes for file in self.files)


_DIGITS = tuple("0123456789")
_GARMENTS = (
    *("T-shirt or top", "Trouser", "Pullover", "Dress", "Coat"),
    *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
)
_CIFAR_FILES = (
    RemoteFile(
        "cifar-10-binary.tar.gz",
        "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
        170_052_171,
        "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
    ),
)
_CIFAR_LICENCE = "none stated; cite Krizhevsky, Learning Multiple Layers of Features, 2009"
_CIFAR_PAGE = "https://www.cs.toronto.edu/~kriz/cifar.html"


def _fashion(name: str, n_bytes: int, sha256: str) -> RemoteFile:
    return RemoteFile(f"fashion-mnist/{name}", _KERAS + name, n_bytes, sha256)


_ALL = (
    Download(
        "dogs-vs-cats",
        "Dogs vs. Cats",
        "Photographs from animal shelters, two classes, the set of the article",
        24_998,  # of 25,000 files
        ("Cat", "Dog"),
        "CDLA-Permissive-2.0",
        "https://www.microsoft.com/en-us/download/details.aspx?id=54765",
        (
            RemoteFile(
                "kagglecatsanddogs_5340.zip",
                DOGS_VS_CATS_URL,
                824_887_076,
                "b7974bd00a84a99921f36ee4403f089853777b5ae8d151c76a86e64900334af9",
            ),
        ),
    ),
    Download(
        "mnist",
        "MNIST",
        "Handwritten digits, gray, 28 × 28 pixels, ten classes",
        70_000,
        _DIGITS,
        "CC BY-SA 3.0",
        "https://keras.io/api/datasets/mnist/",
        (
            RemoteFile(
                "mnist.npz",
                f"{_KERAS}mnist.npz",
                11_490_434,
                "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
            ),
        ),
        read_npz,
        _DIGITS,
    ),
    Download(
        "fashion-mnist",
        "Fashion-MNIST",
        "Clothes, gray, 28 × 28 pixels, ten classes",
        70_000,
        _GARMENTS,
        "MIT",
        "https://github.com/zalandoresearch/fashion-mnist",
        (
            _fashion(
                "train-images-idx3-ubyte.gz",
                26_421_880,
                "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            ),
            _fashion(
                "train-labels-idx1-ubyte.gz",
                29_515,
                "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            ),
            _fashion(
                "t10k-images-idx3-ubyte.gz",
                4_422_102,
                "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            ),
            _fashion(
                "t10k-labels-idx1-ubyte.gz",
                5_148,
                "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
            ),
        ),
        read_idx,
        _GARMENTS,
    ),
    Download(
        "cifar-10",
        "CIFAR-10",
        "Small photographs, colour, 32 × 32 pixels, ten classes",
        60_000,
        CIFAR_LABELS,
        _CIFAR_LICENCE,
        _CIFAR_PAGE,
        _CIFAR_FILES,
        read_cifar,
        CIFAR_LABELS,
    ),
    Download(
        "cifar-10-cats-and-dogs",
        "CIFAR-10 cats and dogs",
        "The cats and dogs of CIFAR-10 only: colour, 32 × 32 pixels, two classes",
        12_000,
        ("cat", "dog"),
        _CIFAR_LICENCE,
        _CIFAR_PAGE,
        _CIFAR_FILES,
        read_cifar,
        CIFAR_LABELS,
    ),
)
DOWNLOADS = {download.key: download for download in _ALL}


def available_downloads(settings: Settings) -> dict[str, Download]:
    """Return what can be had here: `DOWNLOADS` with the addresses of this installation."""
    url = settings.dogs_vs_cats_url
    if url == DOGS_VS_CATS_URL:
        return DOWNLOADS
    dogs_vs_cats = DOWNLOADS["dogs-vs-cats"]
    return DOWNLOADS | {dogs_vs_cats.key: replace(dogs_vs_cats, files=(_mirror(url),))}


def import_download(
    download: str | Download,
    name: str,
    settings: Settings,
    *,
    options: ImportOptions | None = None,
    patience: Patience | None = None,
    progress: ProgressCallback = no_progress,
) -> Dataset:
    """Download a set, unless that was done before, and import it; it belongs to all.

    Training and test images of MNIST and CIFAR-10 stay what their authors made
    them; the validation images are drawn from the training ones.

    Parameters
    ----------
    download : str or Download
        Key of one of `available_downloads`, or a description of one's own.
    progress : callable
        Called with bytes first, then with images.

    Raises
    ------
    DatasetError
        If there is no such set, the name cannot be used, or the network fails, in one
        sentence.
    DiskFullError
    """
    if isinstance(download, str):
        download = _known(download, settings)
    catalog = Catalog(settings.datasets_dir)
    catalog.check_new_name(name)
    paths = _fetch_all(download, settings, patience, progress=progress)
    options = replace(
        options or ImportOptions(),
        source=_source(download),
        owner="",
        limits=ArchiveLimits.of(settings),
    )
    if download.read is None:
        return import_zip(paths[0], name, catalog, options=options, progress=progress)
    with staged_folder(catalog.root) as folder:
        write_arrays(
            download.read(*paths),
            folder,
            download.labels,
            keep=download.class_names,
            n_images=download.n_images,
            progress=progress,
        )
        return import_folder(folder, name, catalog, options=options, move=True, progress=progress)


def _fetch_all(
    download: Download, settings: Settings, patience: Patience | None, *, progress: ProgressCallback
) -> list[Path]:
    paths: list[Path] = []
    before = 0
    for file in download.files:
        path = fetch(
            file,
            settings.downloads_dir,
            what=download.title,
            max_bytes=settings.max_unpacked_bytes,
            patience=patience,
            progress=_share(progress, before, download.n_bytes),
        )
        paths.append(path)
        before += file.n_bytes
    return paths


def is_download(info: DatasetInfo, key: str) -> bool:
    """Whether a data set was made by `import_download`, whatever it is called."""
    return key in DOWNLOADS and info.source == _source(DOWNLOADS[key])


def _source(download: Download) -> str:
    return f"download: {download.title}"


def _known(key: str, settings: Settings) -> Download:
    known = available_downloads(settings)
    if key not in known:
        raise DatasetError(f"Expected one of {', '.join(known)}, got {key!r}.")
    return known[key]


def _mirror(url: str) -> RemoteFile:
    """Describe a zip file at an address of the operator's, ``#sha256=...`` at its end or not."""
    url, _, sha256 = url.partition("#sha256=")
    name = PurePosixPath(urlsplit(url).path).name or "dogs-vs-cats.zip"
    # Without a hash, only the address tells files apart that were downloaded before.
    token = hashlib.sha256((sha256 or url).encode()).hexdigest()[:12]
    return RemoteFile(f"{token}-{name[-80:]}", url, sha256=sha256)


def _share(progress: ProgressCallback, before: int, n_bytes: int) -> ProgressCallback:
    """Let one file of several move one bar, `before` bytes of `n_bytes` being done."""
    return lambda done, total: progress(before + done, max(n_bytes, total))
