import streamlit as st

from ann_core.preprocessing import steps
from ui import pages
from ui.forms import preprocess_form
from ui.frame import notice, open_page
from ui.guard import guard
from ui.panels import show_steps
from ui.pickers import choose_dataset, load_dataset
from ui.pictures import dataset_picture, picture_source
from ui.prose import link_to

open_page("Preprocess", "To a dense network a picture is one row of numbers, and nothing else.")

config, image, sources = None, None, {}
controls, view = st.columns([1, 3], gap="large")
with controls, guard():
    config = preprocess_form()
with controls, guard():
    info = choose_dataset()
    if info is not None:
        dataset = load_dataset(info)
        sources["Data set"] = lambda: dataset_picture(dataset)
with view, guard():
    image = picture_source("pixels", sources)
    if image is not None and config is not None:
        show_steps(steps(image, config))
        notice(
            "Flattened, the picture is gone: pixels that touched from above and below now lie a "
            "whole row apart. Nothing that follows puts them back together. A larger picture or "
            "colour makes the row longer, and every value needs a weight to each node of the "
            "first layer."
        )
        link_to(pages.TRAIN, "Train with these settings", icon=":material/model_training:")
