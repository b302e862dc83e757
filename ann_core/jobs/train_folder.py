"""Train on a folder of images, from Python, without a page and without a command."""

from __future__ import annotations

import itertools
import secrets
import time
from pathlib import Path

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import Dataset
from ann_core.datasets.importing.importer import import_folder
from ann_core.errors import RunError
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.jobs.admission import submit_run
from ann_core.jobs.dispatcher import Dispatcher
from ann_core.prediction.classifier import Classifier
from ann_core.runs.folder import RunFolder
from ann_core.runs.owners import Submission
from ann_core.runs.registry import Registry
from ann_core.runs.run import Run, RunConfig
from ann_core.settings import Settings, get_settings
from ann_core.training.network_config import PRESETS, NetworkConfig

LOOK_SECONDS = 0.1


def train_folder(
    folder: str | Path,
    *,
    name: str | None = None,
    network: NetworkConfig | None = None,
    preprocess: PreprocessConfig | None = None,
    data_dir: str | Path | None = None,
) -> Classifier:
    """Train a dense network on class folders of images, and return it, ready to be asked.

    The same as importing the folder and pressing Start: images are split, the training
    runs in a process of its own, and everything it leaves lies under `data_dir`.

    Parameters
    ----------
    folder : str or Path
        A folder for each class (``cat/1.jpg``, ``dog/1.jpg``), or the class in the names of
        the files.
    name : str, optional
        What to call the data set; the folder's own name by default. Given again with the
        same images, the data set that is there is used.
    network : NetworkConfig, optional
        The preset "small" by default.
    preprocess : PreprocessConfig, optional
        The article's steps by default, with the bits that 16-bit images use.
    data_dir : str or Path, optional
        ``ANN_DATA_DIR`` by default.

    Returns
    -------
    Classifier
        ``classifier.folder`` holds its files; ``Classifier(folder)`` opens them again.

    Raises
    ------
    DatasetError
        If the folder holds no two classes of readable images.
    RunError
        If the training failed.
    """
    folder = Path(folder).resolve()
    settings = get_settings()
    if data_dir is not None:
        settings = Settings(data_dir=Path(data_dir))
    dataset = _dataset(folder, name or folder.name, Catalog(settings.datasets_dir))
    config = RunConfig(
        dataset=dataset.name,
        fingerprint=dataset.fingerprint,
        preprocess=preprocess or PreprocessConfig(bits_used=dataset.info.bits_used),
        network=network or PRESETS["small"],
    )
    with Registry(settings.registry_url, settings.lease_seconds) as registry:
        submission = Submission(secrets.token_urlsafe(16))
        run = submit_run(registry, settings, config, info=dataset.info, submission=submission)
        run = _wait(registry, settings, run)
    if not run.has_model:
        raise RunError(run.error or f"The training ended without a model; it is {run.status}.")
    return Classifier(RunFolder.of(settings.runs_dir, run.id))


def _dataset(folder: Path, name: str, catalog: Catalog) -> Dataset:
    """Import a folder; what was imported before, by any name, is used and not kept twice."""
    earlier = {info.fingerprint: info.name for info in catalog.infos()}
    names = itertools.chain([name], (f"{name}-{number}" for number in itertools.count(2)))
    dataset = import_folder(folder, next(n for n in names if n not in earlier.values()), catalog)
    if dataset.fingerprint in earlier:
        catalog.delete(dataset.name)
        return catalog.load(earlier[dataset.fingerprint])
    return dataset


def _wait(registry: Registry, settings: Settings, run: Run) -> Run:
    dispatcher = Dispatcher.local(registry, settings)
    dispatcher.run_in_background()
    try:
        while run.live:
            time.sleep(LOOK_SECONDS)
            run = registry.get(run.id)
    finally:
        dispatcher.close()
    return run
