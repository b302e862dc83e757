"""Choices that a page sets itself, although browsers go on sending what they showed before."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import streamlit as st

from ui.base import keys


@dataclass(frozen=True)
class SetChoice:
    """A choice with the value that a page has set it to; made by `set_choice`.

    Attributes
    ----------
    name : str
        In the session: the key without its number.
    shown : str or None
        What the page sets it to.
    """

    name: str
    key: str
    shown: str | None
    offered: tuple[str, ...]

    @property
    def value(self) -> str | None:
        """What is chosen, for callbacks."""
        value: str | None = st.session_state.get(self.key)
        return value

    def was_made(self) -> bool:
        """Say whether somebody chose, or a browser told only what it showed before.

        That may be a title which is not offered any more, such as that of a training under way
        which has ended since.
        """
        if self.value is not None and self.value not in self.offered:
            return False
        return self.key == _key(self.name) or self.value != self.shown


def set_choice(name: str, value: str | None, offered: Collection[str]) -> SetChoice:
    """Set a choice to what the address or other controls ask for, before it is drawn.

    With everything that a visitor does, a browser sends what each control shows; what a page has
    just set, it may not have drawn yet, and Streamlit would take the value from before for a
    choice of this moment. So where a value was not chosen in the control, it gets another key.
    """
    if st.session_state.get(_key(name), value) != value:
        counts = st.session_state.setdefault(keys.SET_COUNTS, {})
        counts[name] = counts.get(name, 0) + 1
    key = _key(name)
    st.session_state[key] = value
    return SetChoice(name, key, value, tuple(offered))


def _key(name: str) -> str:
    count = st.session_state.get(keys.SET_COUNTS, {}).get(name, 0)
    return f"{name}_{count}" if count else name


def hold_choice(key: str, options: Collection[object]) -> None:
    """Keep what is chosen from a list whose titles may change, before the list is drawn.

    A browser goes on sending the title that it knows, and Streamlit would take the first of the
    list instead.
    """
    chosen = st.session_state.get(key)
    if chosen not in options:
        chosen = st.session_state.get(keys.held(key))
    if chosen in options:
        st.session_state[key] = st.session_state[keys.held(key)] = chosen
