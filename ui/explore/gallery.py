"""What is in a data set: counts, and its images, chosen by class, split and issue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from ann_core.datasets.dataset import Dataset, DatasetInfo
from ann_core.datasets.profile.balance import imbalance
from ann_core.datasets.split import SPLITS
from ann_core.plots import dataset_plots
from ann_core.plots.images import contact_sheet
from ui.base import keys
from ui.base.errors import guard
from ui.base.text import background, plain, short
from ui.components.contact_sheet import show_sheet
from ui.components.image_view import show_image

COLUMNS, ROWS = 8, 4
PER_PAGE = COLUMNS * ROWS

# Keys of the session, and of the address.

_ALL_CLASSES, _ALL_SPLITS, _ANY = "All classes", "All splits", "All pictures"
_RULES = {
    "stratified": "Split by chance, in the same shares for each class",
    "article": "Split by the article's dice",
    "given": "Split as the data came",
}


@dataclass(frozen=True)
class Choice:
    """Images that somebody chose to see: their rows, in order, and the words for them."""

    rows: np.ndarray
    words: str

    def neighbours(self, row: int) -> tuple[int | None, int | None]:
        """Rows before and after an image; none for an image that is not among these."""
        indices = np.flatnonzero(self.rows == row)
        if not len(indices):
            return None, None
        place = int(indices[0])
        before = int(self.rows[place - 1]) if place else None
        return before, int(self.rows[place + 1]) if place + 1 < len(self.rows) else None


def show_counts(info: DatasetInfo) -> None:
    """Show images by class and split, as bars and as a table; warn of unequal classes."""
    st.header(f"{info.n_images:,} pictures of {len(info.class_names):,} classes", anchor=False)
    st.caption(
        f"Source: {plain(info.source)}. {_RULES[info.split.rule]} (seed {info.split.seed}). "
        "Plain bars are for training, striped for validation, dotted for testing."
    )
    warning = imbalance(info)
    if warning is not None:
        st.warning(plain(warning), icon=":material/balance:")
    left, right = st.columns([3, 2])
    left.plotly_chart(
        dataset_plots.counts_figure(info),
        key="counts",
        config={"displayModeBar": False},
        alt="Pictures by class; plain is training, striped validation, dotted test",
    )
    table = [
        {"class": name} | {split: info.counts[name].get(split, 0) for split in SPLITS}
        for name in info.class_names
    ]
    number = st.column_config.NumberColumn(format="localized")
    right.dataframe(
        table,
        hide_index=True,
        key="counts_table",
        column_config=dict.fromkeys(SPLITS, number),
        alt="Pictures by class and split",
    )


def show_gallery(dataset: Dataset, issues: Mapping[str, Sequence[int]] | None = None) -> None:
    """Show images by class, split and issue, page by page, and one of them in full.

    Parameters
    ----------
    issues : dict of str to rows, optional
        Images with something to look at, by the name of what it is; shown in the
        order given.
    """
    st.header("The pictures", anchor=False)
    if st.session_state.get(keys.GALLERY_DATASET, dataset.name) != dataset.name:
        st.session_state.update(
            {
                keys.GALLERY_CLASS: _ALL_CLASSES,
                keys.GALLERY_ISSUE: _ANY,
                keys.GALLERY_PAGE: 1,
                keys.GALLERY_OPEN: None,
            }
        )
    st.session_state[keys.GALLERY_DATASET] = dataset.name
    _browse(dataset, issues or {})


def open_image_of(row: int | None) -> None:
    """Open the image of a row in the gallery, or close it; for callbacks."""
    st.session_state[keys.GALLERY_OPEN] = None if row is None else row + 1


@st.fragment
def _browse(dataset: Dataset, issues: Mapping[str, Sequence[int]]) -> None:
    with guard():
        with st.container(horizontal=True):
            choice, opened = _choose(dataset, issues), None
            with guard():
                opened = _opened(dataset)
        view = st.container(key=keys.GALLERY_VIEW, border=opened is not None)
        if opened is not None:
            _turn_to(opened, choice)
            with view:
                before, after = choice.neighbours(opened)
                show_image(dataset, opened, before=before, after=after, on_open=open_image_of)
        if len(choice.rows):
            _show_page(dataset, choice, opened)
        else:
            st.info("There is no such picture. Choose another class, split or issue.")


def _choose(dataset: Dataset, issues: Mapping[str, Sequence[int]]) -> Choice:
    class_name = _select("Class", [_ALL_CLASSES, *dataset.class_names], keys.GALLERY_CLASS)
    split = _select("Split", [_ALL_SPLITS, *SPLITS], keys.GALLERY_SPLIT)
    words, rows = [class_name, split], np.arange(len(dataset))
    if issues:
        counts = ", ".join(f"{plain(name)} {len(found):,}" for name, found in issues.items())
        issue = _select(
            "Issue", [_ANY, *issues], keys.GALLERY_ISSUE, f"Pictures with each: {counts}."
        )
        if issue != _ANY:
            words.append(issue)
            rows = np.array(list(dict.fromkeys(issues[issue])), dtype=np.intp)
    if class_name != _ALL_CLASSES:
        rows = rows[dataset.labels[rows] == dataset.class_names.index(class_name)]
    if split != _ALL_SPLITS:
        rows = rows[np.isin(rows, dataset.indices(split))]
    return Choice(rows, ", ".join(words))


def _select(label: str, options: list[str], key: str, help: str | None = None) -> str:
    chosen: str = st.selectbox(
        label, options, key=key, bind="query-params", width=200, on_change=_to_page_one, help=help
    )
    return chosen


def _to_page_one() -> None:
    st.session_state[keys.GALLERY_PAGE] = 1


def _opened(dataset: Dataset) -> int | None:
    """Let people open an image by its number; None while none is open."""
    number = st.number_input(
        "Open picture number",
        1,
        len(dataset),
        value=None,
        key=keys.GALLERY_OPEN,
        bind="query-params",
        placeholder=f"1 to {len(dataset):,}",
        width=200,
    )
    return None if number is None else int(number) - 1


def _turn_to(row: int, choice: Choice) -> None:
    """Turn to the page of an image when it opens, if it is among the chosen ones."""
    indices = np.flatnonzero(choice.rows == row)
    if st.session_state.get(keys.GALLERY_TURNED_TO) != row and len(indices):
        st.session_state[keys.GALLERY_PAGE] = int(indices[0]) // PER_PAGE + 1
    st.session_state[keys.GALLERY_TURNED_TO] = row


def _show_page(dataset: Dataset, choice: Choice, opened: int | None) -> None:
    n_pages = -(-len(choice.rows) // PER_PAGE)
    page = st.pagination(n_pages, key=keys.GALLERY_PAGE, bind="query-params") if n_pages > 1 else 1
    first = (page - 1) * PER_PAGE
    rows = tuple(int(row) for row in choice.rows[first : first + PER_PAGE])
    show_sheet(
        _sheet(dataset, dataset.fingerprint, rows, background()),
        dict(zip((row + 1 for row in rows), _words(dataset, rows), strict=True)),
        columns=COLUMNS,
        alt=f"{len(rows)} pictures: {choice.words}",
        opened=None if opened is None else opened + 1,
        view=keys.GALLERY_VIEW,
        on_pick=lambda number: open_image_of(number - 1),
    )
    st.caption(f"Pictures {first + 1:,} to {first + len(rows):,} of {len(choice.rows):,}")


def _words(dataset: Dataset, rows: Sequence[int]) -> list[str]:
    records = dataset.images.iloc[list(rows)]
    names = zip(records["source"], records["class_name"], records["split"], strict=True)
    return [f"{short(source)}, {short(class_name)}, {split}" for source, class_name, split in names]


@st.cache_data(max_entries=64, show_spinner=False)
def _sheet(_dataset: Dataset, fingerprint: str, rows: tuple[int, ...], background: str) -> bytes:
    return contact_sheet(
        [_dataset.path(row) for row in rows], columns=COLUMNS, background=background
    )
