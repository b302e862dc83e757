"""The story in five steps: the row on Home, and what the lesson is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from ann_core.evaluation.shift_result import load_shift_tests
from ann_core.evaluation.shift_sentences import describe_shift
from ann_core.files import counted
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.prediction.example_network import load_example_network
from ann_core.runs.run import Run
from ui.base import keys, navigation
from ui.base.datasets import catalog
from ui.base.text import link_to
from ui.home.moved_image import NEAR
from ui.runs.run_files import folder_of


@dataclass(frozen=True)
class LessonStep:
    """One step: on which page, what to do there, what to ask a class, and what it will see.

    Attributes
    ----------
    query : dict
        Of the address that opens the page in the right state.
    expected : callable
        Says it with the numbers of the visitor's own network, or else of the example network.
    """

    title: str
    page: str
    query: dict[str, str]
    task: str
    question: str
    expected: Callable[[Run | None], str]


def _row(_: Run | None) -> str:
    config = PreprocessConfig()
    return (
        f"With the usual settings, the picture comes back at {config.line_length} values in a line "
        f"and at no narrower width. All {config.n_features:,} numbers are there at every width; "
        "what the row does not say is the width. We can try widths until we see a picture; the "
        "network is never told."
    )


def _trained(run: Run | None) -> str:
    if run is not None and run.result is not None and run.result.validation is not None:
        return (
            f"The network: {run.result.validation:.0%} of the validation pictures are right, "
            f"after {counted(run.epoch, 'epoch')}. It never learned from them."
        )
    network = load_example_network()
    return (
        f"It may be more than you expect. The small network on Home gets "
        f"{network.accuracy_at(0):.0%} of {network.n_test} new drawings right."
    )


def _moved(run: Run | None) -> str:
    tests = load_shift_tests(folder_of(run).shift_test) if run is not None else None
    if tests is not None and tests.validation is not None:
        return describe_shift(tests.validation)  # not a look at the test result
    network = load_example_network()
    before, after = network.accuracy_at(0), network.accuracy_at(NEAR)
    return (
        f"The small network on Home falls from {before:.0%} to {after:.0%} when all pictures move "
        f"{NEAR} pixels to the right. Nothing in them is new to us; but to the network every pixel "
        "meets a weight of another place."
    )


def _mistakes(run: Run | None) -> str:
    if run is not None and run.result is not None and run.result.validation is not None:
        wrong = 100 - round(100 * run.result.validation)
        return (
            f"About {wrong} of 100 new pictures should be wrong, as in validation. Many mistakes "
            "have a reason that one can see: the animal sits at the side, is small, or is tilted."
        )
    wrong = 100 - round(100 * load_example_network().accuracy_at(0))
    return (
        f"The small network on Home has {wrong} of 100 wrong. Many mistakes have a reason that one "
        "can see: the animal sits at the side, is small, or is tilted."
    )


def _instead(_: Run | None) -> str:
    return (
        "A convolution looks at neighbouring pixels together, with the same weights everywhere: "
        "what it learned about an ear in one place, it knows everywhere. The experiment shows "
        "whether that is better on your pictures, and by how much."
    )


STEPS = (
    LessonStep(
        "See the row",
        navigation.PREPROCESS,
        {keys.PREPROCESS_TAB: "Flattened"},
        "Choose a picture. Under Flattened, move the slider from left to right.",
        "At which width does the picture come back? How could the network find out?",
        _row,
    ),
    LessonStep(
        "Train a network",
        navigation.TRAIN,
        {},
        "Press Start training and watch the curves. Before it ends, let the class guess.",
        "How many of 100 new pictures will it get right? With two classes, guessing gets 50.",
        _trained,
    ),
    LessonStep(
        "Move its pictures",
        navigation.EVALUATE,
        {},
        "Look at what happens when all test pictures move a few pixels.",
        "The animals are the same. Why does the network get fewer of them right?",
        _moved,
    ),
    LessonStep(
        "Find its mistakes",
        navigation.EVALUATE,
        {keys.RESULTS_PART: "Pictures"},
        "Look at the mistakes that it made with the highest confidence.",
        "What do these pictures have in common? Would you have made the same mistake?",
        _mistakes,
    ),
    LessonStep(
        "What to do instead",
        navigation.EXPERIMENTS,
        {keys.EXPERIMENT_KIND: "Duel"},
        "Let a dense network compete with a convolution. Everybody bets first.",
        "What would a network need to know about pictures that this one is not told?",
        _instead,
    ),
)


def show_steps() -> None:
    """Lead to the five steps, in their order, in one row."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="steps"):
        st.markdown("**In five steps:**", width="content")
        for number, step in enumerate(STEPS, 1):
            page, query = way_to(step)
            if page == navigation.HOME:  # where this row stands
                page, query = step.page, step.query
            link_to(page, f"{number} {step.title}", icon=None, query=query)


def way_to(step: LessonStep, run: Run | None = None) -> tuple[str, dict[str, str]]:
    """Say on which page a step is taken, and with what in the address; first come pictures."""
    if step.page == navigation.TRAIN and not catalog().infos():
        return navigation.HOME, {}
    needs_run = step.page in (navigation.TRAIN, navigation.EVALUATE)
    return step.page, step.query | ({keys.RUN: run.id} if run is not None and needs_run else {})
