"""What an import will read as what, said before it starts, and ways to read it otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import streamlit as st

from ann_core.datasets.importing.archives import ArchiveLimits
from ann_core.datasets.importing.layouts import LAYOUT_RULES, LayoutRule
from ann_core.datasets.importing.name_encodings import ENCODINGS, Encoding
from ann_core.datasets.importing.preview import Preview, preview
from ann_core.errors import FlatlandError
from ann_core.runs.job_types import ImportConfig
from ui.base import keys, services
from ui.base.text import plain
from ui.explore.import_form import WIDTH

ARCHIVE_TYPES = ["zip", "tar", "tgz", "gz", "tbz2", "bz2", "txz", "xz"]
"""Endings of archives, as `st.file_uploader` takes them."""


@dataclass(frozen=True)
class LayoutChoice:
    """How folders and names are to be read; fields as in `ImportConfig`."""

    reading: LayoutRule = "auto"
    encoding: Encoding | None = None

    def of(self, config: ImportConfig) -> ImportConfig:
        """Return the settings of an import with this choice."""
        return config.model_copy(update={"reading": self.reading, "encoding": self.encoding})


def choose_layout(way: str, source: Path | BinaryIO, identity: str) -> LayoutChoice:
    """Say what files will be read as, and let people change it.

    Parameters
    ----------
    identity : str
        Of the source: as long as it stays, names are read once for each choice.
    """
    reading: LayoutRule = st.session_state.get(keys.import_reading(way), "auto")
    encoding: Encoding | None = st.session_state.get(keys.import_encoding(way))
    seen = _preview(source, identity, LayoutChoice(reading, encoding))
    if isinstance(seen, Preview):
        st.info("  \n".join(plain(sentence) for sentence in seen.sentences))
    else:
        st.warning(plain(seen), icon=":material/rule_folder:")
    row = st.container(horizontal=True)
    row.selectbox(
        "Read as",
        list(LAYOUT_RULES),
        format_func=LAYOUT_RULES.__getitem__,
        key=keys.import_reading(way),
        width=WIDTH,
        help="Splits that are recognised are kept, unless you ask for new ones.",
    )
    if encoding is not None or (isinstance(seen, Preview) and seen.encoding is not None):
        row.selectbox(
            "Encoding of names",
            [None, *ENCODINGS],
            format_func=_encoding,
            key=keys.import_encoding(way),
            width=WIDTH // 2,
            help="Old archives do not tell how the names of their files are encoded.",
        )
    return LayoutChoice(reading, encoding)


def _preview(source: Path | BinaryIO, identity: str, choice: LayoutChoice) -> Preview | str:
    """Read the names, unless that was done; a sentence if they would be refused."""
    key = (identity, choice)
    known: tuple[object, Preview | str] | None = st.session_state.get(keys.IMPORT_PREVIEW)
    if known is not None and known[0] == key:
        return known[1]
    limits = ArchiveLimits.of(services.settings())
    try:
        seen: Preview | str = preview(
            source, reading=choice.reading, encoding=choice.encoding, limits=limits
        )
    except FlatlandError as error:
        seen = str(error)
    st.session_state[keys.IMPORT_PREVIEW] = (key, seen)
    return seen


def _encoding(encoding: Encoding | None) -> str:
    return "guessed" if encoding is None else f"{ENCODINGS[encoding]} ({encoding})"
