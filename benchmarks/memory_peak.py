"""Peak memory of an import and 3 epochs of `article`, every process counted, against the article.

``python -m benchmarks.memory_peak ZIP`` imports and trains as the commands do, in a new folder.
"""

import sys
import tempfile
from pathlib import Path

from benchmarks.data import NAME, BenchmarkData
from benchmarks.timing import Benchmark, Row, Way
from benchmarks.training import command


def benchmarks(data: BenchmarkData) -> list[Benchmark]:
    [classes] = {path.parent.parent for path in data.unpacked().rglob("*.jpg")}
    peer = ("benchmarks/peers/article_notebook.py", "--pictures", str(classes))
    ways = (
        Way("ours", ("-m", "benchmarks.memory_peak", str(data.archive())), timed="peak"),
        Way("article's way", peer, peer=True, timed="peak"),
    )
    row = Row("memory of import and 3 epochs", "ours", ("article's way",), at_least=3)
    return [Benchmark("memory", "MB", ways, (row,))]


def import_and_train(archive: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        data_dir = Path(folder)
        command("import", str(archive), "--name", NAME, data_dir=data_dir)
        command("train", NAME, "--preset", "article", "--epochs", "3", data_dir=data_dir)


if __name__ == "__main__":
    import_and_train(Path(sys.argv[1]))
