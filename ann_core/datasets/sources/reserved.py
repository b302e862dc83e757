"""Names that belong to the sets Flatland brings along: whoever asks for one gets that one."""

from __future__ import annotations

import unicodedata

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import DatasetInfo
from ann_core.datasets.sources.builtin import BUILT_INS, is_builtin
from ann_core.datasets.sources.downloads import DOWNLOADS, is_download
from ann_core.errors import DatasetError

_SPARE = "-built-in"  # of names for a built-in set whose own name was taken before it was reserved


def reserved_for(name: str) -> str | None:
    """Return the key of the built-in set or download that a name belongs to, in any spelling."""
    key, *_ = unicodedata.normalize("NFKC", name).casefold().partition(_SPARE)
    return key if key in BUILT_INS or key in DOWNLOADS else None


def check_reserved(name: str, key: str | None) -> None:
    """Refuse a name that belongs to another set than the one that is to have it.

    Parameters
    ----------
    key : str or None
        Of the built-in set or download; None for all that visitors bring.

    Raises
    ------
    DatasetError
    """
    if reserved_for(name) not in (None, key):
        raise DatasetError(
            f"The name '{name}' belongs to a data set that Flatland brings along, so that "
            f"everybody who asks for it gets that one. Choose another, such as 'my-{name}'."
        )


def suggested_name(text: str, catalog: Catalog) -> str:
    """Make a name for what a visitor brings that is free and belongs to nothing else."""
    name = catalog.free_name(text)
    return name if reserved_for(name) is None else catalog.free_name(f"my-{name}")


def find_builtin(key: str, catalog: Catalog) -> tuple[str, DatasetInfo | None]:
    """Find a built-in set or download that really is one, or the name under which it can be made.

    A data set that only has its name is passed by: before names were reserved, anybody
    could take it.
    """
    taken = {path.name.casefold() for path in catalog.root.glob("*")}
    infos = {info.name: info for info in catalog.infos()}
    names = [key, f"{key}{_SPARE}", *(f"{key}{_SPARE}-{n}" for n in range(2, len(taken) + 2))]
    for name in names:
        info = infos.get(name)
        if info is not None and _is_of(info, key):
            return name, info
        if name.casefold() not in taken:
            return name, None
    return names[-1], None


def _is_of(info: DatasetInfo, key: str) -> bool:
    return is_builtin(info, key) or is_download(info, key)
