"""Flatland's front door: page settings, navigation, and nothing else."""

import streamlit as st

from ui import services
from ui.guard import guard
from ui.pages import all_pages

st.set_page_config(
    page_title="Flatland",
    page_icon="static/icon.png",
    layout="wide",
    menu_items={"About": "Flatland trains dense networks on flattened pictures. MIT licence."},
)
page = st.navigation(all_pages(), position="top")
with guard():
    services.start()
    page.run()
