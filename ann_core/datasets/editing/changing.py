"""What each edit does to the table of a version."""

from __future__ import annotations

from ann_core.datasets.editing.adding import add_images
from ann_core.datasets.editing.balancing import balance_classes, over_reason, under_reason
from ann_core.datasets.editing.draft import Draft
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
from ann_core.datasets.editing.splitting import split_anew
from ann_core.errors import DatasetError
from ann_core.files import counted


def change(draft: Draft, edit: Edit) -> Draft:
    """Make one change.

    Raises
    ------
    DatasetError
        If it is about images or classes that are not there, or changes nothing.
    """
    match edit:
        case LeaveOut():
            mask = draft.of_rows(edit.rows)
            reason = f"left out of {draft.title}"
            return draft.without(mask, reason, f"{counted(int(mask.sum()))} left out")
        case MoveImages():
            return _move(draft, edit)
        case RenameClass():
            return _rename(draft, edit)
        case DeleteClass():
            mask, name = draft.of_class(edit.class_name), edit.class_name
            reason = f"its class '{name}' was deleted"
            line = f"class '{name}' deleted, {counted(int(mask.sum()))}"
            return draft.without(mask, reason, line)
        case MergeClasses():
            return _merge(draft, edit)
        case Balance():
            return _balance(draft, edit)
        case AddImages():
            return add_images(draft, edit)
        case SplitAnew():
            return split_anew(draft, edit)


def _move(draft: Draft, edit: MoveImages) -> Draft:
    mask, to = draft.of_rows(edit.rows), draft.known_class(edit.to)
    mask &= draft.images["class_name"] != to
    if not mask.any():
        raise DatasetError(f"All of these pictures are in class '{to}' already.")
    is_new = "" if to in draft.class_names else "the new "
    line = f"{counted(int(mask.sum()))} moved to {is_new}class '{to}'"
    return draft.with_class(mask, to, line)


def _rename(draft: Draft, edit: RenameClass) -> Draft:
    mask, to = draft.of_class(edit.class_name), draft.known_class(edit.to)
    if to == edit.class_name:
        raise DatasetError(f"The class '{to}' is called so already. Choose another name.")
    if to in draft.class_names:
        raise DatasetError(
            f"There is a class '{to}' already. Merge '{edit.class_name}' into it, or choose "
            "another name."
        )
    return draft.with_class(mask, to, f"class '{edit.class_name}' renamed to '{to}'")


def _merge(draft: Draft, edit: MergeClasses) -> Draft:
    into = draft.known_class(edit.into)
    names = list(dict.fromkeys(edit.class_names))
    for name in names:
        draft.of_class(name)
    if into in draft.class_names and into not in names:
        names.append(into)
    if len(names) < 2:
        raise DatasetError(f"Expected two classes or more to merge, got only '{names[0]}'.")
    listed = " and ".join(f"'{name}'" for name in names if name != into)
    kind = "class" if " and " not in listed else "classes"
    mask = draft.images["class_name"].isin(names)
    return draft.with_class(mask, into, f"{kind} {listed} merged into '{into}'")


def _balance(draft: Draft, edit: Balance) -> Draft:
    images = draft.images
    labels, splits = images["class_name"].tolist(), images["split"].tolist()
    made = balance_classes(labels, splits, edit, whole_test=draft.split.keeps_test)
    if not made.over.any() and not made.under.any():
        raise DatasetError(
            f"Nothing would change: every class of '{draft.title}' lies within these bounds."
        )
    if made.under.any():
        n_classes = counted(len(made.classes), "class", "classes")
        line = f"{n_classes} with fewer than {edit.floor:,} pictures left out"
        draft = draft.without(made.under, under_reason(edit), f"{line}: {_listed(made.classes)}")
    if made.over.any():
        line = f"at most {edit.cap:,} pictures of a class, {counted(int(made.over.sum()))} left out"
        draft = draft.without(made.over[~made.under], over_reason(edit), line)
    return draft


def _listed(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - 5:,} more" if len(names) > 5 else ""
    return ", ".join(f"'{name}'" for name in names[:5]) + more
