"""Import of a zip of 22,498 pictures, features included, against copying and decoding alone.

``python -m benchmarks.importing ZIP FOLDER [--again]`` imports into a new folder within FOLDER, so
that ours and the peer write to the same disk, and prints the seconds until the features are
there; with ``--again``, those of a second import of the same zip.
"""

import sys
import tempfile
import time
from pathlib import Path

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.features import load_features
from ann_core.datasets.importing.importer import import_zip
from ann_core.datasets.importing.options import ImportOptions
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.settings import Settings
from benchmarks.data import NAME, BenchmarkData
from benchmarks.timing import Benchmark, Row, Way

ALONE = "copying and decoding alone"


def benchmarks(data: BenchmarkData) -> list[Benchmark]:
    arguments = (str(data.archive()), str(data.folder))
    ours = ("-m", "benchmarks.importing", *arguments)
    ways = (
        Way("ours", ours),
        Way(ALONE, ("benchmarks/peers/copy_and_decode.py", *arguments), peer=True),
        Way("again", (*ours, "--again")),
    )
    rows = (
        Row("import of a zip, features included", "ours", (ALONE,), at_most=1.5, inverse=True),
        Row("import of the same zip again", "again", at_most=1),
    )
    return [Benchmark("import", "s", ways, rows)]


def seconds_to_import(archive: Path, folder: Path, *, again: bool = False) -> float:
    with tempfile.TemporaryDirectory(dir=folder) as data_dir:
        settings = Settings(data_dir=Path(data_dir), database_url="")
        catalog = Catalog(settings.datasets_dir)
        options = ImportOptions(features_dir=settings.features_dir)
        names = [NAME, f"{NAME}-again"] if again else [NAME]
        for name in names:
            started = time.perf_counter()
            dataset = import_zip(archive, name, catalog, options=options)
            imported = time.perf_counter() - started
            load_features(dataset, PreprocessConfig(), settings.features_dir)
            seconds = time.perf_counter() - started
            print(f"{name}: {imported:.2f} s without features")
    return seconds


if __name__ == "__main__":
    arguments = [Path(argument) for argument in sys.argv[1:3]]
    print(seconds_to_import(*arguments, again="--again" in sys.argv))
