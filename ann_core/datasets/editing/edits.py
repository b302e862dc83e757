"""What a new version of a data set changes: settings, a kind each.

Rows are those of ``Dataset.images`` of the data set that the version is made of, also in the
second of several edits: an image that the first left out is simply not there any more.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from ann_core.config import Config
from ann_core.datasets.split import SplitConfig
from ann_core.datasets.validation import MAX_CLASS_NAME, MIN_IMAGES_PER_CLASS

Rows = Annotated[tuple[int, ...], Field(min_length=1)]
ClassName = Annotated[str, Field(min_length=1, max_length=MAX_CLASS_NAME)]
Count = Annotated[int, Field(ge=MIN_IMAGES_PER_CLASS, le=10_000_000)]


class LeaveOut(Config):
    """Make a version without some images."""

    kind: Literal["leave_out"] = "leave_out"
    rows: Rows


class MoveImages(Config):
    """Put images into another class, which may be a new one; each keeps its split."""

    kind: Literal["move"] = "move"
    rows: Rows
    to: ClassName


class RenameClass(Config):
    """Call a class something else; a name that is in use would merge two."""

    kind: Literal["rename_class"] = "rename_class"
    class_name: ClassName
    to: ClassName


class DeleteClass(Config):
    """Make a version without a class and its images."""

    kind: Literal["delete_class"] = "delete_class"
    class_name: ClassName


class MergeClasses(Config):
    """Make one class of several; `into` may be one of them, or a new name."""

    kind: Literal["merge_classes"] = "merge_classes"
    class_names: Annotated[tuple[ClassName, ...], Field(min_length=1)]
    into: ClassName


class AddImages(Config):
    """Add images, checked as at an import.

    Attributes
    ----------
    source : "pictures", "zip" or "folder"
        As in `ann_core.runs.job_types.ImportConfig`.
    what : str
        Token of the upload, or path of the folder.
    class_name : str
        Class of them all, which may be a new one; "" if their folders or names tell.
    """

    kind: Literal["add"] = "add"
    source: Literal["pictures", "zip", "folder"] = "pictures"
    what: str = ""
    class_name: Annotated[str, Field(max_length=MAX_CLASS_NAME)] = ""


class SplitAnew(Config):
    """Divide the images anew; a test split that came with them stays untouched.

    Attributes
    ----------
    upload : str
        Token of an uploaded table of groups; "" if none was, or the groups came with the
        pictures.
    """

    kind: Literal["split"] = "split"
    split: SplitConfig = SplitConfig()
    upload: str = ""

    @model_validator(mode="after")
    def _has_a_rule(self) -> SplitAnew:
        if self.split.rule == "given":
            raise ValueError("expected the rule stratified or article to split anew, got given")
        return self


class Balance(Config):
    """Leave out what makes classes unequal.

    Attributes
    ----------
    cap : int or None
        Most images of a class; which of them go is thrown by `seed`, in the same share from
        every split. A test split that came with the images stays whole and is not counted.
    floor : int or None
        Classes with fewer images are left out as a whole.
    """

    kind: Literal["balance"] = "balance"
    cap: Count | None = None
    floor: Count | None = None
    seed: int = Field(default=42, ge=0, le=2**32 - 1)

    @model_validator(mode="after")
    def _does_something(self) -> Balance:
        if self.cap is None and self.floor is None:
            raise ValueError("expected a cap, a floor or both")
        return self


Edit = Annotated[
    LeaveOut
    | MoveImages
    | RenameClass
    | DeleteClass
    | MergeClasses
    | AddImages
    | SplitAnew
    | Balance,
    Field(discriminator="kind"),
]


def upload_of_edits(edits: tuple[Edit, ...]) -> str | None:
    """Token of the upload that some edits work on."""
    for edit in edits:
        if isinstance(edit, AddImages) and edit.source != "folder":
            return edit.what
        if isinstance(edit, SplitAnew) and edit.upload:
            return edit.upload
    return None
