"""One press of Back is one page.

Streamlit makes an entry of the browser's history for each address that a page gives itself,
so that Back would undo one control after another, and stay on a page that renamed itself.
"""

from __future__ import annotations

import streamlit as st

_ENTRY_A_PAGE = """
const PATIENCE = 1000  // milliseconds
const SCRIPT_STATE = "[data-test-script-state]"

export default function () {
  const history = window.history
  if (history.pushState.entryAPage) return
  const push = history.pushState.bind(history)
  let emptying
  history.pushState = (state, title, address) => {
    clearTimeout(emptying)
    const target = new URL(address ?? "", window.location.href)
    const { pathname, search } = window.location
    // Before it turns to another page, Streamlit empties the address of this one: not in history.
    const emptyIfItStays = () => {
      if (pathname !== window.location.pathname || search !== window.location.search) return
      const script = document.querySelector(SCRIPT_STATE)?.dataset.testScriptState
      if (script === "notRunning") history.replaceState(state, title, address)
      else emptying = setTimeout(emptyIfItStays, PATIENCE)
    }
    if (target.pathname !== pathname) push(state, title, address)
    else if (target.search || !search) history.replaceState(state, title, address)
    else emptying = setTimeout(emptyIfItStays, PATIENCE)
  }
  history.pushState.entryAPage = true
}
"""
_component = st.components.v2.component("flatland_history", js=_ENTRY_A_PAGE)


def keep_entry_a_page() -> None:
    """Let what a page changes in its address replace the page's entry; takes no place."""
    _component(key="history", width=1, height=1)
