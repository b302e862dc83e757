"""Import of a zip of 22,498 pictures, features included, against copying and decoding alone.

``python -m benchmarks.importing ZIP FOLDER`` imports into a new data folder within FOLDER, so that
ours and the peer write to the same disk, and prints the seconds until the features are there.
"""

import sys
import tempfile
import time
from pathlib import Path

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.features import load_features
from ann_core.datasets.importing.importer import ImportOptions, import_zip
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.settings import Settings
from benchmarks.data import NAME, BenchmarkData
from benchmarks.timing import Benchmark, Row, Way

ALONE = "copying and decoding alone"


def benchmarks(data: BenchmarkData) -> list[Benchmark]:
    arguments = (str(data.archive()), str(data.folder))
    ways = (
        Way("ours", ("-m", "benchmarks.importing", *arguments)),
        Way(ALONE, ("benchmarks/peers/copy_and_decode.py", *arguments), peer=True),
    )
    row = Row("import of a zip, features included", "ours", (ALONE,), at_most=1.5, inverse=True)
    return [Benchmark("import", "s", ways, (row,))]


def seconds_to_import(archive: Path, folder: Path) -> float:
    with tempfile.TemporaryDirectory(dir=folder) as data_dir:
        settings = Settings(data_dir=Path(data_dir), database_url="")
        started = time.perf_counter()
        options = ImportOptions(features_dir=settings.features_dir)
        dataset = import_zip(archive, NAME, Catalog(settings.datasets_dir), options=options)
        imported = time.perf_counter() - started
        print(f"import {imported:.2f} s")
        load_features(dataset, PreprocessConfig(), settings.features_dir)
        return time.perf_counter() - started


if __name__ == "__main__":
    print(seconds_to_import(Path(sys.argv[1]), Path(sys.argv[2])))
