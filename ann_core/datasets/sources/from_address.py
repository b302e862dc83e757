"""Images from an address that somebody names: a packed data set, or one image."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import Dataset
from ann_core.datasets.importing.importer import ImportOptions, import_zip
from ann_core.datasets.sources.addresses import AddressRules, check_address, shown_address
from ann_core.datasets.sources.fetch import Patience, RemoteFile, fetch, fetch_bytes
from ann_core.errors import DatasetError
from ann_core.files import ProgressCallback, no_progress, staged_folder
from ann_core.imaging.file_signatures import UNKNOWN, WEB_PAGE
from ann_core.imaging.file_types import HEAD_BYTES, file_type
from ann_core.settings import Settings

MAX_IMAGE_BYTES = 20_000_000
IMAGE_PATIENCE = Patience(seconds=10.0, n_retries=0, total_seconds=30.0)
"""Somebody sits before the page and waits."""

Expected = Literal["zip or tar file", "picture"]


def import_address(
    url: str,
    name: str,
    settings: Settings,
    *,
    options: ImportOptions | None = None,
    patience: Patience | None = None,
    progress: ProgressCallback = no_progress,
) -> Dataset:
    """Fetch a packed data set from an address and import it; the file is not kept.

    Parameters
    ----------
    progress : callable
        Called with bytes first, then with images.

    Raises
    ------
    ArchiveError, DatasetError, DiskFullError
        If the address may not be fetched or does not give a zip or tar file, or as `import_zip`. No
        message repeats more of the address than its host and the name of the file.
    """
    rules, options = AddressRules.of(settings), options or ImportOptions()
    check_address(url, rules)
    catalog, shown = Catalog(settings.datasets_dir), shown_address(url)
    catalog.check_new_name(name)
    most = settings.max_upload_bytes or settings.max_unpacked_bytes
    patience = patience or Patience(n_retries=1, total_seconds=settings.max_address_seconds)
    with staged_folder(catalog.root) as folder:
        path = fetch(
            RemoteFile("download", url, rules=rules),
            folder,
            what=f"The file at {shown}",
            max_bytes=min(most, options.limits.max_bytes),
            patience=patience,
            progress=progress,
        )
        with path.open("rb") as content:
            _check_kind(content.read(HEAD_BYTES), "zip or tar file", shown)
        options = replace(options, source=f"address {shown}")
        return import_zip(path, name, catalog, options=options, progress=progress)


def fetch_image(url: str, rules: AddressRules, *, patience: Patience = IMAGE_PATIENCE) -> bytes:
    """Fetch one image from an address, into memory; whether it can be read is seen later.

    Raises
    ------
    DatasetError
        As `import_address`.
    """
    check_address(url, rules)
    shown = shown_address(url)
    file = RemoteFile("download", url, rules=rules)
    what = f"The picture at {shown}"
    content = fetch_bytes(file, what=what, max_bytes=MAX_IMAGE_BYTES, patience=patience)
    _check_kind(content[:HEAD_BYTES], "picture", shown)
    return content


def _check_kind(head: bytes, expected: Expected, shown: str) -> None:
    """Refuse what is plainly something else than people meant to name."""
    kind = file_type(head)
    if kind is WEB_PAGE:
        raise DatasetError(
            f"Expected a {expected} at {shown}, but a web page came. Open the address in a "
            "browser: if it asks to log in or shows a button, use the address behind the button, "
            "or download the file there and bring it as an upload."
        )
    if expected == "zip or tar file" and kind.group == "image":
        raise DatasetError(
            f"Expected a zip or tar file with pictures of two classes at {shown}, but a single "
            "picture came. Pack the pictures, or ask a network about this one on Predict."
        )
    if expected == "picture" and kind.group == "archive":
        raise DatasetError(
            f"Expected a picture at {shown}, but {kind.what} came. Bring it in on Explore, or "
            "give the address of one picture."
        )
    if kind is not UNKNOWN and kind.group not in {"image", "archive"}:
        advice = f"; {kind.advice}" if kind.advice else ""
        raise DatasetError(f"Expected a {expected} at {shown}, but {kind.what} came{advice}.")
