import streamlit as st

from ui import services, state
from ui.bill import offer_start, show_bill
from ui.forms import run_form
from ui.frame import notice, open_page
from ui.guard import guard
from ui.live import show_run
from ui.pickers import choose_dataset, choose_run

open_page(
    "Train",
    "A dense network can learn every training picture by heart and still know little about the "
    "next one.",
)

config = None
controls, view = st.columns([1, 2], gap="large")
with controls, guard():
    info = choose_dataset()
    if info is not None:
        config = run_form(info)

with view:
    if info is not None and config is not None:
        with guard(), st.container(border=True, key="bill"):
            bill = show_bill(config, info)
            offer_start(config, info, bill)
    with guard():
        run = choose_run(services.registry().recent(limit=50), required=False)
        if run is not None:
            show_run(run)
            if not run.live:
                state.renew_submit_key()
            notice(
                "As long as both curves go the same way, the network learns something that holds "
                "for new pictures too. Where training goes on improving and validation does not, "
                "it only memorises."
            )
        elif config is not None:
            st.info("Move the sliders, start the training, and its curves will be drawn here.")
