"""The command that takes the table: table."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ann_core.cli.app import JsonOption, app, catalog, progress_bar, show_json
from ann_core.cli.options import Given, config_options, preprocess_config, stretched
from ann_core.datasets.parquet import write_table
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.settings import get_settings


@app.command()
@config_options(PreprocessConfig)
def table(
    *,
    dataset: Annotated[str, typer.Argument(help="Name of a data set.")],
    out: Annotated[Path, typer.Option(help="File to write; replaced, if it exists.")],
    split: Annotated[str, typer.Option(help="train, validation, test or all")] = "train",
    given: Given,
    json: JsonOption = False,
) -> None:
    """Write the pixels of a split, and the class, as a Parquet file for pandas."""
    config = preprocess_config(given)
    data = catalog().load(dataset)
    config = stretched(config, given, data.info)
    with progress_bar("writing the table") as progress:
        written = write_table(
            data,
            config,
            split,
            features_root=get_settings().features_dir,
            target=out,
            progress=progress,
        )
    if json:
        show_json(asdict(written))
        return
    print(
        f"{out}: {written.n_rows:,} rows, {written.n_columns:,} columns, "
        f"{written.n_bytes / 1e6:.1f} MB\n"
        f"In Python: pandas.read_parquet({str(out)!r})"
    )
