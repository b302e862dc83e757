"""What all commands share: the application, output for people and machines."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from ann_core.datasets.catalog import Catalog
from ann_core.files import Progress as Report
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

_stderr = Console(stderr=True, highlight=False)
_stdout = Console(highlight=False)


def catalog() -> Catalog:
    """Open the shelf of data sets."""
    return Catalog(get_settings().datasets_dir)


def registry() -> Registry:
    """Open the run registry."""
    return Registry(get_settings().registry_url)


def fail(sentence: str) -> None:
    """Say what is wrong and leave with code 1."""
    print(sentence, file=sys.stderr)
    sys.exit(1)


def show_json(value: Any) -> None:
    """Print one JSON document."""
    print(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def show_table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print aligned columns; numbers to the right."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for number, column in enumerate(columns):
        numeric = bool(rows) and all(isinstance(row[number], (int, float)) for row in rows)
        table.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    _stdout.print(table)


@contextlib.contextmanager
def progress_bar(label: str, unit_total: int | None = None) -> Iterator[Report]:
    """Show a bar on the error stream; gives the function that moves it."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=_stderr, transient=False) as bar:
        task = bar.add_task(label, total=unit_total)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def say(text: str) -> None:
    """Tell a person something, on the error stream."""
    _stderr.print(text, markup=False)
