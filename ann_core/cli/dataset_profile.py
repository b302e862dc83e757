"""The command that looks for problems in the pictures: dataset survey."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer

from ann_core.cli.app import JsonOption, catalog, progress_bar, say, show_json, show_table
from ann_core.cli.dataset import NameArgument, group
from ann_core.datasets.dataset import Dataset
from ann_core.datasets.profile.issues import RULES
from ann_core.datasets.profile.label_mistakes import describe_check
from ann_core.datasets.profile.profile import DatasetProfile, profile_dataset
from ann_core.settings import get_settings


@group.command("survey")
def look_for_issues(
    name: NameArgument,
    *,
    kind: Annotated[
        str,
        typer.Option(
            help="List the pictures with one kind of problem, such as label_mistake; without it, "
            "all kinds are counted."
        ),
    ] = "",
    json: JsonOption = False,
) -> None:
    """Look for duplicates, label mistakes, and dark, empty, blurred and odd pictures."""
    if kind and kind not in RULES:
        raise typer.BadParameter(
            f"Expected one of {', '.join(RULES)}, got '{kind}'.", param_hint="'--kind'"
        )
    dataset, settings = catalog().load(name), get_settings()
    with progress_bar("looking at the pictures") as progress:
        profile = profile_dataset(
            dataset, settings.profiles_dir, progress, features_dir=settings.features_dir
        )
    if json:
        show_json(_as_dict(dataset, profile, kind))
    elif kind:
        _show_kind(dataset, profile, kind)
    else:
        rows = [
            (each, len(profile.issues_of(each)), len(profile.rows_of(each)), rule)
            for each, rule in RULES.items()
        ]
        show_table(("kind", "issues", "pictures", "rule"), rows)
        _say_check(dataset, profile)


def _as_dict(dataset: Dataset, profile: DatasetProfile, kind: str) -> dict[str, Any]:
    """Describe the issues; pictures are counted from 1, as other commands take them."""
    sources = dataset.images["source"].to_numpy()
    issues = [
        {
            "kind": issue.kind,
            "pictures": [row + 1 for row in issue.rows],
            "files": [str(sources[row]) for row in issue.rows],
            "detail": issue.detail,
            "leave_out": [row + 1 for row in issue.leave_out],
        }
        | ({"looks_like": issue.looks_like} if issue.looks_like else {})
        | ({"certainty": round(issue.certainty, 4)} if issue.looks_like else {})
        for issue in profile.issues
        if kind in ("", issue.kind)
    ]
    check = profile.label_check
    return {
        "dataset": dataset.name,
        "n_images": len(dataset),
        "label_check": None if check is None else asdict(check),
        "issues": issues,
    }


def _show_kind(dataset: Dataset, profile: DatasetProfile, kind: str) -> None:
    images = dataset.images
    columns = ("issue", "picture", "class", "split", "what", "file")
    issues = [issue for issue in profile.issues if issue.kind == kind]
    rows = [
        (
            *(number, row + 1, images["class_name"].iat[row], images["split"].iat[row]),
            *(issue.detail, images["source"].iat[row]),
        )
        for number, issue in enumerate(issues, 1)
        for row in issue.rows
    ]
    show_table(columns, rows)
    if kind == "label_mistake":
        _say_check(dataset, profile)


def _say_check(dataset: Dataset, profile: DatasetProfile) -> None:
    if profile.label_check is not None:
        say(f"Label mistakes: {describe_check(profile.label_check, len(dataset))}")
