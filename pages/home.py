import streamlit as st

from ann_core.runs.job_types import ImportJob
from ui.base import navigation
from ui.base.errors import guard
from ui.base.jobs_panel import show_jobs
from ui.base.page import open_page
from ui.base.text import link_to
from ui.components.stages import show_stages
from ui.home.illustrations import example_stages
from ui.train.actions import open_run, train_first_network

open_page(
    "What does a neural network see when you flatten a picture?",
    "Train a neural network to tell cats from dogs, without writing code. The network gets each "
    "picture as one long row of numbers. It never learns which pixels are next to each other. "
    "Train one, then see what happens when a picture moves by a few pixels.",
)
with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
    clicked = st.button(
        "Train my first network",
        icon=":material/rocket_launch:",
        key="first_network",
        help="Draws 2,000 cartoon cats and dogs, if they are not there yet, and trains a small "
        "network on them. It takes about a minute.",
    )
    link_to(navigation.EXPLORE, "Use your own pictures")
if clicked:
    with guard():
        train_first_network()
with guard():
    show_jobs(ImportJob, on_run=open_run)

with guard():
    show_stages(example_stages())
