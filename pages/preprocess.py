import streamlit as st

from ann_core.preprocessing import steps
from ui import pages
from ui.forms import preprocess_form
from ui.guard import guard
from ui.panels import show_steps
from ui.pickers import choose_dataset, load_dataset, picture_of, picture_source

st.title("Preprocess")
st.markdown("To a dense network a picture is one row of numbers, and nothing else.")

controls, view = st.columns([1, 3], gap="large")
with controls, guard():
    config = preprocess_form()
    info = choose_dataset()

with view, guard():
    sources = {}
    if info is not None:
        dataset = load_dataset(info)
        rows = list(range(len(dataset)))
        sources["Data set"] = lambda: picture_of(dataset, rows, "pixels", say_class=True)
    image = picture_source("pixels", sources)
    if image is not None:
        show_steps(steps(image, config))
        st.subheader("What to notice")
        st.markdown(
            "Flattened, the picture is gone: pixels that touched from above and below now lie a "
            "whole row apart. Nothing that follows puts them back together. A larger picture or "
            "colour makes the row longer, and every value needs a weight to each node of the "
            "first layer."
        )
        st.page_link(
            pages.TRAIN, label="Train with these settings", icon=":material/model_training:"
        )
