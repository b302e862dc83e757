"""The shelf of data sets: list, open, add, delete."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pandas as pd
import pydantic

from ann_core.datasets.dataset import Dataset, DatasetInfo
from ann_core.errors import DatasetError
from ann_core.files import STAGING_PREFIX, write_text

INFO_FILE = "dataset.json"
PICTURES_FILE = "pictures.csv"
SKIPPED_FILE = "skipped.csv"

_NAME = re.compile(r"\w[\w-]{0,63}")
_TEXT_COLUMNS = ("file", "class_name", "split", "format", "mode", "sha256", "source")


class Catalog:
    """All data sets in one folder, one folder each.

    Parameters
    ----------
    root : Path
        ``Settings.datasets_dir``; need not exist yet.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def infos(self) -> list[DatasetInfo]:
        """Describe every data set, oldest first."""
        found = [self._read_info(path.parent) for path in self.root.glob(f"[!.]*/{INFO_FILE}")]
        return sorted(found, key=lambda info: info.created)

    def info(self, name: str) -> DatasetInfo:
        """Describe one data set without reading its index.

        Raises
        ------
        DatasetError
            If there is none of this name.
        """
        return self._read_info(self._existing(name))

    def load(self, name: str) -> Dataset:
        """Open a data set.

        Raises
        ------
        DatasetError
            If there is none of this name.
        """
        folder = self._existing(name)
        text = dict.fromkeys(_TEXT_COLUMNS, str)
        pictures = pd.read_csv(folder / PICTURES_FILE, dtype=text, keep_default_na=False)
        skipped = pd.read_csv(folder / SKIPPED_FILE, dtype=str, keep_default_na=False)
        return Dataset(self._read_info(folder), folder, pictures, skipped)

    def check_new_name(self, name: str) -> None:
        """Refuse a name that cannot be a folder, or is taken.

        Raises
        ------
        DatasetError
            With what a name may look like.
        """
        check_name(name)
        taken = {path.name.casefold() for path in self.root.glob("*")}
        if name.casefold() in taken:
            raise DatasetError(
                f"There is a data set '{name}' already. Choose another name, or delete that one."
            )

    def add(self, prepared: Path, dataset: Dataset) -> Dataset:
        """Move a finished data set onto the shelf, in one step.

        Parameters
        ----------
        prepared : Path
            Folder on the same disk that holds the pictures.

        Raises
        ------
        DatasetError
            If the name was taken in the meantime; nothing is overwritten.
        """
        self.check_new_name(dataset.name)
        dataset.pictures.to_csv(prepared / PICTURES_FILE, index=False)
        dataset.skipped.to_csv(prepared / SKIPPED_FILE, index=False)
        write_text(prepared / INFO_FILE, dataset.info.model_dump_json(indent=2) + "\n")
        try:
            prepared.rename(self.root / dataset.name)
        except OSError as error:
            self.check_new_name(dataset.name)
            raise error
        return self.load(dataset.name)

    def delete(self, name: str) -> None:
        """Remove a data set and its pictures.

        Raises
        ------
        DatasetError
            If there is none of this name.
        """
        folder = self._existing(name)
        doomed = self.root / f"{STAGING_PREFIX}deleted-{name}"
        shutil.rmtree(doomed, ignore_errors=True)
        folder.rename(doomed)
        shutil.rmtree(doomed, ignore_errors=True)

    def _existing(self, name: str) -> Path:
        check_name(name)
        folder = self.root / name
        if not (folder / INFO_FILE).is_file():
            known = ", ".join(info.name for info in self.infos()) or "none yet"
            raise DatasetError(f"There is no data set '{name}'. Known data sets: {known}.")
        return folder

    @staticmethod
    def _read_info(folder: Path) -> DatasetInfo:
        try:
            return DatasetInfo.model_validate_json((folder / INFO_FILE).read_bytes())
        except (OSError, pydantic.ValidationError) as error:
            raise DatasetError(
                f"The data set in '{folder}' cannot be opened: its {INFO_FILE} is damaged or was "
                "written by another version. Delete the folder and import the pictures again."
            ) from error


def check_name(name: str) -> None:
    """Refuse names that are no plain folder name.

    Raises
    ------
    DatasetError
        With what a name may look like.
    """
    if not _NAME.fullmatch(name):
        raise DatasetError(
            "Expected a data set name of 1 to 64 letters, digits, '-' and '_', beginning with a "
            f"letter or digit, got {name[:80]!r}. Try a name such as 'cats-and-dogs'."
        )
