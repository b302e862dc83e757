"""Uploads that lie there as if a page had stored them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from ann_core.datasets.importing.uploads import (
    images_upload,
    store_upload,
    upload_token,
    zip_upload,
)


def store_zip(archive: BinaryIO, root: Path) -> str:
    """Store a zip file; return its token."""
    token = upload_token(secrets.token_hex(8))
    store_upload(zip_upload(archive, "a file"), root, token)
    return token


def store_images(images: Mapping[str, Sequence[tuple[str, bytes]]], root: Path) -> str:
    """Store images given class by class; return the token."""
    token = upload_token(secrets.token_hex(8))
    store_upload(images_upload(images), root, token)
    return token
