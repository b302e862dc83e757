"""What is in a data set: counts, and its images, chosen by class, split and issue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st

from ann_core.datasets.dataset import Dataset, DatasetInfo
from ann_core.datasets.editing.splitting import describe_rule
from ann_core.datasets.profile.balance import imbalance
from ann_core.datasets.selection import Selection, select_images
from ann_core.datasets.split import SPLITS
from ann_core.plots import dataset_plots
from ann_core.plots.images import contact_sheet
from ui.base import keys
from ui.base.errors import guard
from ui.base.text import background, plain, short
from ui.components.image_view import show_image
from ui.components.paged_images import PagedImages
from ui.components.small_table import show_rows
from ui.explore.ticking import choose_ticks, show_ticked

GALLERY = PagedImages(
    keys.GALLERY_PAGE, keys.GALLERY_OPEN, keys.GALLERY_VIEW, keys.GALLERY_SHEET, rows=2
)

_FEW = 6  # classes whose numbers stand beside the bars; those of more are folded away
_WIDTH = 160  # of a control, in pixels: two stand beside each other on a phone
_ALL_CLASSES, _ALL_SPLITS, _ANY = "All classes", "All splits", "All pictures"


def show_counts(info: DatasetInfo) -> None:
    """Show images by class and split, as bars and as a table; warn of unequal classes."""
    st.header(f"{info.n_images:,} pictures of {len(info.class_names):,} classes", anchor=False)
    st.caption(
        f"Source: {plain(info.source)}. {plain(describe_rule(info.split))}. "
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
    many = len(table) > _FEW
    with (
        right.expander("In numbers", icon=":material/table:", key="count_table") if many else right
    ):
        show_rows(table, alt="Pictures by class and split")


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
        st.session_state.update({keys.GALLERY_CLASS: _ALL_CLASSES, keys.GALLERY_ISSUE: _ANY})
        GALLERY.start_over()
    st.session_state[keys.GALLERY_DATASET] = dataset.name
    _browse(dataset, issues or {})


@st.fragment
def _browse(dataset: Dataset, issues: Mapping[str, Sequence[int]]) -> None:
    with guard():
        with st.container(horizontal=True):
            selection, words = _choose(dataset, issues)
            number = None
            with guard():
                number = GALLERY.choose_number(len(dataset), width=_WIDTH)
        view = GALLERY.view(border=number is not None)
        if number is not None:
            _turn_to(number - 1, selection)
            with view:
                before, after = selection.neighbours(number - 1)
                show_image(dataset, number - 1, before=before, after=after, on_open=_open)
        if len(selection):
            _show_page(dataset, selection, words)
        else:
            st.info("There is no such picture. Choose another class, split or issue.")


def _choose(dataset: Dataset, issues: Mapping[str, Sequence[int]]) -> tuple[Selection, str]:
    """Ask which images to show; return them, and words for them."""
    class_name = _select("Class", [_ALL_CLASSES, *dataset.class_names], keys.GALLERY_CLASS)
    split = _select("Split", [_ALL_SPLITS, *SPLITS], keys.GALLERY_SPLIT)
    words, rows = [class_name, split], None
    if issues:
        counts = ", ".join(f"{plain(name)} {len(rows):,}" for name, rows in issues.items())
        help = f"Pictures with each: {counts}."
        issue = _select("Issue", [_ANY, *issues], keys.GALLERY_ISSUE, help=help)
        if issue != _ANY:
            words.append(issue)
            rows = issues[issue]
    selection = select_images(
        dataset,
        class_name=None if class_name == _ALL_CLASSES else class_name,
        split=None if split == _ALL_SPLITS else split,
        rows=rows,
        mixed=rows is None,
    )
    return selection, ", ".join(words)


def _select(label: str, options: list[str], key: str, *, help: str | None = None) -> str:
    chosen: str = st.selectbox(
        *(label, options),
        key=key,
        bind="query-params",
        width=_WIDTH,
        on_change=GALLERY.to_first_page,
        help=help,
    )
    return chosen


def _open(row: int | None) -> None:
    GALLERY.open(None if row is None else row + 1)


def _turn_to(row: int, selection: Selection) -> None:
    """Turn to the page of an image when it opens, if it is among the chosen ones."""
    index = selection.index(row)
    if st.session_state.get(keys.GALLERY_TURNED_TO) != row and index is not None:
        GALLERY.turn_to(index)
    st.session_state[keys.GALLERY_TURNED_TO] = row


def _show_page(dataset: Dataset, selection: Selection, words: str) -> None:
    page = GALLERY.choose_page(len(selection))
    rows = tuple(selection.rows[page].tolist())
    ticks = choose_ticks(dataset, rows)
    replace(GALLERY, ticks=ticks).show_page(
        _sheet(dataset, rows, fingerprint=dataset.fingerprint, background=background()),
        dict(zip((row + 1 for row in rows), _words(dataset, rows), strict=True)),
        alt=f"{len(rows)} pictures: {words}",
        opened=GALLERY.opened,
    )
    st.caption(f"Pictures {page.start + 1:,} to {page.stop:,} of {len(selection):,}")
    if ticks is not None:
        show_ticked(dataset)


def _words(dataset: Dataset, rows: Sequence[int]) -> list[str]:
    records = dataset.images.iloc[list(rows)]
    names = zip(records["source"], records["class_name"], records["split"], strict=True)
    return [f"{short(source)}, {short(class_name)}, {split}" for source, class_name, split in names]


@st.cache_data(max_entries=64, show_spinner=False)
def _sheet(_dataset: Dataset, rows: tuple[int, ...], *, fingerprint: str, background: str) -> bytes:
    paths = [_dataset.path(row) for row in rows]
    return contact_sheet(
        paths,
        columns=GALLERY.columns,
        background=background,
        bits_used=_dataset.info.bits_used,
    )
