"""The lesson: five steps for a class, each with a link, a question and what can be expected."""

from __future__ import annotations

import streamlit as st

from ann_core.runs.run import Run
from ui.base import navigation, state
from ui.base.errors import guard
from ui.base.page import MEASURE
from ui.base.text import link_to, plain, run_title
from ui.home.steps import STEPS, LessonStep, way_to

BEGIN_MINUTES, STEP_MINUTES = 5, 8  # 45 in all
_PRINTED = """<style>
@media print {
  [data-testid=stHeader], .st-key-words, .st-key-devices, .st-key-lead_on {
    display: none !important;
  }
  [data-testid=stMain], [data-testid=stApp] { position: static !important; overflow: visible; }
  .st-key-lesson h2 { break-after: avoid; }
}
</style>"""


def show_lesson() -> None:
    """Show the beginning and the five steps, for the screen and to be printed."""
    st.html(_PRINTED)
    run: Run | None = None
    with guard():
        run = state.current_run()
    with st.container(key="lesson", width=MEASURE):
        _show_beginning(run)
        for number, step in enumerate(STEPS, 1):
            _show(number, step, run)


def _show_beginning(run: Run | None) -> None:
    st.markdown(
        f"**Begin ({BEGIN_MINUTES} minutes)** with the cat on Home: drag it until the prediction "
        "changes. Ask what has changed for the network, and what for you."
    )
    link_to(navigation.HOME, "Open Home")
    if run is not None:
        st.markdown(f"The numbers below are those of {plain(run_title(run))}.")
    else:
        st.markdown(
            "The numbers below are those of the small network on Home. After a training, they are "
            "those of your own network."
        )


def _show(number: int, step: LessonStep, run: Run | None) -> None:
    page, query = way_to(step, run)
    st.header(f"{number} {step.title} ({STEP_MINUTES} minutes)", anchor=False)
    st.markdown(f"{step.task}  \n**Ask:** {step.question}  \n**Expect:** {step.expected(run)}")
    link_to(page, f"Open step {number}: {navigation.title_of(page)}", query=query)
