"""All data sets of an installation: list, open, add, delete."""

from __future__ import annotations

import contextlib
import csv
import re
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pydantic

from ann_core import stored_names
from ann_core.datasets.dataset import GROUP, Dataset, DatasetInfo, display_name, suffix_of
from ann_core.datasets.origin import touch
from ann_core.errors import DatasetError
from ann_core.file_names import tidy
from ann_core.files import STAGING_PREFIX, locked, write_text

INFO_FILE = "dataset.json"
IMAGES_FILE = stored_names.IMAGES_FILE
SKIPPED_FILE = "skipped.csv"

_NAME = re.compile(r"[^\W_][\w-]{0,63}")
_NOT_IN_NAME = re.compile(r"[^\w-]+")
_MAX_SUGGESTED = 60  # letters of a name that is made, before its number
_MAX_BYTES = 200  # disks take 255 in a name
_DEVICES = re.compile(r"con|prn|aux|nul|(com|lpt)\d", re.IGNORECASE)  # no folders on Windows
_TEXT_COLUMNS = ("file", "class_name", "split", "format", "mode", "sha256", "source")


class Catalog:
    """All data sets in one folder, one folder each.

    Parameters
    ----------
    root : Path
        ``Settings.datasets_dir``; need not exist yet.
    visible : callable, optional
        Whether a data set is there for whoever asks: of others, nothing is said. Without it,
        all are.
    """

    def __init__(self, root: Path, visible: Callable[[DatasetInfo], bool] | None = None) -> None:
        self.root = root
        self._visible = visible

    def infos(self) -> list[DatasetInfo]:
        """Describe every data set, oldest first; damaged ones do not hide the others."""
        infos = []
        for path in self.root.glob(f"[!.]*/{INFO_FILE}"):
            with contextlib.suppress(DatasetError):
                info = _read_info(path.parent)
                if self._visible is None or self._visible(info):
                    infos.append(info)
        return sorted(infos, key=lambda info: (info.created, info.name))

    def info(self, name: str) -> DatasetInfo:
        """Describe one data set without reading its index.

        Raises
        ------
        DatasetError
            If there is none of this name.
        """
        return _read_info(self._existing(name))

    def find(self, name: str, fingerprint: str) -> DatasetInfo | None:
        """Find the images that something was filed for: by this name, or renamed since.

        Returns
        -------
        DatasetInfo or None
            The named one if its content fits, else any of this content; None if there is none.
        """
        with contextlib.suppress(DatasetError):
            info = self.info(name)
            if info.fingerprint == fingerprint:
                return info
        return next((info for info in self.infos() if info.fingerprint == fingerprint), None)

    def load(self, name: str) -> Dataset:
        """Open a data set.

        Raises
        ------
        DatasetError
            If there is none of this name, or its files are damaged.
        """
        folder = self._existing(name)
        info = _read_info(folder)
        images = _read_table(folder / IMAGES_FILE, _TEXT_COLUMNS)
        skipped = _read_table(folder / SKIPPED_FILE, ("source", "reason"))
        if len(images) != info.n_images:
            raise _damaged(folder / IMAGES_FILE)
        touch(folder / INFO_FILE)
        return Dataset(info, folder, images, skipped)

    def check_new_name(self, name: str) -> None:
        """Refuse a name that cannot be a folder, or is taken.

        Raises
        ------
        DatasetError
            With what a name may look like.
        """
        check_name(name)
        if name.casefold() in self._taken():
            raise DatasetError(
                f"There is a data set '{display_name(name)}' already. Choose another name."
            )

    def free_name(self, text: str) -> str:
        """Make an allowed name that is not taken out of a file's name or any other text."""
        taken = {display_name(info.name).casefold() for info in self.infos()}
        name = _NOT_IN_NAME.sub("-", tidy(text)).strip("-_")[:_MAX_SUGGESTED] or "pictures"
        name = f"my-{name}" if _DEVICES.fullmatch(name) else name
        numbered = (f"{name}-{number}" for number in range(2, len(taken) + 3))
        return next((free for free in (name, *numbered) if free.casefold() not in taken), name)

    def add(self, prepared: Path, dataset: Dataset) -> Dataset:
        """Move a finished data set into the catalog, in one step, with a link key of its own.

        Parameters
        ----------
        prepared : Path
            Folder on the same disk that holds the images.

        Raises
        ------
        DatasetError
            If the name was taken in the meantime; nothing is overwritten.
        """
        write_text(prepared / IMAGES_FILE, _as_csv(dataset.images))
        write_text(prepared / SKIPPED_FILE, _as_csv(dataset.skipped))
        _write_info(prepared, dataset.info.model_copy(update={"link_key": new_link_key()}))
        with locked(self.root):  # "Cats" and "cats" are two names to some disks, not to us
            self.check_new_name(dataset.name)
            try:
                prepared.rename(self.root / dataset.name)
            except OSError as error:
                self.check_new_name(dataset.name)
                raise error
        return self.load(dataset.name)

    def delete(self, name: str) -> None:
        """Remove a data set and its images.

        Raises
        ------
        DatasetError
            If there is none of this name.
        """
        folder = self._existing(name)
        # No new folder: this must work on a full disk too.
        doomed = self.root / f"{STAGING_PREFIX}{secrets.token_hex(8)}"
        try:
            folder.rename(doomed)
        except FileNotFoundError:
            self._existing(name)  # somebody else was faster: says so
            raise
        shutil.rmtree(doomed, ignore_errors=True)

    def rename(self, name: str, new: str) -> DatasetInfo:
        """Give a data set another name, in one step; runs find it by its content.

        Parameters
        ----------
        new : str
            As people type it; what sets a visitor's data set apart on a host stays.

        Raises
        ------
        DatasetError
            If there is none of this name, or the new name is malformed or taken.
        """
        check_chosen_name(new)
        target = new + suffix_of(name)
        folder = self._existing(name)
        with locked(self.root):
            if new.casefold() != display_name(name).casefold():
                self.check_new_name(target)
                if self._visible is not None:
                    self.check_new_name(new)
            try:
                folder.rename(self.root / target)
            except FileNotFoundError:
                self._existing(name)  # somebody else was faster: says so
                raise
        return _read_info(self.root / target)

    def renew_link_key(self, name: str) -> DatasetInfo:
        """Let all links with pictures that were handed out for a data set stop working.

        Raises
        ------
        DatasetError
            If there is none of this name.
        """
        folder = self._existing(name)
        with locked(self.root):
            info = _read_info(folder).model_copy(update={"link_key": new_link_key()})
            _write_info(folder, info)
        return info

    def _taken(self) -> set[str]:
        """List the names that cannot be had, in small letters."""
        if self._visible is None:
            return {path.name.casefold() for path in self.root.glob("*")}
        return {display_name(info.name).casefold() for info in self.infos()}

    def _existing(self, name: str) -> Path:
        check_name(name)
        folder = self.root / name
        if not (folder / INFO_FILE).is_file() or not self._shows(folder):
            raise DatasetError(
                f"There is no data set '{display_name(name)}'. It may have been renamed or "
                "deleted; the Explore page and 'python -m ann_core datasets' list what there is."
            )
        return folder

    def _shows(self, folder: Path) -> bool:
        """Whether whoever asks may know of a data set."""
        if self._visible is None:
            return True
        with contextlib.suppress(DatasetError):
            return self._visible(_read_info(folder))
        return False


