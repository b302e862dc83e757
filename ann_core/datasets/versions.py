"""New versions of a data set: the same images without some of them."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import Dataset, DatasetInfo, FiledBy, count, fingerprint
from ann_core.datasets.integrity import check_unchanged
from ann_core.datasets.validation import check_classes, check_splits
from ann_core.errors import DatasetError
from ann_core.files import ProgressCallback, no_progress, staged_folder


def leave_out(
    dataset: Dataset,
    rows: Sequence[int],
    *,
    name: str,
    catalog: Catalog,
    filed_by: FiledBy | None = None,
    progress: ProgressCallback = no_progress,
) -> Dataset:
    """Make a data set of all images of another but some; that one stays as it is.

    Every image keeps its split: a network that is trained on the new version is
    tested on the images it would have been tested on before. Files are linked
    where the disk can, so a version takes hardly any space.

    Parameters
    ----------
    rows : sequence of int
        Rows of ``dataset.images``; they are listed as left out in the new version.
    filed_by : FiledBy, optional
        Whoever makes a version owns it, whoever owns the other one.

    Raises
    ------
    DatasetError
        If a row does not exist, too few images would remain, one of them was edited or removed
        since the import, or the name cannot be had.
    DiskFullError
    """
    catalog.check_new_name(name)
    filed_by = filed_by or FiledBy()
    dropped = sorted(set(rows))
    if not dropped or dropped[0] < 0 or dropped[-1] >= len(dataset):
        raise DatasetError(
            f"Expected pictures 1 to {len(dataset):,} of '{dataset.name}' to leave out, got "
            f"{len(dropped):,} of which some do not exist. Choose them again."
        )
    gone = dataset.images.iloc[dropped]
    kept = dataset.images.drop(index=gone.index).reset_index(drop=True)
    check_classes(Counter(kept["class_name"]), [])
    check_splits(kept["class_name"].tolist(), kept["split"].tolist())
    # Noted first: whatever is edited from now on is newer than the version.
    created = datetime.now(UTC).isoformat(timespec="milliseconds")
    check_unchanged(replace(dataset, images=kept))
    with staged_folder(catalog.root) as staging:
        folder = staging / "dataset"
        for number, file in enumerate(kept["file"]):
            progress(number, len(kept))
            _link(dataset.folder / file, folder / file)
        reason = f"left out of {dataset.name}"
        skipped = pd.DataFrame({"source": gone["source"].to_numpy(), "reason": reason})
        changes = {"name": name, "created": created, "job": filed_by.job}
        changes |= {"owner": filed_by.owner}
        info = _info(dataset, kept).model_copy(update=changes | {"n_skipped": len(skipped)})
        progress(len(kept), len(kept))
        return catalog.add(folder, Dataset(info, folder, kept, skipped))


def _info(dataset: Dataset, kept: pd.DataFrame) -> DatasetInfo:
    """Describe what is kept of a data set."""
    n_gone = len(dataset) - len(kept)
    return dataset.info.model_copy(
        update={
            "source": f"{dataset.name} without {n_gone:,} pictures",
            "class_names": tuple(c for c in dataset.class_names if c in set(kept.class_name)),
            "counts": count(kept),
            "n_images": len(kept),
            "fingerprint": fingerprint(kept),
        }
    )


def _link(source: Path, target: Path) -> None:
    """Let a second name stand for the same file; copy where the disk cannot do that."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if not source.is_file():
        raise DatasetError(
            f"The picture {source.name} is gone from the disk. Import the pictures again."
        )
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
