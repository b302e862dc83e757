"""What comes of work on data, as the registry keeps it."""

from __future__ import annotations

from ann_core.runs.job import JobResult


class ImportResult(JobResult):
    """A new data set.

    Attributes
    ----------
    n_skipped : int
        Files that were left out.
    run : str or None
        Id of the run that was filed on it.
    """

    dataset: str
    n_images: int
    n_skipped: int
    run: str | None = None


class ProfileResult(JobResult):
    """A profile lies with its data set."""

    dataset: str


class FileResult(JobResult):
    """A file that can be fetched.

    Attributes
    ----------
    file : str
        Name in the folder of the job.
    bytes : int
        Its size.
    """

    file: str
    bytes: int


class TableResult(FileResult):
    """The features of a split as a table."""

    n_rows: int
    n_columns: int


class BaselinesResult(JobResult):
    """Accuracy of each baseline on the test split, 0..1."""

    dataset: str
    accuracies: dict[str, float]


class ArchiveImportResult(JobResult):
    """Id of the run that was in the archive."""

    run: str


class ExportResult(FileResult):
    """The images of a data set as a zip file."""

    n_images: int


class ConclusionResult(JobResult):
    """Key of the outcome of an experiment; all of it stands with the experiment."""

    outcome: str


DataJobResult = (
    ImportResult
    | ProfileResult
    | TableResult
    | BaselinesResult
    | ArchiveImportResult
    | ExportResult
    | ConclusionResult
)
