"""Controls that remember: their values stand in the address, and come back with it.

Streamlit writes a bound control into the address while it differs from its default, and
takes it up again after a reload, in another browser, or when the page is opened again. What
it cannot do is offer a value that stands on none of its steps, and a run from the command
line may have any; so a slider gets a step more for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from ui.base import keys


@dataclass(frozen=True)
class SteppedSlider:
    """A number that is chosen from steps.

    Attributes
    ----------
    key : str
        In the session and in the address.
    steps : tuple of int or of float
        What is usually offered.
    bounds : (lowest, highest)
        What is offered if a run or a link asks for it.
    """

    key: str
    label: str
    steps: tuple[float, ...]
    bounds: tuple[float, float]
    default: float
    help: str | None = None

    def options(self) -> list[float]:
        """All steps in order, those that the session or the address ask for among them."""
        more: dict[str, set[float]] = st.session_state.setdefault(keys.EXTRA_STEPS, {})
        extra = more.setdefault(self.key, set())
        for text in (st.session_state.get(self.key), st.query_params.get(self.key)):
            value = self._read(text)
            if value is not None:
                extra.add(value)
        return sorted({*self.steps, self.default, *extra})

    def choose(self) -> float:
        """Show the slider and return the step that was chosen."""
        chosen: float = st.select_slider(
            self.label,
            self.options(),
            value=self.default,
            format_func=format_number,
            key=self.key,
            help=self.help,
            bind="query-params",
        )
        return chosen

    def remember(self) -> None:
        """Keep a value for a slider that may not be shown yet.

        What code sets, Streamlit writes into the address, but only if the session knew the
        key before; and a preset sets widths of layers that were never on the page.
        """
        st.session_state.setdefault(self.key, self.default)

    def _read(self, text: object) -> float | None:
        """Understand a value from outside; None if it is out of bounds or no number at all."""
        kind: Callable[[str], float] = type(self.default)
        try:
            value = kind(str(text))
        except ValueError:
            return None
        low, high = self.bounds
        return value if low <= value <= high else None


def format_number(number: float) -> str:
    """Write a number as short as can be without losing any of it."""
    short = f"{number:g}"
    return short if float(short) == number else repr(number)


def choose_one(
    label: str, options: tuple[str, ...], *, key: str, default: str, help: str | None = None
) -> str:
    """Show names to choose one from."""
    chosen: str = st.selectbox(
        label, options, options.index(default), key=key, help=help, bind="query-params"
    )
    return chosen
