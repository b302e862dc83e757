"""What all ways of bringing images in share: a name, a split, a start."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from ann_core.datasets.editing.edits import Balance
from ann_core.datasets.importing.uploads import Upload
from ann_core.datasets.sources.reserved import suggested_name
from ann_core.datasets.split import SplitConfig
from ann_core.runs.job_types import AnyJob, ImportConfig, Source
from ui.base import keys
from ui.base.datasets import catalog
from ui.base.errors import guard
from ui.base.jobs_panel import start_job, start_upload
from ui.explore.split_form import balance_controls, split_controls

WIDTH = 480


def start_import(config: ImportConfig, disk_bytes: int = 0) -> None:
    """File an import and close the panel; a refusal is shown and leaves it as it is."""
    with guard():
        _close_panel(start_job(config, disk_bytes=disk_bytes))


def import_upload(upload: Upload, config: ImportConfig) -> None:
    """File an import of an upload, as `start_import`; a refused one was never written."""
    with guard():
        _close_panel(start_upload(upload, lambda token: config.model_copy(update={"what": token})))


def _close_panel(job: AnyJob) -> None:
    """Show the job; what was given stays until it is there."""
    st.session_state[keys.STARTED_IMPORT] = job.id
    st.session_state[keys.IMPORT_CLOSES] = True
    st.rerun()


@dataclass(frozen=True)
class ImportChoices:
    """What was chosen for a new data set, by whatever way it comes.

    Attributes
    ----------
    split : SplitConfig or None
        None if what stands in the form is none.
    """

    name: str
    split: SplitConfig | None
    balance: Balance | None

    def config(self, source: Source, what: str, origin: str = "") -> ImportConfig:
        """Make the settings of the import."""
        edit = () if self.balance is None else (self.balance,)
        split = self.split or SplitConfig()
        return ImportConfig(
            name=self.name, source=source, what=what, origin=origin, split=split, edit=edit
        )


def import_choices(way: str) -> ImportChoices:
    """Ask for the name of the new data set, how it is split, and how unequal classes may be."""
    name = name_field(keys.import_name(way))
    with st.expander("How it is divided", key=f"import_{way}_divided", icon=":material/tune:"):
        split = split_controls(f"import_{way}", has_groups=way != "pictures")
        balance = balance_controls(f"import_{way}")
    return ImportChoices(name, split, balance)


def name_field(key: str) -> str:
    """Ask for the name of the new data set."""
    name = st.text_input("Name of the data set", key=key, width=WIDTH, persist_state="session")
    return name.strip()


def suggest(way: str, text: str) -> None:
    """Fill in a name, unless somebody has typed one; for callbacks."""
    key, suggested = keys.import_name(way), keys.suggested_name(way)
    typed = st.session_state.get(key)
    if not typed or typed == st.session_state.get(suggested):
        st.session_state[key] = st.session_state[suggested] = suggested_name(text, catalog())
