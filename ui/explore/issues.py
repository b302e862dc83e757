"""What is wrong with the images, kind by kind, and a new version where it is put right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import streamlit as st

from ann_core.datasets.dataset import Dataset
from ann_core.datasets.profile.issues import RULES, Issue, Kind
from ann_core.datasets.profile.label_mistakes import describe_check
from ann_core.datasets.profile.profile import DatasetProfile
from ann_core.files import counted
from ann_core.plots.images import TILE, contact_sheet
from ui.base import keys
from ui.base.page import MEASURE
from ui.base.text import background, plain, short
from ui.explore.new_version import ask_for_version, show_versions_under_way
from ui.explore.ticking import MAKE, ask_for_edits, select_buttons

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
    "One copy of each group is not selected: the one in the test split if there is one, else in "
    "validation, else in training, so that scores stay comparable; within a split the largest. "
    "Untick a picture to keep it, or tick another one."
)
_ALL_GO = {
    "conflict": "All of a group are selected, for only you can see which class is right: untick "
    "that one.",
}
_NO_COPY = "All are selected; untick those that you want to keep."


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
        st.caption(RULES[kind], width=MEASURE)
        if not profile.issues_of(kind):
            st.markdown("None found.", width=MEASURE)
            if kind == "label_mistake":
                _show_trust(dataset, profile)
        else:
            _show_kind(dataset, profile, kind)


def _choose_kind(profile: DatasetProfile) -> Kind:
    """Show what was looked for, and how much of it was found."""
    kinds = list(KIND_NAMES)
    counts = {kind: (len(profile.issues_of(kind)), len(profile.rows_of(kind))) for kind in kinds}
    first = next((index for index, kind in enumerate(kinds) if counts[kind][0]), 0)
    names = list(KIND_NAMES.values())
    name = st.radio(
        "What was looked for",
        names,
        first,
        captions=[_counted(kind, *counts[kind]) for kind in kinds],
        key=keys.ISSUE_KIND,
        bind="query-params",
    )
    return kinds[names.index(name or names[first])]


def _counted(kind: Kind, n_issues: int, n_rows: int) -> str:
    if not n_rows:
        return "None"
    if kind not in _OF_GROUPS:
        return counted(n_rows)
    return f"{counted(n_rows)} in {counted(n_issues, 'group')}"


def _show_kind(dataset: Dataset, profile: DatasetProfile, kind: Kind) -> None:
    issues = profile.issues_of(kind)
    ticks = _Ticks(dataset, kind, frozenset(profile.leave_out(kind).tolist()))
    ticked = tuple(sorted(ticks.ticked))
    rule = _ALL_GO.get(kind, _ONE_STAYS) if kind in _OF_GROUPS else _NO_COPY
    if kind == "label_mistake":
        rule = _show_trust(dataset, profile)
    verb = "are" if len(ticked) != 1 else "is"
    images = f"{counted(len(ticked))} of {len(dataset):,}"
    st.markdown(f"**{images} {verb} selected.** {rule}", width=MEASURE)
    looks_like = {row: issue.looks_like for issue in issues for row in issue.rows}
    edits = ask_for_edits(
        *(dataset, ticked),
        key=f"health_{kind}",
        looks_like=looks_like if kind == "label_mistake" else None,
    )
    ask_for_version(dataset, edits, key="leave_out", label=MAKE)
    show_versions_under_way(dataset)
    per_page = GROUPS if kind in _OF_GROUPS else IMAGES
    n_pages = -(-len(issues) // per_page)
    page = 1
    if n_pages > 1:
        page = st.pagination(n_pages, key=f"health_page_{dataset.fingerprint}_{kind}")
    first = (page - 1) * per_page
    shown = issues[first : first + per_page]
    ticks.ask_for_page([row for issue in shown for row in issue.rows])
    _show_issues(_Cards(dataset, ticks), shown, first, in_groups=kind in _OF_GROUPS)


def _show_issues(cards: _Cards, shown: Sequence[Issue], first: int, *, in_groups: bool) -> None:
    if not in_groups:
        cards.show([(row, issue.detail) for issue in shown for row in issue.rows])
        return
    for number, issue in enumerate(shown, first + 1):
        with st.container(border=True, gap="xsmall"):
            st.markdown(f"**Group {number:,}**: {plain(issue.detail)}")
            stays_first = sorted(issue.rows, key=lambda row: row in issue.leave_out)
            cards.show([(row, "") for row in stays_first])


def _show_trust(dataset: Dataset, profile: DatasetProfile) -> str:
    """Say how the list came about; return what to do with it."""
    check = profile.label_check
    if check is not None:
        st.markdown(describe_check(check, len(dataset)), width=MEASURE)
    return "Select those whose label is wrong: the classifier errs too."


@dataclass(frozen=True)
class _Ticks:
    """Which images with an issue of one kind are ticked.

    Attributes
    ----------
    rule : frozenset of int
        Rows that are ticked unless somebody decides otherwise.
    """

    dataset: Dataset
    kind: Kind
    rule: frozenset[int]

    @property
    def ticked(self) -> frozenset[int]:
        return self.rule ^ self._flipped

    @property
    def _flipped(self) -> set[int]:
        """Images that the visitor decided otherwise about than the rule."""
        kept: dict[str, set[int]] = st.session_state.setdefault(keys.ISSUES_FLIPPED, {})
        return kept.setdefault(f"{self.dataset.fingerprint}_{self.kind}", set())

    def key(self, row: int) -> str:
        """Name the tick of an image."""
        return keys.issue_tick(self.dataset.fingerprint, self.kind, row)

    def flip(self, row: int) -> None:
        """Tick an image, or untick it."""
        flipped = self._flipped
        flipped ^= {row}

    def ask_for_page(self, rows: list[int]) -> None:
        """Offer to tick all images of this page, or none at all."""
        with st.container(horizontal=True):
            select_buttons(
                "health", lambda: self._tick(rows), self._untick, any_ticked=bool(self.ticked)
            )

    def _tick(self, rows: list[int]) -> None:
        flipped = self._flipped
        flipped ^= set(rows) - self.ticked
        self._redraw()

    def _untick(self) -> None:
        flipped = self._flipped
        flipped ^= self.ticked
        self._redraw()

    def _redraw(self) -> None:
        """Let ticks that are on the page show what was decided."""
        prefix = self.key(0).removesuffix("0")
        for key in [str(key) for key in st.session_state]:
            if key.startswith(prefix):
                st.session_state[key] = int(key.removeprefix(prefix)) in self.ticked


@dataclass(frozen=True)
class _Cards:
    """Images with an issue of one kind, side by side."""

    dataset: Dataset
    ticks: _Ticks

    def show(self, images: Sequence[tuple[int, str]]) -> None:
        """Show images, each with what is known of it and a tick."""
        with st.container(horizontal=True, gap="small"):
            for row, detail in images[:IMAGES]:
                with st.container(width=_CARD, gap="xsmall"):
                    self._show_one(row, detail)
        n_hidden = len(images) - IMAGES
        if n_hidden > 0:
            st.caption(f"And {n_hidden:,} more of this group, selected too.")

    def _show_one(self, row: int, detail: str) -> None:
        dataset = self.dataset
        image = dataset.images.iloc[row]
        name = short(PurePosixPath(str(image["source"])).name)
        about = f"{short(image['class_name'])}, {image['split']}"
        tile = _tile(dataset, row, fingerprint=dataset.fingerprint, background=background())
        st.image(tile, width=TILE, alt=f"{name}, {about}")
        st.checkbox(
            f"Select {plain(name)}",
            row in self.ticks.ticked,
            key=self.ticks.key(row),
            on_change=self.ticks.flip,
            args=(row,),
        )
        size = f"{image['width']:,} × {image['height']:,}, {image['bytes'] / 1000:,.1f} kB"
        st.caption("  \n".join(plain(line) for line in (about, size, detail) if line))


@st.cache_data(max_entries=512, show_spinner=False)
def _tile(_dataset: Dataset, row: int, *, fingerprint: str, background: str) -> bytes:
    bits_used, path = _dataset.info.bits_used, _dataset.path(row)
    return contact_sheet([path], columns=1, background=background, bits_used=bits_used)
