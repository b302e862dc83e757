"""What buttons of the Experiments page set in motion."""

from __future__ import annotations

import secrets

import streamlit as st

from ann_core.datasets.dataset import DatasetInfo
from ann_core.errors import RunError
from ann_core.experiments.catalog import find_experiment
from ann_core.experiments.definition import Experiment
from ann_core.jobs import experiments
from ann_core.runs.owners import Submission
from ui.base import keys, services
from ui.base.owners import owner_key, visitor


def begin(experiment: Experiment, info: DatasetInfo) -> None:
    """Start an experiment with the bet that was chosen, and open it.

    Raises
    ------
    DatasetError, LimitError, RunError
    """
    bet = st.session_state.get(keys.experiment_bet(experiment.key))
    if not bet:
        raise RunError("Bet first: choose what you expect, then start the experiment.")
    key = st.session_state.setdefault(keys.EXPERIMENT_SUBMIT_KEY, secrets.token_urlsafe(16))
    record = experiments.begin(
        services.registry(),
        services.settings(),
        experiment,
        info=info,
        submission=Submission(f"{key}:{experiment.key}:{info.fingerprint[:16]}", visitor()),
        bet=str(bet),
    )
    open_experiment(record.id)


def open_experiment(experiment_id: str) -> None:
    """Let the page be about one experiment."""
    st.session_state.pop(keys.EXPERIMENT_SUBMIT_KEY, None)
    st.query_params[keys.EXPERIMENT] = experiment_id


def close_experiment() -> None:
    """Go back to all experiments."""
    st.query_params.pop(keys.EXPERIMENT, None)


def bet_on(experiment_id: str, experiment_key: str) -> None:
    """Bet on the outcome of an experiment that somebody else has started."""
    bet = st.session_state.get(keys.experiment_bet(experiment_key))
    if bet:
        find_experiment(experiment_key).bet(str(bet))
        services.registry().experiments.bet(experiment_id, str(bet), by=owner_key())


def stop(experiment_id: str) -> None:
    """Stop an experiment and its runs."""
    experiments.stop(services.registry(), services.settings(), experiment_id, by=owner_key())


def delete(experiment_id: str) -> None:
    """Delete an experiment and its runs."""
    experiments.delete(services.registry(), services.settings(), experiment_id, by=owner_key())
    close_experiment()
    st.toast("The experiment and its networks are deleted.", icon=":material/delete:")
