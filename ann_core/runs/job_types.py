"""Work on data that takes longer than a click: import, survey, table, export, and more.

It waits in a line of its own, so that it does not wait for trainings of hours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from pydantic import model_validator

from ann_core.config import Config
from ann_core.datasets.editing.edits import Balance, Edit, LeaveOut, upload_of_edits
from ann_core.datasets.importing.layouts import LayoutRule
from ann_core.datasets.importing.name_encodings import Encoding
from ann_core.datasets.sources.cartoons import CartoonConfig
from ann_core.datasets.split import SplitConfig
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.runs.job import Job, Kind
from ann_core.runs.job_results import (
    ArchiveImportResult,
    BaselinesResult,
    ConclusionResult,
    ExportResult,
    ImportResult,
    ProfileResult,
    TableResult,
)
from ann_core.runs.run import Run
from ann_core.training.network_config import NetworkConfig

Source = Literal["builtin", "download", "zip", "pictures", "folder", "version", "address"]


class ImportConfig(Config):
    """Bring images in as a new data set.

    Attributes
    ----------
    name : str
        Of the new data set.
    source : str
        Which way they come.
    what : str
        Key of a built-in set or of a download, path of a server folder or archive, token of an
        upload, name of the data set of which this is a new version, or an address, which may
        hold a secret: `ann_core.datasets.sources.addresses.shown_address` is what is shown.
    origin : str
        Where they came from, in words that stay with the data set.
    edit : tuple of Edit
        What a new version changes, in this order; of an import, a balance at most.
    reading : str
        How folders and names are read, see `ann_core.datasets.importing.layouts.LAYOUT_RULES`.
    encoding : str or None
        Of names in an archive that do not say theirs; guessed if None.
    leave_out : tuple of int
        Rows of `what` that a new version does not have, as jobs said before there were edits.
    then : NetworkConfig or None
        A network to train on them once they are there.
    cartoons : CartoonConfig or None
        How to draw the built-in cartoons, if other than usual; such a set is its visitor's own.
    """

    name: str
    source: Source
    what: str
    origin: str = ""
    split: SplitConfig = SplitConfig()
    edit: tuple[Edit, ...] = ()
    reading: LayoutRule = "auto"
    encoding: Encoding | None = None
    leave_out: tuple[int, ...] = ()
    then: NetworkConfig | None = None
    cartoons: CartoonConfig | None = None
    schema_version: int = 1

    @model_validator(mode="after")
    def _edits_fit_the_source(self) -> ImportConfig:
        if self.source != "version" and self.edit and self.balance is None:
            raise ValueError("expected no edit of an import but one balance")
        return self

    @property
    def balance(self) -> Balance | None:
        """What an import leaves out of classes that are too large or too small."""
        [edit, *others] = self.edit or (None,)
        return edit if isinstance(edit, Balance) and not others else None

    @property
    def edits(self) -> tuple[Edit, ...]:
        """What a new version changes, however it was written down."""
        return (*((LeaveOut(rows=self.leave_out),) if self.leave_out else ()), *self.edit)


class ProfileConfig(Config):
    """Look at every image of a data set: measures, doubles, means, pixel space."""

    dataset: str
    fingerprint: str
    schema_version: int = 1


class TableConfig(Config):
    """Write the features of a split as Parquet."""

    dataset: str
    fingerprint: str
    preprocess: PreprocessConfig = PreprocessConfig()
    split: Literal["train", "validation", "test", "all"] = "train"
    schema_version: int = 1


class BaselinesConfig(Config):
    """Train what a network must beat, on the same features and split."""

    dataset: str
    fingerprint: str
    preprocess: PreprocessConfig = PreprocessConfig()
    schema_version: int = 1


class ArchiveImportConfig(Config):
    """Open the archive of a run that was trained elsewhere.

    Attributes
    ----------
    upload : str
        Token of the uploaded file.
    """

    upload: str
    schema_version: int = 1


class ExportConfig(Config):
    """Write the images of a data set as a zip file of class folders.

    Attributes
    ----------
    by_split : bool
        Whether these lie in folders train, validation and test.
    """

    dataset: str
    fingerprint: str
    by_split: bool = False
    schema_version: int = 1


class ConclusionConfig(Config):
    """Compare the networks of an experiment once they are trained.

    Attributes
    ----------
    experiment : str
        Its id.
    """

    experiment: str
    dataset: str
    fingerprint: str
    schema_version: int = 1


@dataclass(frozen=True, kw_only=True)
class ImportJob(Job):
    """Images on their way in."""

    kind = "import"
    settings = ImportConfig
    result_type = ImportResult

    config: ImportConfig
    result: ImportResult | None


@dataclass(frozen=True, kw_only=True)
class ProfileJob(Job):
    """A data set that is being looked at."""

    kind = "survey"
    settings = ProfileConfig
    result_type = ProfileResult

    config: ProfileConfig
    result: ProfileResult | None


@dataclass(frozen=True, kw_only=True)
class TableJob(Job):
    """A table that is being written."""

    kind = "table"
    settings = TableConfig
    result_type = TableResult

    config: TableConfig
    result: TableResult | None


@dataclass(frozen=True, kw_only=True)
class BaselinesJob(Job):
    """Simple classifiers that are being trained."""

    kind = "baselines"
    settings = BaselinesConfig
    result_type = BaselinesResult

    config: BaselinesConfig
    result: BaselinesResult | None


@dataclass(frozen=True, kw_only=True)
class ArchiveImportJob(Job):
    """A run from elsewhere that is being opened."""

    kind = "archive"
    settings = ArchiveImportConfig
    result_type = ArchiveImportResult

    config: ArchiveImportConfig
    result: ArchiveImportResult | None


@dataclass(frozen=True, kw_only=True)
class ExportJob(Job):
    """A data set that is being written as a zip file."""

    kind = "export"
    settings = ExportConfig
    result_type = ExportResult

    config: ExportConfig
    result: ExportResult | None


@dataclass(frozen=True, kw_only=True)
class ConclusionJob(Job):
    """An experiment whose networks are being compared."""

    kind = "conclusion"
    settings = ConclusionConfig
    result_type = ConclusionResult

    config: ConclusionConfig
    result: ConclusionResult | None


DataJob = (
    ImportJob | ProfileJob | TableJob | BaselinesJob | ArchiveImportJob | ExportJob | ConclusionJob
)
AnyJob = Run | DataJob
AnyConfig = (
    ImportConfig
    | ProfileConfig
    | TableConfig
    | BaselinesConfig
    | ArchiveImportConfig
    | ExportConfig
    | ConclusionConfig
)

_DATA_JOBS = get_args(DataJob)
JOBS: dict[str, type[AnyJob]] = {job.kind: job for job in (Run, *_DATA_JOBS)}
QUEUES: tuple[tuple[Kind, ...], ...] = ((Run.kind,), tuple(job.kind for job in _DATA_JOBS))


def builtin_key(config: ImportConfig) -> str | None:
    """Key of the built-in set or download that an import is of; None for a visitor's own."""
    of_all = config.source in {"builtin", "download"} and config.cartoons is None
    return config.what if of_all else None


def upload_of(config: Config) -> str | None:
    """Token of the upload that a job with these settings works on."""
    if isinstance(config, ImportConfig) and config.source in {"zip", "pictures"}:
        return config.what
    if isinstance(config, ImportConfig):
        return upload_of_edits(config.edit)
    return config.upload if isinstance(config, ArchiveImportConfig) else None


def queue_of(kind: str) -> tuple[Kind, ...]:
    """List the kinds that wait in the same line as `kind`."""
    return next(queue for queue in QUEUES if kind in queue)


def kind_of(config: Config) -> Kind:
    """Say what kind of job these settings are for."""
    return next(job.kind for job in JOBS.values() if isinstance(config, job.settings))
