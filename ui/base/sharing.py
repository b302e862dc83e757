"""Links that the owner of pictures hands out, on a host: with figures only, or with pictures."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from ann_core.datasets.dataset import DatasetInfo
from ann_core.runs.dataset_owners import dataset_key, owner_of, renew_links, run_key
from ann_core.runs.run import Run
from ui.base import keys, services
from ui.base.datasets import viewer
from ui.base.errors import guarded
from ui.base.owners import owns

_FIGURES, _IMAGES = "Figures only", "With pictures"
_OF_FIGURES = (
    "Whoever has this link sees numbers, curves and the names of classes, and can try the network "
    "on pictures of their own. They see no picture and no file name of yours."
)
_OF_IMAGES = (
    "Whoever has this link sees the test pictures of this network and its nearest training "
    "pictures, with their file names, but not the data set as a whole."
)
_OF_DATASET = (
    "Whoever has this link sees all pictures of this data set with their names, can train on them, "
    "and can keep copies. They cannot change or delete it."
)
_OF_ALL = "This data set belongs to the whole server, so its pictures are shown to everybody."


def share_run(run: Run) -> None:
    """Let the owner of a run choose what its link shows; nothing where everybody sees all."""
    if services.settings().profile != "hosted" or not owns(run):
        return
    info = viewer().images_of(run, services.settings())
    with st.popover("Share", icon=":material/share:", key="share_run"):
        if info is None or not viewer().may_manage(info):
            shown = info is not None and owner_of(info) == ""
            _show_link(_OF_ALL if shown else _OF_FIGURES, {keys.RUN: run.id})
            return
        choice = st.segmented_control(
            "The link shows", [_FIGURES, _IMAGES], default=_FIGURES, required=True, key="shared"
        )
        if choice == _IMAGES:
            query = {keys.RUN: run.id, keys.LINK_KEY: run_key(info, run.id)}
            _show_link(_OF_IMAGES, query)
            _offer_renewal(info)
        else:
            _show_link(_OF_FIGURES, {keys.RUN: run.id})


def share_dataset(info: DatasetInfo) -> None:
    """Let the owner of a data set hand out a link to it; nothing where everybody sees all."""
    looking = viewer()
    if not looking.hosted or not owner_of(info) or not looking.may_manage(info):
        return
    with st.popover("Share", icon=":material/share:", key="share_data"):
        _show_link(_OF_DATASET, {keys.DATASET: info.name, keys.LINK_KEY: dataset_key(info)})
        _offer_renewal(info)


def _show_link(about: str, query: dict[str, str]) -> None:
    st.markdown(about)
    address = str(st.context.url or "").partition("?")[0]
    st.code(f"{address}?{urlencode(query)}", language=None, wrap_lines=True)


def _offer_renewal(info: DatasetInfo) -> None:
    st.button(
        "Make old links stop working",
        icon=":material/link_off:",
        key="renew_links",
        on_click=guarded(_renew),
        args=(info,),
        help="All links with pictures of this data set, and of the networks trained on it, that "
        "you have handed out so far. Links to figures go on working.",
    )


def _renew(info: DatasetInfo) -> None:
    renew_links(info, viewer(), services.settings())
    st.toast("Old links to these pictures do not work any more.", icon=":material/link_off:")
