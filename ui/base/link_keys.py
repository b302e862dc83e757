"""Keys that links to pictures give along: a session keeps them, and the address as it changes."""

from __future__ import annotations

import re

import streamlit as st

from ann_core.runs.dataset_owners import MAX_KEYS
from ui.base import keys

_KEY = re.compile(r"[A-Za-z0-9_-]{32}")


def link_keys() -> tuple[str, ...]:
    """Return what the links gave along that this session came by, true or not; newest last."""
    known: list[str] = st.session_state.setdefault(keys.LINK_KEYS, [])
    known.extend(key for key in _in_address() if key not in known)
    del known[:-MAX_KEYS]
    return tuple(known)


def keep_in_address(key: str) -> None:
    """Let the address have a key of a link, so that it can be bookmarked and reloaded."""
    there = _in_address()
    if key not in there:
        st.query_params[keys.LINK_KEY] = ",".join([*there, key])


def leave_address() -> None:
    """Take the keys out of the address, for it is about something else now; for callbacks."""
    st.query_params.pop(keys.LINK_KEY, None)


def came_by_link() -> bool:
    """Whether the address gives a key along, or something that is to be one."""
    return bool(st.query_params.get(keys.LINK_KEY))


def _in_address() -> list[str]:
    parts = str(st.query_params.get(keys.LINK_KEY, "")).split(",")[:MAX_KEYS]
    return list(dict.fromkeys(part for part in parts if _KEY.fullmatch(part)))
