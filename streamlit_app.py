"""Flatland's front door: page settings, navigation, and nothing else."""

import streamlit as st

from ui import services
from ui.guard import guard
from ui.owners import keep_owner_key, other_device
from ui.pages import all_pages

st.set_page_config(
    page_title="Flatland",
    page_icon="static/icon.png",
    layout="wide",
    menu_items={"About": "Flatland trains dense networks on flattened pictures. MIT licence."},
)
page = st.navigation(all_pages(), position="top")
body, foot = st.container(), st.container(horizontal=True, key="foot")
with foot:
    keep_owner_key()
with body, guard():
    services.start()
    page.run()
with foot:
    other_device()
