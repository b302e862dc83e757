import streamlit as st

from ui.base import keys
from ui.base.errors import guard
from ui.base.page import notice, open_page
from ui.base.pickers import choose_run, choose_second, explain_no_network
from ui.predict.many_images import show_many
from ui.predict.one_image import show_one

ONE, MANY = "One picture", "Many pictures"

open_page(
    "Predict",
    "A network always gives an answer, even for something it has never seen.",
)

with guard():
    first, other = st.columns(2, gap="large")
    with first:
        run = choose_run(required=True)
    if run is None:
        explain_no_network()
    else:
        number = st.segmented_control(
            "Predict for",
            [ONE, MANY],
            default=ONE,
            required=True,
            key=keys.PREDICT_ABOUT,
            bind="query-params",
        )
        if number == MANY:
            show_many(run)
        else:
            with other:
                second = choose_second(run)
            show_one(run, second)
        notice(
            "The bars always add up to 100%: the network must choose among the classes it "
            "knows, even for a picture of your kitchen. A long bar means that it is confident, "
            "not that it is right."
        )
