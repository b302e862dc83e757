import streamlit as st

from ann_core.runs.job_types import ImportJob
from ui.base import navigation
from ui.base.errors import guard
from ui.base.glossary import explain_words
from ui.base.jobs_panel import show_jobs
from ui.base.page import open_page
from ui.base.text import link_to
from ui.home.moved_image import show_moved_image
from ui.home.steps import show_steps
from ui.train.actions import open_run, train_first_network

open_page(
    "To a flat network, a moved cat is a new picture",
    "A dense network gets every picture as one row of numbers and is never told which pixels are "
    "neighbours. Drag the cat and see what it predicts.",
)
with guard():
    show_moved_image()
with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
    clicked = st.button(
        "Train my first network",
        icon=":material/rocket_launch:",
        key="first_network",
        help="Draws 2,000 cartoon cats and dogs, if they are not there yet, and trains a small "
        "network on them. It takes half a minute to a minute.",
    )
    link_to(navigation.LESSON, "The lesson: five steps, 45 minutes", icon=":material/school:")
    link_to(navigation.EXPLORE, "Use my own pictures", icon=":material/add_photo_alternate:")
    explain_words("Home")
if clicked:
    with guard():
        train_first_network()
with guard():
    show_jobs(ImportJob, on_run=open_run)
show_steps()
