"""Who is next: fair between owners, then by age."""

from __future__ import annotations

import heapq
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from typing import NamedTuple


class QueuedJob(NamedTuple):
    """A run in the queue; `created` in seconds since 1970."""

    run_id: str
    owner: str
    created: float


def queue_order(
    waiting: Iterable[QueuedJob], active: Mapping[str, int], served: Mapping[str, float]
) -> list[str]:
    """Order the queue as it will be served.

    Next is a run of the owner with the fewest runs at work; among those, of the
    one who was served longest ago; among those, the oldest. So one person's ten
    runs do not make another wait for more than one of them.

    Parameters
    ----------
    active : mapping of owner to int
        Runs at work; owners without any may be missing.
    served : mapping of owner to float
        When a run of an owner was last started, in seconds since 1970.

    Returns
    -------
    list of str
        Ids of all waiting runs, the next one first.
    """
    by_age: dict[str, deque[QueuedJob]] = defaultdict(deque)
    for run in sorted(waiting, key=lambda run: (run.created, run.run_id)):
        by_age[run.owner].append(run)
    turns = [
        (active.get(owner, 0), served.get(owner, 0.0), runs[0].created, runs[0].run_id, owner)
        for owner, runs in by_age.items()
    ]
    heapq.heapify(turns)
    now = max(served.values(), default=0.0)
    line = []
    while turns:
        n_active, _, _, run_id, owner = heapq.heappop(turns)
        line.append(run_id)
        runs = by_age[owner]
        runs.popleft()
        now += 1  # whoever was served now comes after those who were served before
        if runs:
            heapq.heappush(turns, (n_active + 1, now, runs[0].created, runs[0].run_id, owner))
    return line
