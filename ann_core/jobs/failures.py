"""What went wrong in a run, sorted into kinds, in words for people."""

from __future__ import annotations

from ann_core.errors import DiskFullError, FlatlandError, LimitError
from ann_core.jobs.admission import network_disk_bytes
from ann_core.runs.job_types import AnyConfig
from ann_core.runs.run import RunConfig
from ann_core.training.loop import DivergedError

OUT_OF_MEMORY = (
    "This training needs more memory than there is. Lower the picture size, the neurons of "
    "the first layer or the batch size, and train again."
)
DATA_JOB_OUT_OF_MEMORY = (
    "This needs more memory than there is. Close other programs, or take fewer or smaller "
    "pictures, and start it again."
)


def classify_failure(error: Exception, config: RunConfig | AnyConfig) -> tuple[str, str]:
    """Sort an error into one of the kinds of `Run`, with a sentence for people."""
    if isinstance(error, DiskFullError):
        return "disk", _disk_full(config)  # its own sentence names a folder of this computer
    # TensorFlow's own class for it; a disk that is full is sorted out in `export`.
    if isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError":
        return "memory", OUT_OF_MEMORY if isinstance(config, RunConfig) else DATA_JOB_OUT_OF_MEMORY
    if isinstance(error, DivergedError):
        return "diverged", str(error)
    if isinstance(error, LimitError):
        return "limit", str(error)
    if isinstance(error, FlatlandError):
        return "data", str(error)
    return "bug", (
        "Flatland made a mistake, and this cannot go on. Its log "
        f"says more ({type(error).__name__})."
    )


def _disk_full(config: RunConfig | AnyConfig) -> str:
    """Say how much to free; classes weigh little, so two are assumed."""
    if not isinstance(config, RunConfig):
        return (
            "The disk is full; what was there before is untouched. Free some space (delete "
            "networks on Compare, erase data sets on Explore), then start this again."
        )
    n_bytes = network_disk_bytes(config.network, config.preprocess.n_features, 2)
    megabytes = max(10, round(n_bytes / 1e6))
    return (
        "The disk is full; what was there before is untouched. Free some space (delete networks "
        f"on Compare, erase data sets on Explore): {megabytes:,} MB are enough. Then let the "
        "training continue."
    )
