"""The command that takes a data set along: dataset export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ann_core.cli.app import JsonOption, catalog, progress_bar, show_json
from ann_core.cli.dataset import NameArgument, group
from ann_core.datasets.zip_export import write_zip


@group.command()
def export(
    name: NameArgument,
    *,
    to: Annotated[Path, typer.Option(help="Zip file to write; replaced, if it exists.")],
    by_split: Annotated[
        bool,
        typer.Option(
            "--by-split", help="Folders train, validation and test, with the classes inside."
        ),
    ] = False,
    json: JsonOption = False,
) -> None:
    """Write the pictures of a data set, as they came, into a zip file of class folders."""
    dataset = catalog().load(name)
    with progress_bar("writing the zip file") as progress:
        written = write_zip(dataset, to, by_split=by_split, progress=progress)
    if json:
        show_json(
            {"file": str(to), "n_pictures": written.n_images, "n_bytes": written.n_bytes}
            | {"by_split": by_split}
        )
        return
    print(f"{to}: {written.n_images:,} pictures, {written.n_bytes / 1e6:.1f} MB")
