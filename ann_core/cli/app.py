"""What all commands share: the application, output for people and machines."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated, Any, NoReturn

import typer
from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ann_core.datasets.catalog import Catalog
from ann_core.files import ProgressCallback
from ann_core.runs.registry import Registry
from ann_core.settings import get_settings

app = typer.Typer(
    name="ann_core",
    help="Train dense networks on flattened pictures, from the command line.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
RunArgument = Annotated[
    str, typer.Argument(help="Id of a run; 'python -m ann_core runs' lists them.")
]

NameOption = Annotated[str, typer.Option(help="What to call the run.")]

stderr = Console(stderr=True, highlight=False)

opened = contextlib.ExitStack()
"""What a command has opened, and `main` closes."""


def catalog() -> Catalog:
    """Open the shelf of data sets."""
    return Catalog(get_settings().datasets_dir)


def registry() -> Registry:
    """Open the run registry, for as long as the command runs."""
    settings = get_settings()
    return opened.enter_context(Registry(settings.registry_url, settings.lease_seconds))


def fail(sentence: str) -> NoReturn:
    """Say what is wrong and leave with code 1."""
    print(sentence, file=sys.stderr)
    sys.exit(1)


def show_json(value: Any) -> None:
    """Print one JSON document; times in ISO 8601."""
    print(json.dumps(value, indent=2, ensure_ascii=False, default=_plain))


def show_table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print aligned columns, numbers to the right.

    A row is a line, however long: a value that was cut or wrapped cannot be
    copied, and a program behind a pipe would misread it.
    """
    lines = [tuple(columns), *(tuple(_text(cell) for cell in row) for row in rows)]
    widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
    numeric = [
        bool(rows) and all(isinstance(row[number], (int, float)) for row in rows)
        for number in range(len(columns))
    ]
    for line in lines:
        padded = []
        for cell, width, right in zip(line, widths, numeric, strict=True):
            space = " " * (width - cell_len(cell))
            padded.append(space + cell if right else cell + space)
        print("  ".join(padded).rstrip())


@contextlib.contextmanager
def progress_bar(label: str) -> Iterator[ProgressCallback]:
    """Show a bar on the error stream; gives the function that moves it.

    It appears with the first move: before that, an error stands alone.
    """
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    bar = Progress(*columns, console=stderr)
    task = bar.add_task(label, total=None)

    def move(done: int, total: int) -> None:
        bar.start()
        bar.update(task, completed=done, total=total)

    try:
        yield move
    finally:
        if bar.live.is_started:
            bar.stop()


def say(text: str) -> None:
    """Tell a person something, on the error stream."""
    print(text, file=sys.stderr, flush=True)


def _text(cell: Any) -> str:
    """Write a cell on one line: file names may hold line breaks."""
    return " ".join(str(cell).split("\n"))


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
