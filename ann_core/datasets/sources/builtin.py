"""Data sets that need no network and no images of one's own."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import Dataset, DatasetInfo
from ann_core.datasets.importing.importer import ImportOptions, import_folder
from ann_core.datasets.sources.cartoon_files import write_cartoons
from ann_core.datasets.sources.cartoons import CartoonConfig
from ann_core.datasets.sources.digits import write_digits
from ann_core.errors import DatasetError
from ann_core.files import ProgressCallback, no_progress, staged_folder


@dataclass(frozen=True)
class BuiltIn:
    """A built-in set, for choosing."""

    name: str
    title: str
    description: str


BUILT_INS = {
    "cartoons": BuiltIn(
        "cartoons", "Cartoon cats and dogs", "2,000 drawings, two classes, drawn when you ask"
    ),
    "digits": BuiltIn(
        "digits", "Handwritten digits", "1,797 scanned digits of 8 × 8 pixels, ten classes"
    ),
}


def is_builtin(info: DatasetInfo, kind: str) -> bool:
    """Whether a data set was made by `import_builtin`, whatever it is called."""
    return kind in BUILT_INS and info.source == _source(kind)


def import_builtin(
    kind: str,
    name: str,
    catalog: Catalog,
    *,
    cartoons: CartoonConfig | None = None,
    options: ImportOptions | None = None,
    progress: ProgressCallback = no_progress,
) -> Dataset:
    """Make a built-in set and import it as if it came from a folder; it belongs to all.

    Cartoons with knobs of their own belong to whom `options` say.

    Parameters
    ----------
    kind : "cartoons" or "digits"
    cartoons : CartoonConfig, optional
        Knobs of the generator.

    Raises
    ------
    DatasetError
        If there is no such kind, or the name cannot be used.
    """
    if kind not in BUILT_INS:
        raise DatasetError(f"Expected one of {', '.join(BUILT_INS)}, got {kind!r}.")
    catalog.check_new_name(name)
    options = replace(options or ImportOptions(), source=_source(kind))
    options = replace(options, owner="") if cartoons is None else options
    with staged_folder(catalog.root) as folder:
        if kind == "cartoons":
            write_cartoons(folder, cartoons or CartoonConfig(), progress)
        else:
            write_digits(folder, progress)
        return import_folder(folder, name, catalog, options=options, move=True, progress=progress)


def _source(kind: str) -> str:
    """Where its images come from, in words; no other way of importing begins like this."""
    return f"built-in: {BUILT_INS[kind].title}"
