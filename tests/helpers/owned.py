"""A hosted installation in which somebody has a data set, and a run on it, that are theirs."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa
from streamlit.testing.v1 import AppTest

from ann_core.datasets.catalog import IMAGES_FILE, INFO_FILE, Catalog
from ann_core.datasets.dataset import DatasetInfo
from ann_core.datasets.importing.importer import ImportOptions, import_folder
from ann_core.runs.owners import new_owner_key, owner_digest
from ann_core.runs.registry import Registry
from ann_core.settings import Settings
from tests.helpers.runs import write_images
from tests.helpers.small_run import CARTOONS, small_installation

FIRST, SECOND = new_owner_key(), new_owner_key()
TRAINED, LOOKED_AT = "secretpets.abcdefgh", "secretfaces.12345678"
CLASSES = ("lennaface", "marvinface")
SECRETS = (b"secretpets", b"secretfaces", b"lennaface", b"marvinface", b"secretfile")


def make_owned(data_dir: Path, factory: pytest.TempPathFactory) -> str:
    """Fill a data folder: `TRAINED` with a run on it, `LOOKED_AT`; both belong to `FIRST`.

    Returns
    -------
    str
        Id of the run.
    """
    folder, run_id = small_installation(factory)
    shutil.copytree(folder, data_dir, dirs_exist_ok=True)
    settings = Settings(data_dir=data_dir, database_url="")
    _give_away(settings, run_id)
    images = write_images(data_dir.parent / "faces", classes=CLASSES)
    options = ImportOptions(source="zip file secretfile.zip", owner=owner_digest(FIRST))
    import_folder(images, LOOKED_AT, Catalog(settings.datasets_dir), options=options)
    return run_id


def _give_away(settings: Settings, run_id: str) -> None:
    """Make the cartoons somebody's own pictures, and the run theirs."""
    folder = settings.datasets_dir / CARTOONS
    values = json.loads((folder / INFO_FILE).read_text())
    values |= {"source": "zip file secretfile.zip", "owner": owner_digest(FIRST)}
    (folder / INFO_FILE).write_text(json.dumps(values))
    images = pd.read_csv(folder / IMAGES_FILE)
    images["source"] = "secretfile-" + images["source"]
    images.to_csv(folder / IMAGES_FILE, index=False, quoting=csv.QUOTE_NONNUMERIC)
    folder.rename(settings.datasets_dir / TRAINED)
    with Registry(settings.registry_url) as registry, registry.store.engine.begin() as db:
        renamed = sa.text("UPDATE runs SET owner = :owner, config = replace(config, :old, :new)")
        names = {"old": f'"{CARTOONS}"', "new": f'"{TRAINED}"'}
        db.execute(renamed, {"owner": owner_digest(FIRST)} | names)


def info_of(data_dir: Path, name: str = TRAINED) -> DatasetInfo:
    return Catalog(data_dir / "datasets").info(name)


def run_of(data_dir: Path) -> str:
    """Id of the one run."""
    [folder] = (data_dir / "runs").iterdir()
    return folder.name


def all_that_is_sent(page: AppTest) -> bytes:
    """Every message of which a page is made, with the tables in it."""
    parts: list[bytes] = []

    def walk(element: object) -> None:
        proto = getattr(element, "proto", None)
        if hasattr(proto, "SerializeToString"):
            parts.append(proto.SerializeToString())  # type: ignore[union-attr]
        for child in getattr(element, "children", {}).values():
            walk(child)

    walk(page._tree)
    return b"\n".join(parts)
