"""How long a training is said to take, and how long it took.

    python -m benchmarks.estimate DATA_DIR DATASET [DATASET ...]

DATA_DIR holds the data sets, with their features made, and nothing of other runs counts. The
computer is timed as a server does it after its first training. Then each preset trains on each
data set by the command `train`, a few epochs. Before each, what the Train page would say is noted,
by the batches that were timed and the trainings before; beside it stands what came.
"""

import itertools
import sys
import tempfile
from pathlib import Path

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import DatasetInfo
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.jobs.calibration import calibrate
from ann_core.runs.registry import Registry
from ann_core.settings import Settings
from ann_core.training.loading import use_threads
from ann_core.training.network_config import PRESETS
from ann_core.training.network_size import parameter_count
from ann_core.training.time_estimate import Calibration, epoch_size, estimate_epoch, estimate_total
from benchmarks.training import command

N_EPOCHS = {"small": 3, "linear": 3, "article": 2}
N_FEATURES, N_CLASSES = PreprocessConfig().n_features, 2


def main(data_dir: Path, names: list[str]) -> None:
    """Print a table: what was said of an epoch and of a training, and what they took."""
    settings = Settings(data_dir=data_dir)
    use_threads(settings.n_threads)
    timed = calibrate(settings)
    print("timed prices: " + ", ".join(f"{price:.2g}" for price in timed.prices))
    print("| preset | training pictures | an epoch: said, took | in all: said, took |")
    print("|---|---|---|---|")
    infos = [Catalog(settings.datasets_dir).info(name) for name in names]
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/registry.db"
        for info, preset in itertools.product(infos, N_EPOCHS):
            cells = compare(preset, info, url=url, timed=timed, data_dir=data_dir)
            n_train = info.n_images_of("train")
            print(f"| `{preset}` | {n_train:,} | {' | '.join(cells)} |", flush=True)


def compare(
    preset: str, info: DatasetInfo, *, url: str, timed: Calibration, data_dir: Path
) -> list[str]:
    """Estimate, train, and write both beside each other, for an epoch and in all."""
    network, n_epochs = PRESETS[preset], N_EPOCHS[preset]
    with Registry(url) as runs:
        earlier = runs.past_runs(since=timed.since)
    size = epoch_size(network, N_FEATURES, N_CLASSES, n_train=info.n_images_of("train"))
    pace = estimate_epoch(earlier, size, timed)
    assert pace is not None
    n_parameters = parameter_count(network, N_FEATURES, N_CLASSES)
    total = estimate_total(pace, n_epochs, earlier, n_parameters=n_parameters)
    options = (f"--preset={preset}", f"--epochs={n_epochs}")
    run = command("train", info.name, *options, data_dir=data_dir, database_url=url)
    with Registry(url) as runs:
        [took] = runs.past_runs(limit=1)
    in_all = sum(epoch["seconds"] for epoch in run["history"]) + (took.besides or 0.0)
    whole = beside(total.seconds, in_all) if total.besides is not None else "the start unknown"
    return [beside(pace.seconds, took.seconds_per_epoch), whole]


def beside(expected: float, measured: float) -> str:
    """Write two times and by what factor they differ."""
    factor = max(expected / measured, measured / expected)
    return f"{expected:.2f} s, {measured:.2f} s ({factor:.2f})"


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
