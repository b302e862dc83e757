"""Whose pictures are these: who may see a data set, who may change it, and what a link gives.

A data set has an owner as a run has one. Where everybody works on the same computer, all see
all. On a host only the owner sees it, and who has a link that the owner handed out with a key:
one of the whole data set, or one of the pictures of a single run on it. Those keys are made of
a secret that lies with the data set, so another secret makes all of them stop working.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import DatasetInfo
from ann_core.errors import DatasetError
from ann_core.runs.owners import (
    EXAMPLE_OWNER,
    OPERATOR,
    Caller,
    Filer,
    Operator,
    Visitor,
    may_manage,
)
from ann_core.runs.registry import Registry
from ann_core.runs.run import Run
from ann_core.settings import Settings

MAX_KEYS = 32  # of links that a visitor can have come by

_SHIPPED = ("built-in: ", "download: ")  # `DatasetInfo.source` of what Flatland brings


class NotYourDatasetError(DatasetError):
    """Somebody without the owner's key wanted to change a data set."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"Only the browser that added this data set can {what} it. You can make a version "
            "of your own from it."
        )


def owner_of(info: DatasetInfo) -> str | None:
    """Return the digest of the owner's key; "" if it belongs to all, None if nobody knows."""
    if info.owner is None and info.source.startswith(_SHIPPED):
        return ""
    return info.owner


def is_shipped(info: DatasetInfo) -> bool:
    """Whether Flatland brings the images along: all can see them, and have them again."""
    return owner_of(info) == "" and info.source.startswith(_SHIPPED)


def dataset_key(info: DatasetInfo) -> str:
    """Compute what a link to a data set gives along; "" if there can be none."""
    return _key(info, "data set")


def run_key(info: DatasetInfo, run_id: str) -> str:
    """Compute what a link to a run on these images gives along, to show them with it."""
    return _key(info, f"run {run_id}")


def _never(fingerprint: str) -> bool:
    return False


@dataclass(frozen=True)
class Viewer:
    """Somebody who looks at data sets.

    Attributes
    ----------
    caller : str or Operator
        The owner key; pages always know one.
    hosted : bool
        Whether others use the same Flatland, who must not see what is not theirs.
    keys : tuple of str
        What links that they came by gave along, true or not.
    has_run_on : callable
        Whether they own a run on images of this fingerprint: of data sets from before owners
        were kept, nothing else tells who has to do with them.
    """

    caller: Caller = OPERATOR
    hosted: bool = False
    keys: tuple[str, ...] = ()
    has_run_on: Callable[[str], bool] = _never

    @classmethod
    def of(cls, filer: Filer, registry: Registry, settings: Settings) -> Viewer:
        """Make one of somebody who may file jobs."""
        hosted = settings.profile == "hosted"
        if not isinstance(filer, Visitor):
            return cls(filer, hosted)
        key = filer.key
        return cls(key, hosted, filer.link_keys, lambda content: registry.has_run_on(content, key))

    @property
    def unlimited(self) -> bool:
        """Whether there is nothing that they may not see."""
        return not self.hosted or isinstance(self.caller, Operator)

    def may_see(self, info: DatasetInfo) -> bool:
        """Whether the data set is there for them at all: to look at, and to train on."""
        owner = owner_of(info)
        if self.unlimited or owner == "" or self.has(dataset_key(info)):
            return True
        if owner is None:
            return self.has_run_on(info.fingerprint)
        return may_manage(owner, self.caller)

    def may_see_images(self, info: DatasetInfo, run_id: str) -> bool:
        """Whether the pages of a run on it show them pictures."""
        return self.unlimited or self.may_see(info) or self.has(run_key(info, run_id))

    def may_manage(self, info: DatasetInfo) -> bool:
        """Whether they may rename, change, share and delete it.

        What belongs to all, everybody may change who works on the same computer, and on a host
        its operator.
        """
        owner = owner_of(info)
        if not owner:
            return self.unlimited
        return may_manage(owner, self.caller)

    def check_may_manage(self, info: DatasetInfo, what: str) -> None:
        """Refuse a change of what is not theirs.

        Raises
        ------
        NotYourDatasetError
        """
        if not self.may_manage(info):
            raise NotYourDatasetError(what)

    def catalog(self, settings: Settings) -> Catalog:
        """Open the catalog as it is for them: what they may not see is not in it."""
        return Catalog(settings.datasets_dir, None if self.unlimited else self.may_see)

    def images_of(self, run: Run, settings: Settings) -> DatasetInfo | None:
        """Find the data set of a run, if they may see its images; None if not, or it is gone."""
        catalog = Catalog(settings.datasets_dir, lambda info: self.may_see_images(info, run.id))
        return catalog.find(run.config.dataset, run.config.fingerprint)

    def may_see_images_of(self, run: Run, settings: Settings) -> bool:
        """Whether they may see what a run keeps of its images.

        If its data set is gone, nobody but the owner of the run has to do with them. One that
        was opened from an archive has pixels of its own, and those of an example are for all.
        """
        if self.unlimited or self.images_of(run, settings) is not None:
            return True
        if run.owner == EXAMPLE_OWNER:
            return True
        everything = Catalog(settings.datasets_dir)
        gone = everything.find(run.config.dataset, run.config.fingerprint) is None
        return (gone or not run.attempt) and may_manage(run.owner, self.caller)

    def has(self, key: str) -> bool:
        """Whether a link gave this key along."""
        # All are compared, each in a time that does not tell how much of it was right.
        given = [secrets.compare_digest(key.encode(), each.encode()) for each in self.keys]
        return bool(key) and any(given)


def _key(info: DatasetInfo, what: str) -> str:
    if not info.link_key:
        return ""
    digest = hmac.digest(info.link_key.encode(), b"flatland pictures " + what.encode(), "sha256")
    return base64.urlsafe_b64encode(digest[:24]).decode()


def renew_links(info: DatasetInfo, viewer: Viewer, settings: Settings) -> DatasetInfo:
    """Let all links with pictures that were handed out for a data set stop working.

    Raises
    ------
    DatasetError
        If it is gone, or not theirs.
    """
    viewer.check_may_manage(info, "share")
    return Catalog(settings.datasets_dir).renew_link_key(info.name)
