"""What the first version left behind opens with everything in it, and shows the same figures."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import PIL
import pytest

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.changes import check_unchanged
from ann_core.runs.owners import OPERATOR, NotYoursError, owner_digest
from ann_core.runs.registry import Registry
from ann_core.settings import Settings
from ann_core.taking.opening import open_archive
from tests.unit.version_1 import (
    ARCHIVE,
    KEY,
    OTHER_KEY,
    assert_near,
    expected,
    folder_figures,
    registry_figures,
    run_figures,
    unpack,
)

EXPECTED = expected()
NAMES: dict[str, str] = EXPECTED["names"]


@pytest.fixture(autouse=True)
def same_pillow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables are named after the Pillow that made them; a later one would make them anew."""
    monkeypatch.setattr(PIL, "__version__", EXPECTED["pillow"])


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A copy of the data folder."""
    return unpack(tmp_path / "data")


@pytest.fixture
def registry(settings: Settings) -> Iterator[Registry]:
    """The registry in it."""
    registry = Registry(settings.registry_url)
    yield registry
    registry.close()


def plain(figures: Any) -> Any:
    return json.loads(json.dumps(figures))


def test_the_registry_says_the_same(registry: Registry) -> None:
    assert_near(plain(registry_figures(registry)), EXPECTED["registry"])


@pytest.mark.parametrize("part", ["dataset", "survey", "baselines", "models", "predictions"])
def test_the_files_say_the_same(settings: Settings, registry: Registry, part: str) -> None:
    found = folder_figures(settings, registry)[part]
    assert_near(found, EXPECTED[part])


def test_a_copy_of_the_pictures_counts_as_unchanged(settings: Settings) -> None:
    dataset = Catalog(settings.datasets_dir).load("sky")
    imported = datetime.fromisoformat(dataset.info.created).timestamp()
    assert dataset.path(0).stat().st_mtime > imported, "a copy is newer"
    check_unchanged(dataset)


def test_owners_manage_their_runs_and_no_others(registry: Registry) -> None:
    registry.describe(NAMES["done"], by=KEY, name="mine")
    assert registry.get(NAMES["done"]).name == "mine"
    with pytest.raises(NotYoursError):
        registry.describe(NAMES["done"], by=OTHER_KEY, name="not mine")
    with pytest.raises(NotYoursError):
        registry.delete(NAMES["stopped"], by=KEY)  # it is the operator's
    registry.delete(NAMES["stopped"], by=OPERATOR)
    assert NAMES["stopped"] not in [run.id for run in registry.recent()]


def test_the_archive_opens_elsewhere_with_the_same_figures(tmp_path: Path) -> None:
    elsewhere = Settings(data_dir=tmp_path / "elsewhere", database_url="")
    registry = Registry(elsewhere.registry_url)
    owner = owner_digest(KEY)
    run = open_archive(ARCHIVE, elsewhere, registry, owner=owner, submit_key="archive")
    found = plain(run_figures(registry, run))
    registry.close()
    brought = next(r for r in EXPECTED["registry"]["runs"] if r["id"] == NAMES["brought"])
    same = ("name", "notes", "status", "config", "history", "epoch", "can", "result", "events")
    assert_near(found, {name: brought[name] for name in same})
