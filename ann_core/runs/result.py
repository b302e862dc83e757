"""What came of a training: how good its network is, and what it took."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from pydantic import Field

from ann_core.runs.job import JobResult
from ann_core.training.precision import Precision


@dataclass(frozen=True)
class ClassScores:
    """Scores of one class; `n_images` is how many images truly are of it.

    Without any, recall and F1 are 0 here and not known: see `is_tested`.
    """

    class_name: str
    precision: float
    recall: float
    f1: float
    n_images: int

    @property
    def is_tested(self) -> bool:
        """Whether there is an image of this class, so that recall and F1 mean something."""
        return self.n_images > 0


@dataclass(frozen=True)
class Evaluation:
    """Scores on one split.

    Attributes
    ----------
    accuracy : float
        Share of right answers, 0..1.
    loss : float
        Mean categorical cross-entropy, in nats.
    majority : float
        Accuracy of always answering the most frequent class.
    confusion : list of list of int, shape (n_classes, n_classes)
        Row: true class; column: answer.
    """

    split: str
    n_images: int
    accuracy: float
    loss: float
    majority: float
    class_names: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...]
    classes: tuple[ClassScores, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain values by name, for JSON."""
        return asdict(self)


class RunResult(JobResult):
    """What a worker found out about a network once it had learned.

    Attributes
    ----------
    test : Evaluation
        Scores on the test split.
    accuracy : dict of split to float
        Share of right answers, 0..1, with the weights that were kept; empty if an
        older Flatland trained the run.
    best_epoch : int or None
        The epoch with the lowest validation loss.
    kept_epoch : int or None
        The epoch whose weights the model has; None if it was stopped in the middle
        of one.
    cut_batches : int
        Batches of the unfinished epoch in which it was stopped.
    n_threads : int or None
        Threads that trained it; sums of fractions depend on their number.
    precision : str or None
        In which numbers its products were computed while it learned; None if an earlier
        version trained it, by Keras' own step, in float32.
    ended_by : str
        Why it ended early, in a sentence, if nobody asked for that.
    n_parameters : int
        Weights and biases.
    n_images : dict of split to int
        Images that were read.
    n_skipped : int
        Images of the data set that earlier versions could not read, and trained without.
    seconds : float
        Time of training, validation included.
    trained : str or None
        When it was filed, ISO 8601, if that was elsewhere.
    """

    test: Evaluation
    best_epoch: int | None = None
    kept_epoch: int | None = None
    cut_batches: int = 0
    n_threads: int | None = None
    precision: Precision | None = None
    ended_by: str = ""
    n_parameters: int
    n_images: dict[str, int]
    n_skipped: int = 0
    accuracy: dict[str, float] = Field(default_factory=dict)
    seconds: float
    trained: str | None = None

    @property
    def validation(self) -> float | None:
        """Validation accuracy of the kept weights; None if an older Flatland trained the run."""
        return self.accuracy.get("validation")

    @property
    def kept(self) -> str:
        """Whose weights it has, in words, such as "epoch 4, the best by validation loss"."""
        if self.kept_epoch is None:
            return "the moment it was stopped"
        if self.kept_epoch == self.best_epoch:
            return f"epoch {self.kept_epoch}, the best by validation loss"
        best = f", not of the best by validation loss, {self.best_epoch}" if self.best_epoch else ""
        return f"the last epoch, {self.kept_epoch}{best}"
