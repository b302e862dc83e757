"""Whose browser is this: a key that it keeps, and that is in no address.

A session proposes a key; the browser answers with the one it has, or keeps the proposal.
Where a browser keeps nothing, the proposal serves as long as the session does.
"""

from __future__ import annotations

import streamlit as st

from ann_core.errors import RunError
from ann_core.runs.owners import (
    Visitor,
    address_digest,
    is_owner_key,
    may_manage,
    new_owner_key,
    owner_digest,
)
from ann_core.runs.run import Run
from ui.base import keys, services
from ui.base.errors import guarded
from ui.base.link_keys import link_keys

_KEEP = """
const NAME = "flatland.owner"
const KEY = /^[A-Za-z0-9_-]{32}$/

export default function ({ data, setStateValue }) {
  try {
    const store = window.localStorage
    const kept = store.getItem(NAME)
    if (data.entered) store.setItem(NAME, data.entered)
    else if (!KEY.test(kept ?? "")) store.setItem(NAME, data.proposed)
    setStateValue("key", store.getItem(NAME))
  } catch {
    setStateValue("key", data.entered ?? data.proposed)  // nothing is kept for this page
  }
}
"""
_keeper = st.components.v2.component("flatland_owner", js=_KEEP)


def owner_key() -> str:
    """Return the key of this visitor's browser; until it has answered, the session's proposal."""
    entered = st.session_state.get(keys.OWNER_ENTERED)
    if is_owner_key(entered):
        return str(entered)
    reply = st.session_state.get(keys.OWNER_KEEPER)
    kept = reply.get("key") if reply is not None else None
    return str(kept) if is_owner_key(kept) else _proposed()


def visitor() -> Visitor:
    """Say who files a job: by the key that is theirs, and by what they cannot choose.

    Session and address are told only where something is counted by them.
    """
    limits = services.settings().limits
    session = owner_digest(_proposed()) if limits.waiting_runs else ""
    # Of a proxy, uvicorn takes the address that it forwards if FORWARDED_ALLOW_IPS trusts it.
    address = address_digest(st.context.ip_address) if limits.waiting_at_address else ""
    return Visitor(owner_key(), session, address, link_keys())


def answered() -> bool:
    """Whether the browser has said which key it keeps; true as well where it is not asked."""
    return (
        keys.OWNER_KEEPER not in st.session_state
        or st.session_state[keys.OWNER_KEEPER].get("key") is not None
    )


def owns(run: Run) -> bool:
    """Whether the visitor may pause, stop and delete a run."""
    return may_manage(run.owner, owner_key())


def keep_owner_key() -> None:
    """Let the browser keep the key; takes no place on the page."""
    _keeper(
        data={"proposed": _proposed(), "entered": st.session_state.get(keys.OWNER_ENTERED)},
        key=keys.OWNER_KEEPER,
        width=1,
        height=1,
        on_key_change=_answered,
    )


def other_device() -> None:
    """Show the key to its owner, and let them enter the one of another browser."""
    with st.popover(
        "Your networks on another device", icon=":material/devices:", type="tertiary", key="devices"
    ):
        st.markdown(
            "Networks and pictures belong to the browser that made them, by this key. Whoever has "
            "it can see your pictures, and stop and delete your networks."
        )
        st.code(owner_key(), language=None, wrap_lines=True)
        st.text_input(
            "Key of the other browser",
            key=keys.OWNER_FIELD,
            max_chars=32,
            autocomplete="off",
            help="Open this same place on the other device and copy the key from there. This "
            "browser then owns those networks too, and forgets the key above.",
        )
        st.button("Use this key", key="use_key", on_click=guarded(_enter))


def _proposed() -> str:
    if keys.OWNER_PROPOSED not in st.session_state:
        st.session_state[keys.OWNER_PROPOSED] = new_owner_key()
    return str(st.session_state[keys.OWNER_PROPOSED])


def _answered() -> None:
    """Let the browser's word count again, once it keeps what was entered."""
    if st.session_state[keys.OWNER_KEEPER].get("key") == st.session_state.get(keys.OWNER_ENTERED):
        st.session_state.pop(keys.OWNER_ENTERED, None)


def _enter() -> None:
    key = str(st.session_state.get(keys.OWNER_FIELD, "")).strip()
    if not is_owner_key(key):
        raise RunError(
            f"Expected a key of 32 letters, digits, '-' and '_', got {len(key)} characters. Copy "
            "the whole key from the other browser."
        )
    if key != owner_key():
        st.session_state[keys.OWNER_ENTERED] = key
    st.session_state[keys.OWNER_FIELD] = ""
