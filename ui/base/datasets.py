"""The data sets that are there for this visitor; pages know of no others."""

from __future__ import annotations

import streamlit as st

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import DatasetInfo
from ann_core.runs.dataset_owners import Viewer, dataset_key, run_key
from ann_core.runs.run import Run
from ui.base import services
from ui.base.link_keys import came_by_link, keep_in_address
from ui.base.owners import answered, visitor


def viewer() -> Viewer:
    """Say who looks at data sets: by owner key, and by the links that they came by."""
    return Viewer.of(visitor(), services.registry(), services.settings())


def catalog() -> Catalog:
    """Open the catalog as it is for this visitor."""
    return viewer().catalog(services.settings())


def images_of(run: Run) -> DatasetInfo | None:
    """Find the data set of a run, by whatever name; None if it is gone, or hidden from them."""
    looking = viewer()
    info = looking.images_of(run, services.settings())
    if info is not None:
        keep_link(run_key(info, run.id))
        keep_link(dataset_key(info))
    return info


def may_see_images_of(run: Run) -> bool:
    """Whether this visitor may see the pictures that a run is about."""
    return viewer().may_see_images_of(run, services.settings())


def keep_link(key: str) -> None:
    """Keep a true key in the address, if the visitor came by it."""
    if viewer().has(key):
        keep_in_address(key)


def explain_hidden() -> None:
    """Say why there are no pictures of a run, once it is known that it is not the visitor's."""
    if not answered():
        return
    if came_by_link():
        st.warning(
            "This link does not open any pictures of this network: a part of it is missing, or its "
            "owner has made old links stop working. Ask for a new one. The figures are all here.",
            icon=":material/link_off:",
        )
    else:
        st.info(
            "The owner of this network has shared its figures only, so its pictures are not shown.",
            icon=":material/visibility_off:",
        )
