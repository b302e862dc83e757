import streamlit as st

from ui.base import keys
from ui.base.errors import guard
from ui.base.page import notice, open_page
from ui.experiments.one_experiment import show_experiment
from ui.experiments.start import show_start

open_page(
    "Experiments",
    "That flattening loses the picture can be claimed, or it can be tested: here, on your own "
    "pictures.",
)

with guard():
    opened = st.query_params.get(keys.EXPERIMENT)
    if opened:
        show_experiment(opened)
    else:
        show_start()
notice(
    "A bet before, a figure afterwards: if the two differ, that is what there is to learn. Also a "
    "claim that does not hold on your pictures is a result."
)
