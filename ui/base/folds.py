"""What everyday use does not need: folded away, opened by a click, and then it stays open."""

from __future__ import annotations

import streamlit as st
from streamlit.elements.lib.mutable_expander_container import ExpanderContainer


def fold(label: str, key: str, *, icon: str = ":material/tune:") -> ExpanderContainer:
    """Fold settings or figures away; whether they are open stands in the address.

    Controls in it count whether it is open or not, so that links with their values work.
    """
    return st.expander(label, icon=icon, key=key, on_change="rerun", bind="query-params")
