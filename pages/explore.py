import streamlit as st

from ann_core.runs.job_types import ImportJob, ProfileJob
from ui.base.datasets import catalog
from ui.base.errors import guard
from ui.base.jobs_panel import show_jobs
from ui.base.page import notice, open_page
from ui.base.pickers import choose_dataset, load_dataset
from ui.base.sharing import share_dataset
from ui.explore.erase_panel import show_erase, warn_of_age
from ui.explore.export_dataset import offer_export
from ui.explore.gallery import show_counts, show_gallery
from ui.explore.import_panel import import_panel
from ui.explore.import_report import show_report
from ui.explore.manage import show_manage
from ui.explore.profile_panel import issue_rows, show_profile

open_page("Explore", "A network can only learn what is in its pictures. Look at them first.")

import_panel()
with guard():
    show_jobs(ImportJob, ProfileJob)

with guard():
    row = st.container(horizontal=True, vertical_alignment="bottom", key="chosen")
    info = choose_dataset(with_link=False, container=row)
    if info is not None:
        with row:
            share_dataset(info)
            show_erase(info)
        warn_of_age(catalog().infos())
        dataset = load_dataset(info)
        show_counts(info)
        show_manage(dataset)
        show_report(dataset)
        show_gallery(dataset, issue_rows(dataset))
        show_profile(dataset)
        offer_export(dataset)
        notice(
            "Are the classes equally large? If not, always answering the larger one already "
            "scores well. Is the animal always in the same place and of the same size? In a "
            "dense network every weight belongs to one fixed pixel."
        )
