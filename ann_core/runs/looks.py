"""Whose result on the test images was looked at: a test split is a fair judge only once.

Who looks at thirty results and takes the best has chosen by the test images. The count stays
when a run is deleted, for what was seen is not unseen.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable

import sqlalchemy as sa

from ann_core.runs.run import Run
from ann_core.runs.schema import test_looks
from ann_core.runs.store import Store

log = logging.getLogger(__name__)


class TestLooks:
    """The runs whose test accuracy was shown to somebody, by the content of the data set.

    Parameters
    ----------
    store : Store
    """

    __test__ = False  # its name looks like one to pytest

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, runs: Iterable[Run]) -> None:
        """Note that the test results of these runs are shown; a second time changes nothing.

        A full disk does not keep anybody from looking: it is logged.
        """
        by_id = {run.id: run for run in runs if run.result is not None}
        if not by_id:
            return
        known = sa.select(test_looks.c.run).where(test_looks.c.run.in_(by_id))
        try:
            with self._store.engine.begin() as db:
                self._store.lock(db)
                lines = [
                    {"run": run.id, "split": run.config.fingerprint, "owner": run.owner}
                    for run in (by_id[each] for each in by_id.keys() - set(db.scalars(known)))
                ]
                if lines:
                    db.execute(sa.insert(test_looks).values(at=self._store.now), lines)
        except sa.exc.DBAPIError as error:
            log.warning("a look at test results could not be noted: %s", error)

    def count(self, fingerprint: str, owners: Collection[str] | None = None) -> int:
        """Count the runs on this data set whose test results were looked at.

        Parameters
        ----------
        fingerprint : str
            ``RunConfig.fingerprint``: the content of a data set, its split included.
        owners : collection of str, optional
            Count the runs of these owners (digests) only.
        """
        query = sa.select(sa.func.count()).where(test_looks.c.split == fingerprint)
        if owners is not None:
            query = query.where(test_looks.c.owner.in_(owners))
        with self._store.reading() as db:
            return int(db.scalar(query) or 0)
