"""Names of built-in sets: nobody else gets them, and a set that only has the name is not one."""

from __future__ import annotations

from pathlib import Path

import pytest

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.sources.builtin import BUILT_INS
from ann_core.datasets.sources.downloads import DOWNLOADS
from ann_core.datasets.sources.reserved import find_builtin, reserved_for, suggested_name
from ann_core.errors import DatasetError
from ann_core.jobs.admission import submit_job
from ann_core.jobs.import_job import import_dataset
from ann_core.runs.job_types import ImportConfig, ImportJob, Source
from ann_core.runs.owners import Submission
from ann_core.runs.registry import Registry
from ann_core.settings import Settings
from ann_core.training.network_config import NetworkConfig
from tests.helpers.image_files import PETS, from_folder, images
from tests.helpers.small_run import draw_cartoons


@pytest.mark.parametrize("key", [*BUILT_INS, *DOWNLOADS])
def test_each_set_has_its_name_in_every_spelling(key: str) -> None:
    full_width = "".join(chr(ord(c) + 0xFEE0) if c.isalpha() else c for c in key)
    for name in (key, key.upper(), key.title(), full_width, f"{key}-built-in", f"{key}-Built-in-2"):
        assert reserved_for(name) == key
    for name in (f"my-{key}", f"{key}-2", f"{key}s", f"{key}-clean"):
        assert reserved_for(name) is None


@pytest.mark.parametrize("name", ["cartoons", "Cartoons", "MNIST", "cartoons-built-in"])
@pytest.mark.parametrize(
    ("source", "what"),
    [("zip", "0" * 32), ("pictures", "0" * 32), ("folder", "x"), ("version", "toy")],
)
def test_what_a_visitor_brings_cannot_have_it(
    tmp_path: Path, source: Source, what: str, name: str
) -> None:
    settings = Settings(data_dir=tmp_path)
    config = ImportConfig(name=name, source=source, what=what)
    with Registry(settings.registry_url) as registry:
        with pytest.raises(DatasetError, match=f"The name '{name}' belongs to .* 'my-{name}'"):
            submit_job(registry, settings, config, submission=Submission("1"))
        with pytest.raises(DatasetError, match="belongs to"):  # filed past the door
            job = registry.submit_data_job(config, submit_key="2")
            assert isinstance(job, ImportJob)
            import_dataset(job, settings, lambda done, total: None)
        other = ImportConfig(name=name, source="builtin", what="digits")
        with pytest.raises(DatasetError, match="belongs to"):
            submit_job(registry, settings, other, submission=Submission("3"))


def test_a_name_is_suggested_that_can_be_had(catalog: Catalog) -> None:
    assert suggested_name("MNIST", catalog) == "my-MNIST"
    assert suggested_name("pets", catalog) == "pets"


def test_a_set_that_only_has_the_name_is_passed_by(catalog: Catalog, tmp_path: Path) -> None:
    assert find_builtin("cartoons", catalog) == ("cartoons", None)
    from_folder(images(PETS), catalog, tmp_path, name="Cartoons")
    assert find_builtin("cartoons", catalog) == ("cartoons-built-in", None)
    from_folder(images(PETS), catalog, tmp_path, name="cartoons-built-in")
    name, info = find_builtin("cartoons", catalog)
    assert (name, info) == ("cartoons-built-in-2", None)
    drawn = draw_cartoons(catalog.root.parent, name)
    assert find_builtin("cartoons", catalog) == (name, drawn)


def test_a_click_that_was_faster_counts_only_if_it_drew_cartoons(
    catalog: Catalog, tmp_path: Path
) -> None:
    settings = Settings(data_dir=catalog.root.parent)
    from_folder(images(PETS), catalog, tmp_path, name="cartoons")
    network = NetworkConfig(hidden_units=(4,), epochs=1)
    config = ImportConfig(name="cartoons", source="builtin", what="cartoons", then=network)
    with Registry(settings.registry_url) as registry:
        job = registry.submit_data_job(config, submit_key="1")
        assert isinstance(job, ImportJob)
        with pytest.raises(DatasetError, match="There is a data set 'cartoons' already"):
            import_dataset(job, settings, lambda done, total: None)
