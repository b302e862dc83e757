import streamlit as st

from ui import state
from ui.actions import start_run
from ui.forms import network_form, preprocess_form
from ui.guard import guard
from ui.live import show_run
from ui.panels import show_network_bill
from ui.pickers import choose_dataset

st.title("Train")
st.markdown(
    "A dense network can learn every training picture by heart and still know little about the "
    "next one."
)

controls, view = st.columns([1, 2], gap="large")
with controls, guard():
    info = choose_dataset()
    if info is not None:
        network = network_form()
        with st.expander("Pictures", key="pictures"):
            preprocess = preprocess_form()
        show_network_bill(network, preprocess, len(info.class_names))
        st.button(
            "Start training",
            icon=":material/play_circle:",
            key="start",
            on_click=start_run,
            args=(info, preprocess, network),
        )

with view, guard():
    run = state.current_run()
    if run is None:
        st.info("Choose a network on the left and start it. Its curves will be drawn here.")
    else:
        show_run(run)
        if not run.live:
            state.renew_submit_key()
        st.subheader("What to notice")
        st.markdown(
            "As long as both curves go the same way, the network learns something that holds for "
            "new pictures too. Where training goes on improving and validation does not, it only "
            "memorises."
        )
