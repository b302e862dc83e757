"""Commands for one data set: dataset list, show, rename, delete, versions, and what changes it."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from ann_core.cli.app import JsonOption, app, catalog, registry, say, show_json, show_table
from ann_core.datasets.dataset import DatasetInfo
from ann_core.datasets.editing.family import family
from ann_core.datasets.split import SPLITS
from ann_core.errors import DatasetError
from ann_core.runs.dataset_owners import Viewer
from ann_core.runs.erasing import BusyDatasetError, called, erase, relatives, stop_jobs_on
from ann_core.runs.run import Run
from ann_core.settings import get_settings

_STOP_SECONDS, _LOOK_SECONDS = 60.0, 0.2

group = typer.Typer(
    name="dataset",
    help="Look at a data set, rename or delete it, and make new versions of it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(group)

NameArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="Name of a data set; 'dataset list' shows them.")
]


@group.command("list")
def list_(json: JsonOption = False) -> None:
    """List the data sets."""
    show_datasets(json=json)


@app.command()
def datasets(json: JsonOption = False) -> None:
    """List the data sets; the same as 'dataset list'."""
    show_datasets(json=json)


@group.command()
def show(name: NameArgument, json: JsonOption = False) -> None:
    """Show the classes of a data set, where it comes from, and the runs on it."""
    info = catalog().info(name)
    runs = runs_on(info)
    if json:
        show_json(info.as_dict() | {"runs": [run.id for run in runs]})
        return
    print(f"{info.name}: {info.n_images:,} pictures, {info.n_skipped:,} left out")
    print(f"source: {info.source}")
    if info.parent:
        print(f"made of: {info.parent}")
    for change in info.changes:
        print(f"  {change}")
    rows = [(c, *(info.counts[c].get(s, 0) for s in SPLITS)) for c in info.class_names]
    show_table(("class", *SPLITS), rows)
    for run in runs:
        print(f"run {run.id}: {run.name or run.status}")


@group.command()
def versions(name: NameArgument, json: JsonOption = False) -> None:
    """List a data set, what it was made of, and all that was made of it."""
    related = family(catalog().infos(), catalog().info(name))
    if json:
        fields = {"name", "parent", "changes", "created", "n_images", "fingerprint"}
        show_json(
            [
                info.model_dump(mode="json", include=fields)
                | {"runs": [run.id for run in runs_on(info)]}
                for info in related
            ]
        )
        return
    rows = [
        (i.name, i.parent or "-", i.n_images, len(runs_on(i)), "; ".join(i.changes) or i.source)
        for i in related
    ]
    show_table(("name", "made of", "pictures", "runs", "what changed"), rows)


@group.command()
def rename(
    name: NameArgument,
    to: Annotated[str, typer.Argument(help="Its name from now on.")],
    json: JsonOption = False,
) -> None:
    """Give a data set another name; its runs find it by its content."""
    info = catalog().rename(name, to)
    show_json({"name": info.name, "was": name}) if json else say(f"{name} is {info.name} now")


@group.command()
def delete(name: NameArgument, json: JsonOption = False) -> None:
    """Delete a data set; versions keep their pictures and runs what they show, unlike 'erase'."""
    info = catalog().info(name)
    runs = runs_on(info)
    catalog().delete(name)
    if json:
        show_json({"deleted": name, "runs": [run.id for run in runs]})
        return
    kept = f"; {len(runs):,} runs on it keep their results" if runs else ""
    say(f"{name}: deleted{kept}")


@group.command("erase")
def erase_(
    name: NameArgument,
    versions: Annotated[
        bool | None,
        typer.Option(
            "--versions/--only",
            help="Whether the data sets that hold some of the same pictures are erased as well.",
        ),
    ] = None,
    stop: Annotated[
        bool, typer.Option("--stop", help="Stop what works on the pictures, and wait for its end.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Erase the pictures of a data set, all that was made of them, and what runs keep of them."""
    settings, runs, anybody = get_settings(), registry(), Viewer()
    info = catalog().info(name)
    others = relatives(info, settings)
    if others and versions is None:
        raise DatasetError(
            f"{called([info])} shares pictures with {called(others)}. Nothing was erased: add "
            "--versions to erase those as well, or --only to keep them."
        )
    names = [name, *(other.name for other in others if versions)]
    if stop:
        stop_jobs_on(runs, settings, names, by=anybody)
    until = time.monotonic() + (_STOP_SECONDS if stop else 0)
    while True:
        try:
            erase(runs, settings, names, by=anybody)
            break
        except BusyDatasetError:
            if time.monotonic() >= until:
                raise
            time.sleep(_LOOK_SECONDS)
    show_json({"erased": names}) if json else say(f"{', '.join(names)}: erased")


def show_datasets(*, json: bool) -> None:
    """Print a line a data set."""
    infos = catalog().infos()
    if json:
        show_json([info.as_dict() for info in infos])
        return
    rows = [(i.name, i.n_images, len(i.class_names), i.n_skipped, i.source) for i in infos]
    show_table(("name", "pictures", "classes", "left out", "source"), rows)


def runs_on(info: DatasetInfo) -> list[Run]:
    """Find the runs that were trained on the very content of a data set."""
    return [run for run in registry().recent() if run.config.fingerprint == info.fingerprint]
