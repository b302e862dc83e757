"""Full-size JPEG files to features: ours against the article's loop and against decoding alone.

``python -m benchmarks.features DATA_DIR`` makes the table of features of the data set that is
imported there, each picture checked against its index and the table on the disk in the end, and
prints the seconds that it took.
"""

import sys
import tempfile
import time
from pathlib import Path

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.features import load_features
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.settings import Settings
from benchmarks.data import NAME, BenchmarkData
from benchmarks.timing import Benchmark, Row, Way

LOOP, ALONE = "article's loop", "decoding alone, libjpeg-turbo, two threads"


def benchmarks(data: BenchmarkData) -> list[Benchmark]:
    folder = str(data.full_size())
    ways = (
        Way("ours", ("-m", "benchmarks.features", str(data.full_size_data_dir()))),
        Way(LOOP, ("benchmarks/peers/decode_loop.py", folder), peer=True),
        Way(ALONE, ("benchmarks/peers/decode_alone.py", folder), peer=True),
    )
    rows = (
        Row(f"features of {data.n_full_size:,} full-size JPEG", "ours", (LOOP,), at_least=2.5),
        Row("the same, share of decoding alone", "ours", (ALONE,), at_least=0.6),
    )
    return [Benchmark("features", "s", ways, rows)]


def seconds_for_features(data_dir: Path) -> float:
    settings = Settings(data_dir=data_dir, database_url="")
    dataset = Catalog(settings.datasets_dir).load(NAME)
    with tempfile.TemporaryDirectory(dir=data_dir) as root:
        started = time.perf_counter()
        load_features(dataset, PreprocessConfig(), Path(root))
        return time.perf_counter() - started


if __name__ == "__main__":
    print(seconds_for_features(Path(sys.argv[1])))
