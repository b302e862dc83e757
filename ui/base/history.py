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
  let left, timer  // what the entry was before it lost a parameter
  const forgetIfItStays = () => {
    const script = document.querySelector(SCRIPT_STATE)?.dataset.testScriptState
    if (script === "notRunning") left = undefined
    else timer = setTimeout(forgetIfItStays, PATIENCE)
  }
  history.pushState = (state, title, address) => {
    const { href, pathname, search } = window.location
    const target = new URL(address ?? "", href)
    clearTimeout(timer)
    if (target.pathname !== pathname) {
      // Before it turned to another page, Streamlit took the parameters of this one away.
      if (left?.pathname === pathname) history.replaceState(null, "", left.href)
      left = undefined
      push(state, title, address)
      return
    }
    const names = [...new URLSearchParams(search).keys()]
    if (!names.every((name) => target.searchParams.has(name))) left ??= { href, pathname }
    timer = setTimeout(forgetIfItStays, PATIENCE)
    history.replaceState(state, title, address)
  }
  history.pushState.entryAPage = true
}
"""
_component = st.components.v2.component("flatland_history", js=_ENTRY_A_PAGE)


def keep_entry_a_page() -> None:
    """Let what a page changes in its address replace the page's entry; takes no place."""
    _component(key="history", width=1, height=1)
