"""Flatland's front door: page settings, navigation, and nothing else."""

from pathlib import Path

import streamlit as st

from ui.base import services
from ui.base.buttons import forget_press
from ui.base.errors import guard
from ui.base.history import keep_entry_a_page
from ui.base.kept_files import has_unsaved
from ui.base.navigation import all_pages, lead_on
from ui.base.owners import keep_owner_key, other_device
from ui.base.page import keep_short
from ui.base.unsaved import ask_before_leaving

st.set_page_config(
    page_title="Flatland",
    page_icon=Path(__file__).parent / "static" / "icon.png",
    layout="wide",
    menu_items={"About": "Flatland trains dense networks on flattened pictures. MIT licence."},
)
page = st.navigation(all_pages(), position="top")
body, foot, unseen = st.container(), st.container(), st.container(horizontal=True, gap=None)
with unseen:
    keep_owner_key()
    keep_entry_a_page()
    keep_short()
with body, guard():
    services.start()
    page.run()
forget_press()
with body:
    lead_on(page)
with unseen:
    ask_before_leaving(has_unsaved())
with foot:
    other_device()
