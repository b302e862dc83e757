"""What is wrong with the images, kind by kind, and a new version without it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import streamlit as st

from ann_core.datasets.dataset import Dataset
from ann_core.datasets.profile.issues import RULES, Kind
from ann_core.datasets.profile.profile import DatasetProfile
from ann_core.plots.images import TILE, contact_sheet
from ui.base import keys
from ui.base.page import MEASURE
from ui.base.text import background, plain, short
from ui.explore.new_version import show_version_form

KIND_NAMES: dict[Kind, str] = {
    "exact_duplicate": "Exact duplicates",
    "near_duplicate": "Near duplicates",
    "leak": "Same picture in two splits",
    "conflict": "Same picture in two classes",
    "label_mistake": "Label mistakes",
    "dark": "Too dark",
    "bright": "Too bright",
    "empty": "Nearly empty",
    "blurry": "Blurry",
    "odd_size": "Odd sizes",
}
GROUPS, IMAGES = 4, 12  # on a page, and images of a group that are shown
_OF_GROUPS = frozenset({"exact_duplicate", "near_duplicate", "leak", "conflict"})
_CARD = 148  # pixels of the page: two fit beside each other on a phone
_ONE_STAYS = (
    "One copy of each group stays: the one in the test split if there is one, else in "
    "validation, else in training, so that scores stay comparable; within a split the largest. "
    "Untick a picture to keep it, or tick another one."
)
_ALL_GO = {
    "conflict": "All of a group go, for only you can see which class is right: untick that one.",
}
_NO_COPY = "All of them go; untick those that you want to keep."


@st.fragment
def show_health(dataset: Dataset, profile: DatasetProfile) -> None:
    """Let people look at one kind of problem after the other, and leave images out."""
    if dataset.info.about_bits:
        st.caption(dataset.info.about_bits, width=MEASURE)
    left, right = st.columns([2, 5], gap="medium")
    with left:
        kind = _choose_kind(profile)
    with right:
        st.subheader(KIND_NAMES[kind], anchor=False)
        if not profile.issues_of(kind):
            st.markdown("None found.", width=MEASURE)
        else:
            _show_kind(dataset, profile, kind)


def _choose_kind(profile: DatasetProfile) -> Kind:
    """Show what was looked for, what was found, and by which rule."""
    kinds = list(KIND_NAMES)
    counts = {kind: (len(profile.issues_of(kind)), len(profile.rows_of(kind))) for kind in kinds}
    first = next((index for index, kind in enumerate(kinds) if counts[kind][0]), 0)
    names = list(KIND_NAMES.values())
    name = st.radio(
        "What was looked for",
        names,
        first,
        captions=[f"**{_counted(kind, *counts[kind])}.** {RULES[kind]}" for kind in kinds],
        key=keys.ISSUE_KIND,
        bind="query-params",
    )
    return kinds[names.index(name or names[first])]


def _counted(kind: Kind, n_issues: int, n_rows: int) -> str:
    if not n_rows:
        return "None"
    images = f"{n_rows:,} pictures" if n_rows > 1 else "1 picture"
    if kind not in _OF_GROUPS:
        return images
    return f"{images} in {n_issues:,} groups" if n_issues > 1 else f"{images} in 1 group"


def _show_kind(dataset: Dataset, profile: DatasetProfile, kind: Kind) -> None:
    issues = profile.issues_of(kind)
    leave_out = set(profile.leave_out(kind).tolist()) ^ _flipped(dataset, kind)
    rule = _ALL_GO.get(kind, _ONE_STAYS) if kind in _OF_GROUPS else _NO_COPY
    show_version_form(dataset, tuple(sorted(leave_out)), rule)
    cards = _Cards(dataset, kind, leave_out)
    per_page = GROUPS if kind in _OF_GROUPS else IMAGES
    n_pages = -(-len(issues) // per_page)
    page = 1
    if n_pages > 1:
        page = st.pagination(n_pages, key=f"health_page_{dataset.fingerprint}_{kind}")
    first = (page - 1) * per_page
    shown = issues[first : first + per_page]
    if kind not in _OF_GROUPS:
        cards.show([(row, issue.detail) for issue in shown for row in issue.rows])
        return
    for number, issue in enumerate(shown, first + 1):
        with st.container(border=True, gap="xsmall"):
            st.markdown(f"**Group {number:,}**: {plain(issue.detail)}")
            stays_first = sorted(issue.rows, key=lambda row: row in issue.leave_out)
            cards.show([(row, "") for row in stays_first])


@dataclass(frozen=True)
class _Cards:
    """Images with an issue of one kind, side by side.

    Attributes
    ----------
    leave_out : set of int
        Rows of those that go.
    """

    dataset: Dataset
    kind: Kind
    leave_out: set[int]

    def show(self, images: Sequence[tuple[int, str]]) -> None:
        """Show images, each with what is known of it and a tick if it goes."""
        with st.container(horizontal=True, gap="small"):
            for row, detail in images[:IMAGES]:
                with st.container(width=_CARD, gap="xsmall"):
                    self._show_one(row, detail)
        n_hidden = len(images) - IMAGES
        if n_hidden > 0:
            st.caption(f"And {n_hidden:,} more of this group, which go too.")

    def _show_one(self, row: int, detail: str) -> None:
        dataset, kind = self.dataset, self.kind
        image = dataset.images.iloc[row]
        name = short(PurePosixPath(str(image["source"])).name)
        about = f"{short(image['class_name'])}, {image['split']}"
        tile = _tile(dataset, row, fingerprint=dataset.fingerprint, background=background())
        st.image(tile, width=TILE, alt=f"{name}, {about}")
        st.checkbox(
            f"Leave out {plain(name)}",
            row in self.leave_out,
            key=f"health_{dataset.fingerprint}_{kind}_{row}",
            on_change=_flip,
            args=(_flipped(dataset, kind), row),
        )
        size = f"{image['width']:,} × {image['height']:,}, {image['bytes'] / 1000:,.1f} kB"
        st.caption("  \n".join(plain(line) for line in (about, size, detail) if line))


def _flipped(dataset: Dataset, kind: Kind) -> set[int]:
    """Images that the visitor decided otherwise about than the rule."""
    kept: dict[str, set[int]] = st.session_state.setdefault(keys.ISSUES_FLIPPED, {})
    return kept.setdefault(f"{dataset.fingerprint}_{kind}", set())


def _flip(flipped: set[int], row: int) -> None:
    flipped ^= {row}


@st.cache_data(max_entries=512, show_spinner=False)
def _tile(_dataset: Dataset, row: int, *, fingerprint: str, background: str) -> bytes:
    bits_used, path = _dataset.info.bits_used, _dataset.path(row)
    return contact_sheet([path], columns=1, background=background, bits_used=bits_used)
