"""How images are divided, and how unequal classes may be: at an import, and as a new version."""

from __future__ import annotations

import streamlit as st

from ann_core.datasets.editing.edits import Balance
from ann_core.datasets.grouping import GROUPS_FILE
from ann_core.datasets.split import SplitConfig
from ann_core.datasets.validation import MIN_IMAGES_PER_CLASS
from ann_core.errors import ConfigError
from ui.base.errors import show

_RULES = {"stratified": "The same shares of each class", "article": "As in the article"}
_WIDTH = 480
_PERCENT = 100


def split_controls(key: str, *, keeps_test: bool = False, has_groups: bool) -> SplitConfig | None:
    """Ask for the rule, the shares, the seed, and what stays together.

    Parameters
    ----------
    keeps_test : bool
        Whether a test split came with the images: then only the others are divided.
    has_groups : bool
        Whether a table of groups came with them, or can.

    Returns
    -------
    SplitConfig or None
        None if what stands there is none; the page says why.
    """
    rule = "stratified"
    if not keeps_test:
        rule = st.radio(
            "Split into training, validation and test",
            list(_RULES),
            format_func=_RULES.__getitem__,
            key=f"{key}_split",
            horizontal=True,
        )
    if rule == "article":
        st.caption(
            "Each picture is assigned at random: about 80% training, 10% validation, 10% test "
            "(seed 42)."
        )
        return SplitConfig(rule="article")
    values: dict[str, object] = _shares(key, keeps_test=keeps_test)
    with st.expander("Keep together what must not be in two splits", key=f"{key}_together"):
        values |= _groups(key, has_groups=has_groups)
    try:
        return SplitConfig.parse(values)
    except ConfigError as error:
        show(str(error))
        return None


def balance_controls(key: str) -> Balance | None:
    """Ask for the most and the fewest images of a class; None if neither is bounded."""
    with st.container(horizontal=True):
        cap = _limit("At most, of each class", f"{key}_cap", "Others are left out by chance.")
        floor = _limit(
            *("At least, of each class", f"{key}_floor"),
            "Classes with fewer pictures are left out as a whole.",
        )
    return None if cap is None and floor is None else Balance(cap=cap, floor=floor)


def _limit(label: str, key: str, help: str) -> int | None:
    number = st.number_input(
        label,
        MIN_IMAGES_PER_CLASS,
        10_000_000,
        value=None,
        key=key,
        placeholder="no limit",
        width=_WIDTH // 2,
        help=help,
    )
    return None if number is None else int(number)


def _shares(key: str, *, keeps_test: bool) -> dict[str, object]:
    """Ask for the shares by the two borders between them, and for the seed."""
    first, second = st.slider(
        "Where training ends, and where validation ends (% of the pictures)",
        2,
        98,
        (80, 90),
        key=f"{key}_shares",
        width=_WIDTH,
    )
    shares = {"training": first, "validation": second - first, "test": _PERCENT - second}
    if keeps_test:
        st.caption(
            "The test split came with the pictures and stays as it is. The others are divided "
            f"{first} to {second - first} into training and validation."
        )
    else:
        st.caption(", ".join(f"{share}% {name}" for name, share in shares.items()) + ".")
    seed = st.number_input(
        *("Seed", 0, 2**32 - 1, 42),
        key=f"{key}_seed",
        width=_WIDTH // 2,
        help="Same seed, same split.",
    )
    return {
        "train": first / _PERCENT,
        "validation": (second - first) / _PERCENT,
        "seed": int(seed),
    }


def _groups(key: str, *, has_groups: bool) -> dict[str, object]:
    """Ask what stays in one split: copies, and those of one person."""
    duplicates = st.checkbox(
        "Copies: the same picture, or nearly the same",
        key=f"{key}_copies",
        help="Otherwise a network may be tested on pictures that it has learned by heart. Takes "
        "as long as reading all pictures once more, unless they were looked at already.",
    )
    by_table = False
    if has_groups:
        by_table = st.checkbox(
            f"Groups by the table {GROUPS_FILE} beside the pictures",
            key=f"{key}_table",
            help="Two columns, source (the name of a file) and group (a patient, a child).",
        )
    pattern = st.text_input(
        "Groups by a pattern in the names of the files",
        key=f"{key}_pattern",
        placeholder=r"such as (patient\d+)_",
        width=_WIDTH,
        help="A regular expression; what its round brackets find is the group.",
    )
    return {"duplicates": duplicates, "group_table": by_table, "group_pattern": pattern.strip()}
