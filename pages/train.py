import streamlit as st

from ui.base import state
from ui.base.errors import guard
from ui.base.page import notice, open_page
from ui.base.pickers import choose_run
from ui.train.live import show_run
from ui.train.training_form import training_form

open_page(
    "Train",
    "A dense network can learn every training picture by heart and still fail on a new one.",
)

form, view = st.columns([2, 3], gap="large")
with form:
    training_form()
with view, guard():
    run = choose_run(required=False)
    if run is None:
        st.info("The curves of a training appear here as soon as it has begun.")
    else:
        show_run(run)
        if not run.live:
            state.renew_submit_key()
        if run.live or run.epoch:
            notice(
                "As long as both curves go the same way, the network learns something that holds "
                "for new pictures too, framed like the old ones. Where training goes on improving "
                "and validation does not, it only learns by heart. After the training, **Move "
                "every picture** measures what is left when the same pictures move by a few pixels."
            )
