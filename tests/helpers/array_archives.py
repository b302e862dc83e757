"""The files of MNIST, Fashion-MNIST and CIFAR-10, small and of random images."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
from dataclasses import replace

import numpy as np

from ann_core.datasets.sources.array_files import CIFAR_LABELS
from ann_core.datasets.sources.downloads import DOWNLOADS, Download
from tests.helpers.download_site import Site


def gray(n_images: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Images of 28 x 28 random values, each class equally often."""
    rng = np.random.default_rng(seed)
    labels = (np.arange(n_images) % 10).astype(np.uint8)
    return rng.integers(0, 256, (n_images, 28, 28), dtype=np.uint8), labels


TRAIN, TEST = gray(90, 1), gray(20, 2)


def npz(**arrays: np.ndarray) -> bytes:
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)
    return content.getvalue()


def idx(array: np.ndarray) -> bytes:
    header = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
    return gzip.compress(header + array.tobytes())


CIFAR_FILES = ["batches.meta.txt", *(f"data_batch_{n}.bin" for n in range(1, 6)), "test_batch.bin"]


def cifar(per_file: int) -> tuple[bytes, dict[str, tuple[np.ndarray, np.ndarray]]]:
    """The archive, and its images and labels by split."""
    rng = np.random.default_rng(3)
    content = io.BytesIO()
    parts: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {"train": [], "test": []}
    with tarfile.open(fileobj=content, mode="w:gz") as bundle:
        for name in CIFAR_FILES:
            labels = (np.arange(per_file) % 10).astype(np.uint8)
            images = rng.integers(0, 256, (per_file, 32, 32, 3), dtype=np.uint8)
            planes = images.transpose(0, 3, 1, 2).reshape(per_file, -1)
            data = np.hstack([labels[:, None], planes]).tobytes()
            if name.endswith(".txt"):
                data = "\n".join(CIFAR_LABELS).encode()
            else:
                parts["test" if "test" in name else "train"].append((images, labels))
            member = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            member.size = len(data)
            bundle.addfile(member, io.BytesIO(data))
    arrays = {
        split: (np.concatenate([i for i, _ in many]), np.concatenate([n for _, n in many]))
        for split, many in parts.items()
    }
    return content.getvalue(), arrays


def on_site(site: Site, key: str, contents: list[bytes]) -> Download:
    described = DOWNLOADS[key]
    files = [site.offer(f.name, c) for f, c in zip(described.files, contents, strict=True)]
    return replace(described, files=tuple(files))


def mnist_on(site: Site) -> Download:
    arrays = dict(zip(("x_train", "y_train", "x_test", "y_test"), (*TRAIN, *TEST), strict=True))
    return on_site(site, "mnist", [npz(**arrays)])


def fashion_on(site: Site) -> Download:
    return on_site(site, "fashion-mnist", [idx(a) for a in (*TRAIN, *TEST)])
