"""Commands that take runs along: export, open."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Annotated

import typer

from ann_core.cli.app import JsonOption, RunArgument, app, progress_bar, registry, show_json
from ann_core.errors import ArchiveError
from ann_core.export.archive.archive import write_archive
from ann_core.export.archive.import_run import import_archive
from ann_core.export.code.code_bundle import code_bundle
from ann_core.files import check_target, replacing, write_bytes
from ann_core.runs.owners import OPERATOR, owner_digest
from ann_core.settings import get_settings


@app.command()
def export(
    run: RunArgument,
    to: Annotated[Path, typer.Option(help="File to write; replaced, if it exists.")],
    code: Annotated[
        bool,
        typer.Option(
            "--code", help="Programs that train it again and ask it, instead of the whole run."
        ),
    ] = False,
    json: JsonOption = False,
) -> None:
    """Pack a run into a zip file, which 'open' opens in another Flatland."""
    settings, exported = get_settings(), registry().get(run)
    check_target(to, (".zip",), "A zip file is what 'open' takes.")
    if code:
        write_bytes(to, code_bundle(exported, settings))
    else:
        with replacing(to) as file:
            write_archive(exported, settings, file)
    if json:
        show_json({"file": str(to), "bytes": to.stat().st_size})
    else:
        print(f"{to}: {to.stat().st_size / 1e6:.1f} MB")


@app.command("open")
def open_(
    archive: Annotated[Path, typer.Argument(help="What 'export' or the Results page wrote.")],
    json: JsonOption = False,
) -> None:
    """Open the archive of a run that was trained elsewhere, as a run of its own."""
    if not archive.is_file():
        raise ArchiveError(f"Expected the archive of a run, but there is no file '{archive}'.")
    with progress_bar("opening the run") as progress:
        run = import_archive(
            archive,
            get_settings(),
            registry(),
            owner=owner_digest(OPERATOR),
            submit_key=secrets.token_urlsafe(16),
            progress=progress,
        )
    if json:
        show_json({"run": run.id, "name": run.name})
    else:
        print(f"run {run.id}")
