"""The form of the Train page: what it would cost, the start, and all settings."""

from __future__ import annotations

import streamlit as st

from ui.base import services
from ui.base.buttons import forget_press
from ui.base.errors import guard
from ui.base.pickers import choose_dataset
from ui.train.forms import run_form
from ui.train.run_cost import draw_network, offer_start, show_run_cost


@st.fragment
def training_form() -> None:
    """Ask for a run, show what it would cost, and offer to start it.

    A slider draws this form anew, and not the run beside it.
    """
    with guard():
        _draw_form()
    forget_press()  # of a button that a sentence stands in place of


def _draw_form() -> None:
    info = choose_dataset()
    if info is None:
        return
    services.expect_training()
    # On top, where the effect of each slider is seen; it is known once all are read.
    cost = st.container(border=True, key="bill")
    config, drawing = run_form(info)
    with cost:
        offer_start(config, info, show_run_cost(config, info))
    with drawing:
        draw_network(config, info)
