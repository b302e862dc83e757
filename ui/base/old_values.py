"""Choices that stand in addresses and have another name by now: old bookmarks go on working."""

from __future__ import annotations

import streamlit as st

from ui.base import keys

RENAMED: dict[str, dict[str, dict[str, str]]] = {
    "Compare": {keys.COMPARE_PART: {"Luck": "Chance"}},
    "Predict": {keys.PREDICT_TAB: {"What if": "Move the picture"}},
    "Preprocess": {
        keys.PREPROCESS_TAB: {
            "Where did my neighbour go": "Where did the neighbours go?",
            "The bill": "What it costs",
        }
    },
    "Results": {
        keys.RESULTS_PART: {"How sure": "Confidence"},
        keys.CONFIDENCE_PART: {
            "Surest mistakes": "Most confident mistakes",
            "Least sure answers": "Least confident predictions",
        },
    },
}
"""By page and key in the address: what a choice was called, and what it is called now."""


def follow_renamed(page: str) -> None:
    """Choose by the names of today, before the controls of a page are drawn."""
    for key, names in RENAMED.get(page, {}).items():
        value = st.query_params.get(key)
        if value in names:
            st.query_params[key] = st.session_state[key] = names[value]
