"""All that rests on the profile of a data set, or the offer to make one."""

from __future__ import annotations

import streamlit as st

from ann_core.datasets.dataset import Dataset
from ann_core.datasets.profile.profile import (
    DatasetProfile,
    estimate_seconds,
    load_profile,
    stored_key,
)
from ann_core.runs import job_types
from ui.base import keys, services
from ui.base.buttons import was_pressed
from ui.base.errors import guard
from ui.base.folds import fold
from ui.base.jobs_panel import start_job
from ui.base.page import MEASURE
from ui.explore.class_means import show_means
from ui.explore.issues import KIND_NAMES, show_health
from ui.explore.measures import show_measures
from ui.explore.pixel_space import show_pixel_space

POLL_SECONDS = 2.0
_OF_PARTS = (
    *(keys.EXPLORE_TAB, keys.ISSUE_KIND, keys.PIXEL_SPACE_POINT),
    *(keys.CLASS_MEAN, keys.CLASS_MEAN_LESS),
)
"""Of an address that leads to one of the parts."""


def show_profile(dataset: Dataset) -> None:
    """Show what the profile holds, part by part; only the part that is open is computed."""
    st.header("A closer look", anchor=False)
    profile = open_profile(dataset)
    if profile is None:
        _without(dataset)
    else:
        if profile.label_check is None:
            _renew(dataset)
        if any(name in st.query_params for name in _OF_PARTS):
            st.session_state.setdefault(keys.PROFILE_PANEL, True)
        panel = fold(
            "Problems, sizes and light, mean pictures, pixel space",
            keys.PROFILE_PANEL,
            icon=":material/search:",
        )
        if panel.open:
            with panel:
                _parts(dataset, profile)


def open_profile(dataset: Dataset) -> DatasetProfile | None:
    """Open the profile of a data set, kept for the next rerun; None if there is none yet."""
    try:
        return _load(dataset, stored_key(dataset, services.settings().profiles_dir))
    except _NotThereError:
        return None


def issue_rows(dataset: Dataset) -> dict[str, list[int]]:
    """Rows of the images with each issue that was found, by its name, the worst first."""
    profile = open_profile(dataset)
    if profile is None:
        return {}
    rows = profile.rows_by_kind()
    return {name: rows[kind] for kind, name in KIND_NAMES.items() if kind in rows}


class _NotThereError(Exception):
    """Keeps "none yet" out of the cache."""


@st.cache_resource(max_entries=4, show_spinner=False)
def _load(_dataset: Dataset, key: str) -> DatasetProfile:
    profile = load_profile(_dataset, services.settings().profiles_dir)
    if profile is None:
        raise _NotThereError
    return profile


@st.fragment
def _parts(dataset: Dataset, profile: DatasetProfile) -> None:
    parts = {
        "Health": show_health,
        "Sizes and light": show_measures,
        "Mean pictures": show_means,
        "Pixel space": show_pixel_space,
    }
    tabs = st.tabs(list(parts), key=keys.EXPLORE_TAB, on_change="rerun", bind="query-params")
    for tab, show in zip(tabs, parts.values(), strict=True):
        if tab.open:
            with tab, guard():
                show(dataset, profile)


def _without(dataset: Dataset) -> None:
    """Say that a profile is under way, or offer to start one."""
    if _live_profile_job(dataset) is None:
        _offer(dataset)
    else:
        _wait(dataset)


def _wait(dataset: Dataset) -> None:
    @st.fragment(run_every=POLL_SECONDS)
    def wait() -> None:
        with guard():
            now = _live_profile_job(dataset)
            if now is None:
                st.rerun()
            else:
                st.info(_how_far(now), icon=":material/search:")

    wait()


def _renew(dataset: Dataset) -> None:
    """Offer to make a profile of an earlier version anew, or say that this is under way."""
    if _live_profile_job(dataset) is not None:
        _wait(dataset)
        return
    st.markdown(
        "An earlier version of Flatland looked at these pictures. It did not look for label "
        "mistakes, nor for copies that were mirrored, turned or cut.",
        width=MEASURE,
    )
    _offer_button(dataset, "Look again")


def _live_profile_job(dataset: Dataset) -> job_types.ProfileJob | None:
    """Find a job that makes a profile of these images, whoever started it."""
    for job in services.registry().data_jobs(live=True):
        if isinstance(job, job_types.ProfileJob) and job.config.fingerprint == dataset.fingerprint:
            return job
    return None


def _how_far(job: job_types.ProfileJob) -> str:
    share = f", {min(1.0, job.batch / job.n_batches):.0%} done" if job.n_batches else ""
    return (
        f"The pictures are being looked at for problems{share}. What is found will stand here; you "
        "can go on meanwhile."
    )


def _offer(dataset: Dataset) -> None:
    seconds = estimate_seconds(len(dataset))
    duration = "some seconds"
    if seconds > 20:
        duration = f"about {seconds / 60:.0f} minutes" if seconds >= 90 else "about a minute"
    st.markdown(
        "Every picture is opened once, to find duplicates, label mistakes, dark, bright, empty "
        "and blurry pictures and odd sizes, to draw the mean picture of each class, and to see "
        f"which pictures are neighbours in pixel space. This takes {duration}.",
        width=MEASURE,
    )
    _offer_button(dataset, "Look for problems")


def _offer_button(dataset: Dataset, label: str) -> None:
    if was_pressed(label, icon=":material/search:", key="survey_start"):
        with guard():
            config = job_types.ProfileConfig(dataset=dataset.name, fingerprint=dataset.fingerprint)
            start_job(config)
            st.session_state[keys.PROFILE_PANEL] = True  # what is found is what they look for
            st.rerun()
