"""The form of the Train page: what it would cost, the start, and all settings."""

from __future__ import annotations

import streamlit as st

from ui import state
from ui.bill import draw_network, offer_start, show_bill
from ui.forms import run_form
from ui.guard import guard, surface_failure
from ui.pickers import choose_dataset


@st.fragment
def training_form() -> None:
    """Ask for a run and start it; a slider reruns this form, and not the run beside it."""
    surface_failure()
    if st.session_state.pop(state.STARTED, False):
        st.rerun()  # to show the new run
    with guard():
        info = choose_dataset()
        if info is None:
            return
        # On top, where the effect of each slider is seen; it is known once all are read.
        cost = st.container(border=True, key="bill")
        config = run_form(info)
        draw_network(config, info)
        with cost:
            offer_start(config, info, show_bill(config, info))
