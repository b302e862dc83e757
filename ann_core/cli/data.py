"""Commands that bring data sets in: import, sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, TypeVar

import typer

from ann_core.cli.app import JsonOption, app, catalog, progress_bar, show_json, show_table
from ann_core.datasets.dataset import Dataset
from ann_core.datasets.editing.edits import Balance
from ann_core.datasets.importing.archives import ArchiveLimits
from ann_core.datasets.importing.importer import ImportOptions, import_folder, import_zip
from ann_core.datasets.importing.layouts import LAYOUT_RULES
from ann_core.datasets.importing.name_encodings import ENCODINGS
from ann_core.datasets.importing.preview import preview
from ann_core.datasets.sources.addresses import file_name, is_address
from ann_core.datasets.sources.builtin import BUILT_INS, import_builtin
from ann_core.datasets.sources.cartoons import CartoonConfig
from ann_core.datasets.sources.downloads import DOWNLOADS, available_downloads, import_download
from ann_core.datasets.sources.from_address import import_address
from ann_core.datasets.sources.reserved import suggested_name
from ann_core.datasets.split import SPLITS, SplitConfig
from ann_core.errors import ConfigError, DatasetError
from ann_core.file_names import archive_stem, typed_path
from ann_core.files import ProgressCallback, data_size
from ann_core.settings import get_settings

T = TypeVar("T", bound=str)


def _listed(choices: Mapping[T, str]) -> str:
    return ", ".join(f"{key} ({text[0].lower()}{text[1:]})" for key, text in choices.items())


class SplitOptions:
    """How pictures are divided, as options of several commands."""

    Train = Annotated[float, typer.Option(help="Share for training, 0.02 to 0.9.")]
    Validation = Annotated[
        float, typer.Option(help="Share for validation, 0.02 to 0.9; the rest is for the test.")
    ]
    Seed = Annotated[int, typer.Option(help="Same seed, same split.")]
    Together = Annotated[
        bool,
        typer.Option("--copies-together", help="Keep the same picture, or nearly, in one split."),
    ]
    Pattern = Annotated[
        str,
        typer.Option(
            help="Regular expression with one group that finds in the name of a file who or what "
            "must not be in two splits, such as '(patient\\d+)_'."
        ),
    ]
    ByGroups = Annotated[
        bool,
        typer.Option(
            "--by-groups",
            help="Keep those of a group in one split, by the table groups.csv (source,group) that "
            "came with the pictures.",
        ),
    ]


class BalanceOptions:
    """How unequal classes may be, as options of several commands."""

    Cap = Annotated[
        int | None, typer.Option(help="Most pictures of a class; which stay is thrown by the seed.")
    ]
    Floor = Annotated[
        int | None, typer.Option(help="Classes with fewer pictures are left out as a whole.")
    ]


SourceArgument = Annotated[
    str,
    typer.Argument(
        help="A folder, a zip or tar file, the address of one (https://...), a built-in set "
        "(cartoons, digits), or a download; "
        "'python -m ann_core sources' lists the last two."
    ),
]
SetName = Annotated[
    str, typer.Option(help="What to call the data set; made of the source's by default.")
]
SplitRule = Annotated[
    str,
    typer.Option(
        help="Rule for train, validation and test: stratified (exact shares of each class) "
        "or article (a throw for each picture). Splits that come with the pictures are kept."
    ),
]
CartoonKnobs = Annotated[
    list[str] | None,
    typer.Option(
        help="A knob of the cartoons and its value, may be repeated: "
        f"{', '.join(CartoonConfig.model_fields)}. Such as --cartoon shift=0.4."
    ),
]


class ReadingOptions:
    """How files are read that bring no index."""

    ReadAs = Annotated[
        str, typer.Option(help="How folders and names are read: " + _listed(LAYOUT_RULES) + ".")
    ]
    NamesIn = Annotated[
        str,
        typer.Option(
            help="Encoding of names in an archive that do not say theirs: "
            f"{', '.join(ENCODINGS)}. Guessed by default."
        ),
    ]
    DryRun = Annotated[
        bool, typer.Option("--dry-run", help="Say what would be read as what, and stop.")
    ]


@app.command("import")
def import_(
    source: SourceArgument,
    name: SetName = "",
    split: SplitRule = "stratified",
    train: SplitOptions.Train = 0.8,
    validation: SplitOptions.Validation = 0.1,
    seed: SplitOptions.Seed = 42,
    together: SplitOptions.Together = False,
    group_pattern: SplitOptions.Pattern = "",
    by_groups: SplitOptions.ByGroups = False,
    cap: BalanceOptions.Cap = None,
    floor: BalanceOptions.Floor = None,
    cartoon: CartoonKnobs = None,
    read_as: ReadingOptions.ReadAs = "auto",
    names_in: ReadingOptions.NamesIn = "",
    dry_run: ReadingOptions.DryRun = False,
    json: JsonOption = False,
) -> None:
    """Add pictures and split them."""
    if not source.strip("\"' "):  # a path of its own would be the folder that one is in
        raise DatasetError(
            "Expected a folder, a file, an address or the name of a set, got nothing."
        )
    options = _options(read_as, names_in)
    if dry_run:
        _show_preview(source, options, json)
        return
    values: dict[str, Any] = {"rule": split, "train": train, "validation": validation, "seed": seed}
    values |= {"duplicates": together, "group_pattern": group_pattern, "group_table": by_groups}
    balance = Balance.parse({"cap": cap, "floor": floor, "seed": seed}) if cap or floor else None
    options = replace(options, split=SplitConfig.parse(values), balance=balance)
    show_dataset(_import(source, name, options, cartoon or []), json=json)


@app.command()
def sources(json: JsonOption = False) -> None:
    """List the sets that can be imported by name: built-in ones, and downloads."""
    rows: list[dict[str, Any]] = [
        {"name": b.name, "title": b.title, "description": b.description, "source": "built-in"}
        for b in BUILT_INS.values()
    ]
    for d in available_downloads(get_settings()).values():
        row: dict[str, Any] = {"name": d.key, "title": d.title, "source": d.source}
        row |= {"description": d.description, "n_pictures": d.n_images}
        row["n_bytes"] = d.n_bytes or None
        rows.append(row | {"class_names": d.class_names, "licence": d.licence})
    if json:
        show_json(rows)
        return
    show_table(
        ("name", "what it is", "download", "licence", "source"),
        [
            (
                *(row["name"], row["description"], _data_size(row.get("n_bytes", 0))),
                *(row.get("licence", ""), row["source"]),
            )
            for row in rows
        ],
    )


def _chosen(option: str, text: str, choices: Mapping[T, str]) -> T:
    """Refuse what is none of the choices."""
    for choice in choices:
        if choice == text.lower():
            return choice
    raise ConfigError(option, [f"expected one of {', '.join(choices)}, got '{text}'"])


def _name_of(source: str) -> str:
    """Make a name as the page does; what Flatland brings along has its own."""
    if is_address(source):
        return suggested_name(archive_stem(file_name(source)), catalog())
    path = typed_path(source).resolve()
    if source in BUILT_INS or (source in DOWNLOADS and not path.exists()):
        return source
    return suggested_name(path.name if path.is_dir() else archive_stem(path.name), catalog())


def _show_preview(source: str, options: ImportOptions, json: bool) -> None:
    path = typed_path(source)
    if not path.exists():
        raise DatasetError(f"Expected a folder, a zip or a tar file, but there is no '{source}'.")
    seen = preview(path, reading=options.reading, encoding=options.encoding, limits=options.limits)
    if json:
        show_json({"reading": list(seen.sentences), "encoding": seen.encoding})
        return
    for sentence in seen.sentences:
        print(sentence)


def _options(read_as: str, names_in: str) -> ImportOptions:
    settings = get_settings()
    return ImportOptions(
        limits=ArchiveLimits.of(settings),
        features_dir=settings.features_dir,
        reading=_chosen("--read-as", read_as, LAYOUT_RULES),
        encoding=_chosen("--names-in", names_in, ENCODINGS) if names_in else None,
    )


def _import(source: str, name: str, options: ImportOptions, knobs: list[str]) -> Dataset:
    name = name or _name_of(source)
    if knobs and source != "cartoons":
        raise ConfigError("Import", ["expected --cartoon only with the built-in set 'cartoons'"])
    catalog().check_new_name(name)
    with progress_bar(f"importing {name}") as progress:
        return _from(source, name, options, knobs=knobs, progress=progress)


def _from(
    source: str,
    name: str,
    options: ImportOptions,
    *,
    knobs: list[str],
    progress: ProgressCallback,
) -> Dataset:
    path, settings = typed_path(source), get_settings()
    if source in BUILT_INS:
        cartoons = CartoonConfig.parse(cartoon_values(knobs)) if knobs else None
        return import_builtin(
            source, name, catalog(), cartoons=cartoons, options=options, progress=progress
        )
    if is_address(source):
        return import_address(source, name, settings, options=options, progress=progress)
    if path.is_dir():
        return import_folder(path, name, catalog(), options=options, progress=progress)
    if source in DOWNLOADS and not path.exists():
        return import_download(source, name, settings, options=options, progress=progress)
    return import_zip(path, name, catalog(), options=options, progress=progress)


def _data_size(n_bytes: int | None) -> str:
    if n_bytes is None:
        return "unknown"
    return data_size(n_bytes) if n_bytes else "none"


def cartoon_values(settings: list[str]) -> dict[str, Any]:
    """Read knobs of cartoons and their values, as they are typed.

    Raises
    ------
    ConfigError
        If one has no value.
    """
    values: dict[str, Any] = {}
    for setting in settings:
        knob, equals, value = setting.partition("=")
        if not equals:
            raise ConfigError("Cartoon settings", [f"expected knob=value, got {setting!r}"])
        values[knob] = value
    return values


def show_dataset(dataset: Dataset, *, json: bool) -> None:
    """Print the classes of a data set, what was changed, and what was left out."""
    if json:
        skipped = dataset.skipped.to_dict(orient="records")
        show_json(dataset.info.as_dict() | {"skipped": skipped})
        return
    info = dataset.info
    print(f"{info.name}: {info.n_images:,} pictures, {info.n_skipped:,} left out")
    for change in info.changes:
        print(f"changed: {change}")
    rows = [(c, *(info.counts[c].get(s, 0) for s in SPLITS)) for c in info.class_names]
    show_table(("class", *SPLITS), rows)
    for sentence in info.reading:
        print(sentence)
    if info.about_bits:
        print(info.about_bits)
    for source, reason in dataset.skipped.head(20).itertuples(index=False):
        print(f"left out: {source}: {reason}")
    if info.n_skipped > 20:
        print(f"... and {info.n_skipped - 20:,} more, see {dataset.folder / 'skipped.csv'}")
