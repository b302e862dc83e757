"""Files of arrays that hold something else become no data set."""

from __future__ import annotations

import gzip
import io
import pickle
import struct
import tarfile
from typing import TYPE_CHECKING

import numpy as np
import pytest

from ann_core.datasets.sources.downloads import (
    import_download,
)
from ann_core.errors import DatasetError
from ann_core.settings import Settings
from tests.helpers.array_archives import TEST, TRAIN, cifar, idx, npz, on_site
from tests.helpers.download_site import (
    ONCE,
    Site,
    everything,
)

if TYPE_CHECKING:
    pass


def damaged_cifar(size: int, name: str = "test_batch.bin") -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as bundle:
        member = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
        member.size = size
        bundle.addfile(member, io.BytesIO(bytes(size)))
    return content.getvalue()


GOOD_IDX = [idx(a) for a in (*TRAIN, *TEST)]
FIVE = np.zeros((5, 4, 4), np.uint8)
DAMAGED: dict[str, tuple[str, list[bytes], str]] = {
    "npz is none": ("mnist", [b"no zip"], "Delete '.*mnist.npz' and try again"),
    "npz is cut": ("mnist", [npz(x_train=FIVE)[:-30]], "it lacks some of"),
    "npz lacks arrays": (
        "mnist",
        [npz(x_train=FIVE, y_train=FIVE[:, 0, 0])],
        "it lacks some of the four arrays",
    ),
    "npz is pickled": (
        "mnist",
        [npz(**{f"{a}_{s}": np.array([{}]) for a in "xy" for s in ("train", "test")})],
        "four arrays of plain numbers",
    ),
    "a bare pickle": ("mnist", [pickle.dumps({"x_train": 1})], "of plain numbers"),
    "npz of floats": (
        "mnist",
        [npz(x_train=FIVE * 1.0, y_train=FIVE[:, 0, 0], x_test=FIVE, y_test=FIVE[:, 0, 0])],
        r"float64 \(5, 4, 4\)",
    ),
    "idx is cut": ("fashion-mnist", [GOOD_IDX[0][:-500], *GOOD_IDX[1:]], "found something else"),
    "idx ends early": (
        "fashion-mnist",
        [gzip.compress(gzip.decompress(GOOD_IDX[0])[:-1]), *GOOD_IDX[1:]],
        "it ends too early",
    ),
    "idx is a bomb": (
        "fashion-mnist",
        [gzip.compress(struct.pack(">HBB3I", 0, 8, 3, *[2**31] * 3)), *GOOD_IDX[1:]],
        "it claims 9,903,520,314,283,042,199,192,993,792 values",
    ),
    "idx of another type": (
        "fashion-mnist",
        [gzip.compress(struct.pack(">HBB", 0, 13, 3)), *GOOD_IDX[1:]],
        "its header is another one",
    ),
    "idx with labels of others": (
        "fashion-mnist",
        [GOOD_IDX[0], GOOD_IDX[3], *GOOD_IDX[2:]],
        r"uint8 \(90, 28, 28\), uint8 \(20,\)",
    ),
    "a label without a name": (
        "fashion-mnist",
        [GOOD_IDX[0], idx(TRAIN[1] + 1), *GOOD_IDX[2:]],
        "Expected labels 0 to 9, but the data has label 10",
    ),
    "tar is none": ("cifar-10", [b"no tar"], "cifar-10-binary.tar.gz"),
    "tar is cut": ("cifar-10", [cifar(10)[0][:-2_000]], "cifar-10-binary.tar.gz"),
    "tar without pictures": ("cifar-10", [damaged_cifar(0, "test.bin")], "no file of pictures"),
    "tar ends within a picture": (
        "cifar-10",
        [damaged_cifar(3074)],
        "test_batch.bin ends within a picture",
    ),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_files_that_hold_something_else_become_no_data_set(
    case: str, site: Site, settings: Settings
) -> None:
    key, contents, words = DAMAGED[case]
    download = on_site(site, key, contents)
    with pytest.raises(DatasetError, match=words):
        import_download(download, "damaged", settings, patience=ONCE)
    assert everything(settings.datasets_dir) == []