def new_link_key() -> str:
    """32 characters that nobody can guess (192 bits)."""
    return secrets.token_urlsafe(24)


def _read_info(folder: Path) -> DatasetInfo:
    try:
        info = DatasetInfo.model_validate_json((folder / INFO_FILE).read_bytes())
    except (OSError, pydantic.ValidationError) as error:
        raise _damaged(folder / INFO_FILE) from error
    return info if info.name == folder.name else info.model_copy(update={"name": folder.name})


def _write_info(folder: Path, info: DatasetInfo) -> None:
    write_text(folder / INFO_FILE, info.model_dump_json(indent=2) + "\n")


def _as_csv(table: pd.DataFrame) -> str:
    # All text in quotes: a lone carriage return in a file name is not quoted before Python 3.13.
    return table.to_csv(index=False, quoting=csv.QUOTE_NONNUMERIC)


def _read_table(path: Path, text_columns: tuple[str, ...]) -> pd.DataFrame:
    text = dict.fromkeys((*text_columns, GROUP), str)
    try:
        # newline="": a line break within a file name is part of the name.
        with path.open(newline="", encoding="utf-8") as file:
            table = pd.read_csv(file, dtype=text, keep_default_na=False)
    except (OSError, ValueError) as error:
        raise _damaged(path) from error
    if not set(text_columns) <= set(table.columns):
        raise _damaged(path)
    return table


def _damaged(path: Path) -> DatasetError:
    return DatasetError(
        f"The data set in '{path.parent}' cannot be opened: its {path.name} is damaged or was "
        "written by another version. Import the pictures again under another name."
    )


def check_name(name: str) -> None:
    """Refuse what names no folder of a data set: `check_chosen_name`, and those of a host.

    Raises
    ------
    DatasetError
        With what a name may look like.
    """
    check_chosen_name(display_name(name), name)


def check_chosen_name(name: str, got: str | None = None) -> None:
    """Refuse names that are no plain folder name; for what people type.

    Raises
    ------
    DatasetError
        With what a name may look like.
    """
    fits = _NAME.fullmatch(name) and len(name.encode()) <= _MAX_BYTES
    if not fits or _DEVICES.fullmatch(name):
        raise DatasetError(
            "Expected a data set name of 1 to 64 letters, digits, '-' and '_', beginning with a "
            f"letter or digit, got {(got or name)[:80]!r}. Try a name such as 'cats-and-dogs'."
        )
