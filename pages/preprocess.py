import streamlit as st

from ann_core.prediction.example_network import example_image
from ui.base.errors import guard
from ui.base.image_source import Chosen, dataset_image, image_source
from ui.base.page import notice, open_page
from ui.base.pickers import choose_dataset, load_dataset
from ui.preprocess.table_export import offer_table
from ui.preprocess.workbench import prepare, workbench

open_page("Preprocess", "For a dense network a picture is one row of numbers, and nothing else.")

dataset, start, sources = None, None, {}
with st.container(horizontal=True, vertical_alignment="bottom"):
    with guard():
        info = choose_dataset()
        if info is not None:
            dataset = load_dataset(info)
            sources["Data set"] = lambda: dataset_image(dataset)
        else:
            sources["Drawing"] = lambda: Chosen(lambda bits: example_image(), "cat")
    with guard():
        chosen = image_source("pixels", sources)
        start = prepare(chosen) if chosen else None

config = workbench(start, dataset)
if dataset is not None and config is not None:
    offer_table(dataset.info, config)
notice(
    "No number is lost, but the layout is: pixels that were above each other are now a whole line "
    "apart. The picture appears at one width only, and the network does not know it. A larger "
    "picture or colour makes the row longer, and each value needs its own weight for every neuron "
    "of the first layer."
)
