import streamlit as st

from ui.base import keys
from ui.base.errors import guard
from ui.base.page import notice, open_page
from ui.experiments.one_experiment import show_experiment
from ui.experiments.start import show_start

open_page(
    "Experiments",
    "Does a network lose the picture when it is flattened? Test it here, on your own pictures.",
)

with guard():
    opened = st.query_params.get(keys.EXPERIMENT)
    if opened:
        show_experiment(opened)
    else:
        show_start()
notice(
    "Compare your bet with the figure: where the two differ, there is something to learn. A claim "
    "that does not hold on your pictures is a result too."
)
