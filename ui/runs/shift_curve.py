"""The shift test of a run: its curve, and what it says; made on request for an older run."""

from __future__ import annotations

import streamlit as st

from ann_core.errors import RunError
from ann_core.evaluation.shift_result import (
    ShiftTests,
    SplitName,
    load_shift_tests,
    save_shift_tests,
)
from ann_core.evaluation.shift_sentences import AT_THE_EDGE, describe_shift, describe_shift_curve
from ann_core.evaluation.shift_test import repeat_shift_tests
from ann_core.plots.shift_plots import shift_chart
from ann_core.runs.run import Run
from ui.base import services
from ui.base.errors import guarded
from ui.base.owners import owns
from ui.base.text import text_colour
from ui.base.turns import LONG_WORK
from ui.runs.models import open_for_batch
from ui.runs.run_cache import report_of, run_inputs_of
from ui.runs.run_files import folder_of

TITLE = "Move every picture"


def shift_tests_of(run: Run) -> ShiftTests | None:
    """Read the shift tests of a run; None if nobody has made them."""
    return load_shift_tests(folder_of(run).shift_test)


def show_shift_test(run: Run, split: SplitName) -> None:
    """Show what becomes of the accuracy when all images move; where it is missing, offer it.

    Where it cannot be made either, say why. Showing that of the test split is a look at the test
    result: who calls has noted it.
    """
    tests = shift_tests_of(run)
    test = None if tests is None else tests.test if split == "test" else tests.validation
    if test is None:
        _offer(run, made=tests is not None)
        return
    left, right = st.columns([2, 3], gap="large", vertical_alignment="center")
    left.markdown(describe_shift(test), help=AT_THE_EDGE)
    right.vega_lite_chart(
        shift_chart(test, text_colour=text_colour()),
        key=f"shift_chart_{split}",
        alt=describe_shift_curve(test),
    )


def _offer(run: Run, *, made: bool) -> None:
    """Offer the shift test of a network that has none, or say why there is none.

    Parameters
    ----------
    made : bool
        Whether there is one, of the test images only: those come with a network from a file.
    """
    if services.settings().profile != "local" and not owns(run):
        st.caption("It was not measured on moved pictures; whoever trained it can do that.")
        return
    if not folder_of(run).litert_model.is_file():
        st.caption("Its model is gone, so its pictures cannot be moved any more.")
        return
    if not made:
        st.caption(
            "This network was trained before Flatland moved all pictures after each training."
        )
    elif _lacks_validation(run):
        st.caption(
            "This network came from a file, with its test pictures only: its validation pictures "
            "are not here and cannot be moved. Results show what happens when its test pictures "
            "move."
        )
        return
    else:
        st.caption("This network came from a file; its validation pictures were not moved yet.")
    st.button(
        "Move all pictures now",
        icon=":material/open_with:",
        key="shift_now",
        on_click=guarded(_make),
        args=(run,),
        help="Each picture moves in all directions, by up to a fifth of its width. That takes a "
        "second, or half a minute with a large network.",
    )


def _lacks_validation(run: Run) -> bool:
    inputs = run_inputs_of(run)
    return inputs is None or not inputs.has(report_of(run).predictions.of("validation").rows)


def _make(run: Run) -> None:
    inputs = run_inputs_of(run)
    if inputs is None:
        raise RunError(
            "The pictures of this network are not here any more, so they cannot be moved. Train "
            "it again with the same settings."
        )
    predictions = report_of(run).predictions
    with LONG_WORK, open_for_batch(run) as classifier:
        tests = repeat_shift_tests(
            classifier.predict_features, inputs, predictions, class_names=classifier.class_names
        )
    save_shift_tests(tests, folder_of(run).shift_test)
