"""Who is next: fair between addresses, then between owners, then by age."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple


class QueuedJob(NamedTuple):
    """A run in the queue; `created` in seconds since 1970, `address` "" where it is not known."""

    run_id: str
    owner: str
    created: float
    address: str = ""


def queue_order(
    waiting: Iterable[QueuedJob], active: Mapping[str, int], served: Mapping[str, float]
) -> list[str]:
    """Order the queue as it will be served.

    Next is a run of the owner with the fewest runs at work; among those, of the
    one who was served longest ago; among those, the oldest. So one person's ten
    runs do not make another wait for more than one of them. By the same rule, the owners at
    one address take turns among themselves first: ten keys of one person are no ten persons.

    Parameters
    ----------
    active : mapping of owner or address to int
        Runs at work; who has none may be missing.
    served : mapping of owner or address to float
        When a run of theirs was last started, in seconds since 1970.

    Returns
    -------
    list of str
        Ids of all waiting runs, the next one first.
    """
    by_age: dict[str, dict[str, list[QueuedJob]]] = defaultdict(lambda: defaultdict(list))
    for run in sorted(waiting, key=lambda run: (run.created, run.run_id)):
        by_age[run.address or run.owner][run.owner].append(run)
    lines = {party: _take_turns(owners, active, served) for party, owners in by_age.items()}
    return [run.run_id for run in _take_turns(lines, active, served)]


def _take_turns(
    lines: Mapping[str, Sequence[QueuedJob]],
    active: Mapping[str, int],
    served: Mapping[str, float],
) -> list[QueuedJob]:
    """Make one line of those of several parties; each keeps its own order."""
    turns = [
        (active.get(party, 0), served.get(party, 0.0), line[0].created, line[0].run_id, party, 0)
        for party, line in lines.items()
    ]
    heapq.heapify(turns)
    now = max(served.values(), default=0.0)
    merged = []
    while turns:
        n_active, _, _, _, party, number = heapq.heappop(turns)
        merged.append(lines[party][number])
        number += 1
        now += 1  # whoever was served now comes after those who were served before
        if number < len(lines[party]):
            head = lines[party][number]
            its_next = (n_active + 1, now, head.created, head.run_id, party, number)
            heapq.heappush(turns, its_next)
    return merged
