"""Put a data set right: its name, its classes, its pictures, its splits; and its versions."""

from __future__ import annotations

import streamlit as st

from ann_core.datasets.dataset import Dataset, DatasetInfo, display_name
from ann_core.datasets.editing.family import family
from ann_core.runs.run import Run
from ui.base import keys, services, state
from ui.base.datasets import catalog, viewer
from ui.base.errors import guard, guarded
from ui.base.page import MEASURE
from ui.base.text import plain, run_title, short
from ui.components.small_table import show_rows
from ui.explore.import_form import WIDTH
from ui.explore.manage_classes import show_classes, show_more_images
from ui.explore.manage_splits import show_balance, show_split_anew
from ui.explore.new_version import forget_started_name, show_versions_under_way


def show_manage(dataset: Dataset) -> None:
    """Offer what can be changed of a data set; every change of its pictures is a new version."""
    forget_started_name()
    panel = st.expander("Manage", icon=":material/tune:", key=keys.MANAGE_PANEL, on_change="rerun")
    if not panel.open:
        return
    parts = {
        "Versions": _show_versions,
        "Rename, delete": _show_name,
        "Classes": show_classes,
        "More pictures": show_more_images,
        "Split": show_split_anew,
        "Balance": show_balance,
    }
    with panel, guard():
        first = next(iter(parts))
        part = st.segmented_control(
            *("What to change", list(parts)),
            default=first,
            required=True,
            key=keys.MANAGE_PART,
        )
        parts[part or first](dataset)
        show_versions_under_way(dataset)


def _show_versions(dataset: Dataset) -> None:
    st.markdown(
        "What this data set was made of, and what was made of it. Each keeps its pictures, also "
        "when another one is deleted, and shares the files with it, so it takes hardly any space.",
        width=MEASURE,
    )
    related = family(catalog().infos(), dataset.info)
    table = [
        {
            "name": display_name(info.name) + (" (this one)" if info.name == dataset.name else ""),
            "made of": display_name(info.parent) or None,
            "what changed": "; ".join(info.changes) or short(info.source),
            "pictures": info.n_images,
            "networks": len(_runs_on(info)),
        }
        for info in related
    ]
    show_rows(
        table, alt="Versions: what each was made of, what changed, its pictures, and its networks"
    )
    others = [info.name for info in related if info.name != dataset.name]
    if others:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            name = st.selectbox(
                "Another version",
                others,
                format_func=display_name,
                key="manage_version",
                width=WIDTH // 2,
            )
            st.button(
                "Look at it", key="manage_look", on_click=state.remember_dataset, args=(name,)
            )


def _show_name(dataset: Dataset) -> None:
    """Let those who may give it another name, or delete it."""
    if not viewer().may_manage(dataset.info):
        st.markdown(
            "Only the browser that added this data set can rename or delete it. You can make your "
            "own version of it and change that as you like.",
            width=MEASURE,
        )
        return
    name = display_name(dataset.name)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        typed = f"manage_name_{dataset.name}"
        new = st.text_input("Name", name, key=typed, max_chars=64, width=WIDTH // 2).strip()
        st.button(
            "Rename",
            icon=":material/edit:",
            key="manage_rename",
            disabled=new == name,
            on_click=guarded(_rename),
            args=(dataset.info, typed),
        )
    st.caption("Networks trained on it find it by its pictures, whatever it is called.")
    if st.session_state.get(keys.MANAGE_DELETE) == dataset.name:
        _make_sure(dataset.info)
    else:
        st.button(
            "Delete this data set",
            icon=":material/delete:",
            key="manage_delete",
            on_click=_ask_to_delete,
            args=(dataset.name,),
        )


def _make_sure(info: DatasetInfo) -> None:
    """Say what goes and what stays, and ask once."""
    runs, related = _runs_on(info), family(catalog().infos(), info)
    titles = ", ".join(plain(short(run_title(run))) for run in runs[:3])
    more = f" and {len(runs) - 3:,} more" if len(runs) > 3 else ""
    lines = [
        f"**{info.n_images:,} pictures** will be deleted for good. Networks keep what they "
        "stored of them; **Erase now**, at the top of this page, deletes that too."
    ]
    if runs:
        lines.append(
            "Networks trained on it keep their results and can be read as before, but they cannot "
            f"be trained again or show all pictures: {titles}{more}."
        )
    others = [plain(display_name(each.name)) for each in related if each.name != info.name]
    if others:
        lines.append(f"Versions keep their own pictures: {', '.join(others[:5])}.")
    st.warning("  \n".join(lines), icon=":material/delete:")
    with st.container(horizontal=True):
        st.button(
            f"Delete {plain(display_name(info.name))}",
            key="manage_delete_sure",
            on_click=guarded(_delete),
            args=(info,),
        )
        st.button("Keep it", key="manage_keep", on_click=_ask_to_delete, args=(None,))


def _ask_to_delete(name: str | None) -> None:
    st.session_state[keys.MANAGE_DELETE] = name


def _rename(info: DatasetInfo, typed: str) -> None:
    """Give a data set the name that its field has now, not when its button was drawn last."""
    viewer().check_may_manage(info, "rename")
    new = st.session_state[typed].strip()
    state.remember_dataset(catalog().rename(info.name, new).name)


def _delete(info: DatasetInfo) -> None:
    viewer().check_may_manage(info, "delete")
    _ask_to_delete(None)
    catalog().delete(info.name)
    state.forget_dataset()


def _runs_on(info: DatasetInfo) -> list[Run]:
    """Find the runs on the very pictures of a data set that this visitor may know of."""
    looking = viewer()
    runs = (
        services.registry().recent()
        if looking.unlimited
        else services.registry().recent(owner=looking.caller)
    )
    return [run for run in runs if run.config.fingerprint == info.fingerprint]
