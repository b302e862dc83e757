"""Commands that make a new version of a data set: dataset add, move, split, balance, and more."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from ann_core.cli.app import JsonOption, catalog, progress_bar
from ann_core.cli.data import BalanceOptions, SplitOptions, show_dataset
from ann_core.cli.dataset import NameArgument, group
from ann_core.datasets.editing.draft import VersionOptions
from ann_core.datasets.editing.edits import (
    AddImages,
    Balance,
    DeleteClass,
    Edit,
    LeaveOut,
    MergeClasses,
    MoveImages,
    RenameClass,
    SplitAnew,
)
from ann_core.datasets.editing.family import version_name
from ann_core.datasets.editing.rows import rows_named
from ann_core.datasets.editing.versions import make_version
from ann_core.datasets.importing.archives import ArchiveLimits
from ann_core.datasets.importing.uploads import (
    images_upload,
    remove_upload,
    store_upload,
    upload_token,
)
from ann_core.errors import DatasetError
from ann_core.settings import get_settings

VersionName = Annotated[
    str,
    typer.Option(
        "--name", help="What to call the new version; by default NAME with the next number."
    ),
]
ImageNames = Annotated[
    list[str],
    typer.Argument(
        metavar="PICTURES...",
        help="Numbers as Explore shows them (7), ranges (10-20), or names of files ('cat/1*.jpg').",
    ),
]


@group.command("leave-out")
def leave_out(
    name: NameArgument, images: ImageNames, new: VersionName = "", json: JsonOption = False
) -> None:
    """Make a version without some pictures."""
    rows = rows_named(catalog().load(name), images)
    _make(name, [LeaveOut(rows=rows)], new, json=json)


@group.command()
def move(
    name: NameArgument,
    images: ImageNames,
    to: Annotated[str, typer.Option(help="Class to put them into, which may be a new one.")],
    new: VersionName = "",
    json: JsonOption = False,
) -> None:
    """Make a version with some pictures in another class."""
    rows = rows_named(catalog().load(name), images)
    _make(name, [MoveImages.parse({"rows": rows, "to": to})], new, json=json)


@group.command()
def add(
    name: NameArgument,
    source: Annotated[Path, typer.Argument(help="A picture, a folder or a zip file.")],
    class_name: Annotated[
        str,
        typer.Option(
            "--class",
            help="Class of all of them, which may be a new one; by default their folders tell.",
        ),
    ] = "",
    new: VersionName = "",
    json: JsonOption = False,
) -> None:
    """Make a version with more pictures; they are checked as at an import."""
    values = {"source": "folder", "what": str(source), "class_name": class_name}
    _make(name, [AddImages.parse(values)], new, json=json)


@group.command("rename-class")
def rename_class(
    name: NameArgument,
    class_name: Annotated[str, typer.Argument(metavar="CLASS", help="What it is called now.")],
    to: Annotated[str, typer.Argument(help="Its name in the new version.")],
    new: VersionName = "",
    json: JsonOption = False,
) -> None:
    """Make a version with another name for a class."""
    _make(name, [RenameClass.parse({"class_name": class_name, "to": to})], new, json=json)


@group.command("delete-class")
def delete_class(
    name: NameArgument,
    class_name: Annotated[str, typer.Argument(metavar="CLASS", help="Class that goes.")],
    new: VersionName = "",
    json: JsonOption = False,
) -> None:
    """Make a version without a class and its pictures."""
    _make(name, [DeleteClass.parse({"class_name": class_name})], new, json=json)


@group.command("merge-classes")
def merge_classes(
    name: NameArgument,
    class_names: Annotated[list[str], typer.Argument(metavar="CLASSES...", help="Two or more.")],
    into: Annotated[str, typer.Option(help="One of them, or a new name.")],
    new: VersionName = "",
    json: JsonOption = False,
) -> None:
    """Make a version with one class out of several."""
    values = {"class_names": class_names, "into": into}
    _make(name, [MergeClasses.parse(values)], new, json=json)


@group.command()
def split(
    name: NameArgument,
    rule: Annotated[str, typer.Option(help="stratified or article")] = "stratified",
    train: SplitOptions.Train = 0.8,
    validation: SplitOptions.Validation = 0.1,
    seed: SplitOptions.Seed = 42,
    together: SplitOptions.Together = False,
    group_pattern: SplitOptions.Pattern = "",
    groups: Annotated[
        Path | None,
        typer.Option(help="CSV with the columns source and group; pictures of one stay together."),
    ] = None,
    by_groups: SplitOptions.ByGroups = False,
    new: VersionName = "",
    json: JsonOption = False,
) -> None:
    """Make a version that is split anew; a test split that came with the pictures stays."""
    values: dict[str, Any] = {"rule": rule, "train": train, "validation": validation, "seed": seed}
    values |= {"duplicates": together, "group_pattern": group_pattern}
    values |= {"group_table": by_groups or groups is not None}
    edit: dict[str, Any] = {"split": values}
    if groups is None:
        _make(name, [SplitAnew.parse(edit)], new, json=json)
        return
    if not groups.is_file():
        raise DatasetError(f"Expected a table of groups, but there is no file '{groups}'.")
    root = get_settings().uploads_dir
    upload = images_upload({"groups": [(groups.name, groups.read_bytes())]})
    token = upload_token("groups", upload.identity)
    try:
        store_upload(upload, root, token)
        _make(name, [SplitAnew.parse(edit | {"upload": token})], new, json=json)
    finally:
        remove_upload(root, token)


@group.command()
def balance(
    name: NameArgument,
    cap: BalanceOptions.Cap = None,
    floor: BalanceOptions.Floor = None,
    seed: Annotated[int, typer.Option(help="Same seed, same pictures.")] = 42,
    new: VersionName = "",
    json: JsonOption = False,
) -> None:
    """Make a version whose classes are more equal in size."""
    edit = Balance.parse({"cap": cap, "floor": floor, "seed": seed})
    _make(name, [edit], new, json=json)


def _make(name: str, edits: Sequence[Edit], new: str, *, json: bool) -> None:
    """Make a version and show it."""
    datasets, settings = catalog(), get_settings()
    dataset = datasets.load(name)
    options = VersionOptions(
        new or version_name(dataset.info, datasets),
        uploads_dir=settings.uploads_dir,
        profiles_dir=settings.profiles_dir,
        limits=ArchiveLimits.of(settings),
    )
    with progress_bar(f"making {options.name}") as progress:
        version = make_version(dataset, edits, datasets, options=options, progress=progress)
    show_dataset(version, json=json)
