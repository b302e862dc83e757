"""Which data sets are versions of one another, and what the next one may be called."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import DatasetInfo, display_name

_NUMBER = re.compile(r"-\d+$")


def family(infos: Sequence[DatasetInfo], info: DatasetInfo) -> list[DatasetInfo]:
    """Find what a data set was made of, and all that was made of it, the oldest first.

    A parent is known by its content, so it may have been renamed; one that is gone leaves its
    versions as they are.

    Parameters
    ----------
    infos : sequence of DatasetInfo
        All among which to look.
    """
    known = {info.name: info}
    grown = True
    while grown:
        grown = False
        for other in infos:
            is_new = other.name not in known
            if is_new and any(_is_parent(other, k) or _is_parent(k, other) for k in known.values()):
                known[other.name] = other
                grown = True
    return sorted(known.values(), key=lambda each: (each.created, each.name))


def version_name(info: DatasetInfo, catalog: Catalog) -> str:
    """Suggest a name that is free: ``pets-2``, and of that ``pets-3``."""
    name = display_name(info.name)
    return catalog.free_name((_NUMBER.sub("", name) if info.parent else name) or name)


def _is_parent(parent: DatasetInfo, child: DatasetInfo) -> bool:
    if not child.parent or parent.name == child.name:
        return False
    same = parent.fingerprint == child.parent_fingerprint
    return same and parent.created <= child.created
