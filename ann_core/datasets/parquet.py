"""Export the table: a split as the article's DataFrame, in a Parquet file.

Parquet keeps a table column by column. A column here is one pixel, which knows at
most 256 values: a list of them and a byte an image are all that the file holds.
pandas makes float64 of it again, eight times as much.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ann_core.datasets.dataset import Dataset
from ann_core.datasets.features import FeatureSet, load_features
from ann_core.datasets.standardizing import standardiser_of
from ann_core.files import ProgressCallback, check_target, no_progress, replacing
from ann_core.imaging.preprocessing import PreprocessConfig, scale

# A group of rows has a header and a list of values for each column, so few groups are
# smaller and quicker. 18,000 images of 9,216 pixels in one group: 180 MB, read in 3 s;
# in groups of 1,024: 340 MB, 20 s.
_GROUP_BYTES = 256 * 1024**2
PARQUET_SUFFIXES = (".parquet", ".pq")
_OTHER_TABLES = (
    "For CSV, read it with pandas and write it again: "
    "pandas.read_parquet('table.parquet').to_csv('table.csv')."
)
_BLOCK = 256  # images read at once
_LEVELS = np.arange(256, dtype=np.uint8)
# Readers shall see plain float64, not Arrow's "list of values and bytes".
_OPTIONS: dict[str, Any] = {"store_schema": False, "write_statistics": False}


@dataclass(frozen=True)
class Table:
    """A file that was written: a row an image, a column a pixel, and the class."""

    path: Path
    n_rows: int
    n_columns: int
    n_bytes: int


def write_table(
    dataset: Dataset,
    config: PreprocessConfig,
    split: str,
    *,
    features_root: Path,
    target: Path,
    progress: ProgressCallback = no_progress,
) -> Table:
    """Write a split so that ``pandas.read_parquet(target)`` gives the article's table.

    float64 columns ``0 ... n_features - 1``, scaled as `config` says, then ``class``:
    what `ann_core.imaging.images.process_folder` gives for the same images. ``attrs`` holds
    the settings.

    Parameters
    ----------
    split : "train", "validation", "test" or "all"
    features_root : Path
        ``Settings.features_dir``.
    target : Path
        Replaced, if it exists; its folder must exist.
    progress : callable
        Called with steps done and steps in all: one for each image that is made
        ready, and as many again while they are written.

    Raises
    ------
    DatasetError
        If there is no such split, or an image was edited or cannot be read.
    TargetError
        If `target` is a folder, lies in none, or has a name as of another kind of file.
    DiskFullError
        If it does not fit on the disk; an older file at `target` stays.
    """
    check_target(target, PARQUET_SUFFIXES, _OTHER_TABLES)
    n_images = len(dataset)
    data = load_features(
        dataset, config, features_root, progress=lambda done, total: progress(done, 2 * total)
    )
    rows = data.chosen(split)
    schema = _schema(data.n_features)
    size = max(1, _GROUP_BYTES // data.n_features)
    with replacing(target) as file, pq.ParquetWriter(file, schema, **_OPTIONS) as writer:
        writer.add_key_value_metadata(_metadata(data, len(rows)))
        for start in range(0, len(rows), size):
            group = rows[start : start + size]

            def report(done: int, before: int = start) -> None:
                progress(n_images + (before + done) * n_images // len(rows), 2 * n_images)

            writer.write_table(
                _group(data, group, schema, report=report), row_group_size=len(group)
            )
    progress(2 * n_images, 2 * n_images)
    return Table(target, len(rows), len(schema), target.stat().st_size)


def _schema(n_features: int) -> pa.Schema:
    pixel = pa.dictionary(pa.uint8(), pa.float64())
    fields = [pa.field(str(number), pixel, nullable=False) for number in range(n_features)]
    return pa.schema([*fields, pa.field("class", pa.string(), nullable=False)])


def _metadata(data: FeatureSet, n_rows: int) -> dict[str, str]:
    """Tell pandas that the names of columns are numbers, and what to put into ``attrs``.

    See "Storing pandas DataFrame objects in Apache Arrow" in the manual of pandas.
    """
    config = data.preprocess.model_dump(mode="json")
    kind = {"pandas_type": "float64", "numpy_type": "float64", "metadata": None}
    columns = [{"name": n, "field_name": str(n)} | kind for n in range(data.n_features)]
    pandas = {
        "columns": columns,
        "index_columns": [{"kind": "range", "name": None, "start": 0, "stop": n_rows, "step": 1}],
        "column_indexes": [],
        "attributes": {"preprocess": config},
    }
    return {"pandas": json.dumps(pandas), "preprocess": json.dumps(config)}


def _group(
    data: FeatureSet, rows: np.ndarray, schema: pa.Schema, *, report: Callable[[int], None]
) -> pa.Table:
    """Turn rows into columns, a block of images at a time."""
    pixels = np.empty((data.n_features, len(rows)), dtype=np.uint8)
    for start in range(0, len(rows), _BLOCK):
        report(start)
        block = data.features[rows[start : start + _BLOCK]]
        pixels[:, start : start + len(block)] = block.T
    columns = [
        pa.DictionaryArray.from_arrays(pa.array(column), pa.array(values))
        for column, values in zip(pixels, _values(data), strict=False)
    ]
    classes = np.asarray(data.class_names, dtype=object)[data.labels[rows]]
    return pa.Table.from_arrays([*columns, pa.array(classes, pa.string())], schema=schema)


def _values(data: FeatureSet) -> Iterator[np.ndarray]:
    """Give what the bytes 0 to 255 stand for, column by column."""
    if data.preprocess.scaling == "unit":
        return itertools.repeat(scale(_LEVELS), data.n_features)
    scaling = standardiser_of(data)
    return ((_LEVELS - m) / s for m, s in zip(scaling.mean, scaling.std, strict=True))
