"""Choices that stand in addresses and have another name by now: old bookmarks go on working."""

from __future__ import annotations

import streamlit as st

from ui.base import keys

RENAMED = {
    keys.COMPARE_PART: {"Luck": "Chance"},
    keys.PREDICT_TAB: {"What if": "Move the picture"},
    keys.PREPROCESS_TAB: {
        "Where did my neighbour go": "Where did the neighbours go?",
        "The bill": "What it costs",
    },
    keys.RESULTS_PART: {"How sure": "Confidence"},
    keys.CONFIDENCE_PART: {
        "Surest mistakes": "Most confident mistakes",
        "Least sure answers": "Least confident predictions",
    },
}
"""By the key in the address: what a choice was called, and what it is called now."""


def follow_renamed() -> None:
    """Write the names of today into the address, before the controls read them there."""
    for key, names in RENAMED.items():
        value = st.query_params.get(key)
        if value in names:
            st.query_params[key] = names[value]
