"""The table that people take home is the one that `process_folder` makes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow.parquet as pq
import pytest
from pandas.testing import assert_frame_equal
from sklearn.preprocessing import StandardScaler

from ann_core.datasets import parquet
from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import Dataset
from ann_core.datasets.importing.importer import import_folder
from ann_core.datasets.parquet import Table, write_table
from ann_core.errors import DatasetError, TargetError
from ann_core.imaging.images import process_folder
from ann_core.imaging.preprocessing import PreprocessConfig

if TYPE_CHECKING:
    from tests.unit.conftest import MakeFolder, RunOnSmallDisk

SMALL = PreprocessConfig(image_size=(8, 10))


@pytest.fixture
def folder(image_folder: MakeFolder) -> Path:
    return image_folder({"cat": 11, "Hündin": 14, "dog": 12})


@pytest.fixture
def pets(folder: Path, catalog: Catalog) -> Dataset:
    return import_folder(folder, "pets", catalog)


@pytest.fixture
def features_root(tmp_path: Path) -> Path:
    return tmp_path / "features"


def written(dataset: Dataset, config: PreprocessConfig, split: str, root: Path) -> Table:
    target = root.parent / f"{split}.parquet"
    return write_table(dataset, config, split, features_root=root, target=target)


@pytest.mark.parametrize("mode", ["gray", "rgb"])
def test_all_images_are_the_articles_table(
    mode: str, folder: Path, pets: Dataset, features_root: Path
) -> None:
    config = PreprocessConfig.parse({"image_size": (8, 10), "mode": mode, "resize": "pad"})
    table = written(pets, config, "all", features_root)
    read = pd.read_parquet(table.path)

    assert_frame_equal(read, process_folder(folder, config), check_exact=True)
    assert read.columns.tolist() == [*range(config.n_features), "class"]
    assert (table.n_rows, table.n_columns) == read.shape == (37, config.n_features + 1)
    assert table.n_bytes == table.path.stat().st_size


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_a_split_is_its_rows_of_the_articles_table(
    split: str, folder: Path, pets: Dataset, features_root: Path
) -> None:
    read = pd.read_parquet(written(pets, SMALL, split, features_root).path)
    everything = process_folder(folder, SMALL)

    expected = everything.iloc[pets.indices(split)].reset_index(drop=True)
    assert_frame_equal(read, expected, check_exact=True)


def test_standardised_values_are_scikit_learns(
    folder: Path, pets: Dataset, features_root: Path
) -> None:
    config = SMALL.model_copy(update={"scaling": "standard"})
    read = pd.read_parquet(written(pets, config, "all", features_root).path)
    unscaled = process_folder(folder, SMALL)
    pixels = unscaled.drop(columns="class").to_numpy() * 255
    scaler = StandardScaler().fit(pixels[pets.indices("train")])

    expected = pd.DataFrame(scaler.transform(pixels))
    expected["class"] = unscaled["class"]
    assert_frame_equal(read, expected, rtol=0, atol=1e-9)


def test_many_groups_of_rows_make_the_same_table(
    folder: Path, pets: Dataset, features_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "_GROUP_BYTES", 10 * SMALL.n_features)
    monkeypatch.setattr(parquet, "_BLOCK", 3)
    path = written(pets, SMALL, "all", features_root).path

    assert pq.ParquetFile(path).num_row_groups == 4
    assert_frame_equal(pd.read_parquet(path), process_folder(folder, SMALL), check_exact=True)


def test_a_value_costs_a_byte_though_it_is_read_as_eight(
    image_folder: MakeFolder, catalog: Catalog, features_root: Path
) -> None:
    folder = image_folder({"dark": 250, "bright": 250}, name="many", size=(8, 8))
    many = import_folder(folder, "many", catalog)
    table = written(many, PreprocessConfig(image_size=(8, 8)), "all", features_root)
    file = pq.ParquetFile(table.path)
    (group,) = [file.metadata.row_group(number) for number in range(file.num_row_groups)]

    assert file.schema_arrow.field("0").type == "double"
    for number in range(64):
        assert group.column(number).total_uncompressed_size < 500 + 256 * 8 + 100
    assert table.n_bytes < 64 * (500 + 256 * 8 + 400)


def test_one_column_can_be_read_alone(pets: Dataset, features_root: Path) -> None:
    path = written(pets, SMALL, "train", features_root).path

    classes = pd.read_parquet(path, columns=["class"])["class"]
    assert classes.value_counts().to_dict() == {
        name: counts["train"] for name, counts in pets.info.counts.items()
    }


def test_the_file_says_how_it_was_made(pets: Dataset, features_root: Path) -> None:
    config = SMALL.model_copy(update={"scaling": "standard"})
    path = written(pets, config, "all", features_root).path
    read = pd.read_parquet(path)

    stored = json.loads(pq.read_schema(path).metadata[b"preprocess"])
    assert PreprocessConfig.parse(stored) == config
    assert PreprocessConfig.parse(read.attrs["preprocess"]) == config
    assert len(read) == len(pets)


def test_progress_goes_one_way_from_the_first_image_to_the_last(
    pets: Dataset, features_root: Path, tmp_path: Path
) -> None:
    for first_done in (0, 37):  # the second time, the features are there
        reported: list[tuple[int, int]] = []
        write_table(
            *(pets, SMALL, "train"),
            features_root=features_root,
            target=tmp_path / "train.parquet",
            progress=lambda *at, reported=reported: reported.append(at),
        )
        assert reported == sorted(reported)
        assert reported[0] == (first_done, 74)
        assert reported[-1] == (74, 74)


def test_what_is_stopped_leaves_the_older_file(
    pets: Dataset, features_root: Path, tmp_path: Path
) -> None:
    def stop(done: int, total: int) -> None:
        if done >= total // 2:
            raise KeyboardInterrupt

    target = tmp_path / "taken" / "train.parquet"
    target.parent.mkdir()
    target.write_bytes(b"older")
    with pytest.raises(KeyboardInterrupt):
        write_table(
            *(pets, SMALL, "train"), features_root=features_root, target=target, progress=stop
        )
    assert [(path.name, path.read_bytes()) for path in target.parent.iterdir()] == [
        ("train.parquet", b"older")
    ]
    write_table(pets, SMALL, "train", features_root=features_root, target=target)
    assert len(pd.read_parquet(target)) == len(pets.indices("train"))


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("nowhere/train.parquet", "Expected the name of a file in a folder that exists"),
        (".", "is a folder. Name a file in it, such as "),
        *(
            (name, rf"ends in \.parquet.*{name}'\. For CSV, read it with pandas")
            for name in ("t.csv", "t.xlsx", "t.parquet.gz", "t.feather", "t", "csv")
        ),
    ],
)
def test_a_target_that_cannot_be_is_told_before_the_work(
    target: str, reason: str, pets: Dataset, features_root: Path, tmp_path: Path
) -> None:
    with pytest.raises(TargetError, match=reason):
        write_table(pets, SMALL, "all", features_root=features_root, target=tmp_path / target)
    assert not features_root.exists()


def test_a_split_that_is_none_is_told(pets: Dataset, features_root: Path) -> None:
    with pytest.raises(DatasetError, match="Expected train, validation, test or all, got 'both'"):
        written(pets, SMALL, "both", features_root)


def test_on_a_full_disk_the_older_file_stays(
    small_disk: RunOnSmallDisk, dataset: Dataset, catalog: Catalog, tmp_path: Path
) -> None:
    results = small_disk(
        """
        from ann_core.datasets.catalog import Catalog
        from ann_core.errors import DiskFullError
        from ann_core.imaging.preprocessing import PreprocessConfig
        from ann_core.datasets.parquet import write_table
        dataset = Catalog(Path(sys.argv[1])).load("existing")
        root, target = Path(sys.argv[2]), disk / "all.parquet"
        small = PreprocessConfig(image_size=(8, 10))
        write_table(dataset, small, "all", features_root=root, target=target)
        before = listing()
        results["refused"] = results["same"] = 0
        large = PreprocessConfig(image_size=(64, 64))  # more than the disk has
        for free in (0, 1, 20, None):
            if free is not None:
                fill()
                with (disk / "filling").open("r+b") as file:
                    file.truncate(max(0, file.seek(0, 2) - free * 4096))
            try:
                write_table(dataset, large, "all", features_root=root, target=target)
            except DiskFullError as error:
                results["refused"] += 1
                results["sentence"] = str(error)
            (disk / "filling").unlink(missing_ok=True)
            results["same"] += listing() == before
        """,
        catalog.root,
        tmp_path / "features",
    )
    assert results["refused"] == results["same"] == 4
    assert "is full. Nothing that existed was changed" in results["sentence"]
