"""A confusion matrix as a table in which every cell is a button."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from ann_core.runs.result import Evaluation

MAX_NAMED = 20  # classes whose names and numbers find room; of more, only colours are shown
MAX_DRAWN = 120  # classes; more cells than these squared are a blur, and slow

_HTML = """
<div id="frame"><table><caption></caption><thead></thead><tbody></tbody></table></div>
"""

# Cells are tinted, never filled: words on them keep their contrast in both themes.
_CSS = """
:host { --right: 0, 114, 178; --wrong: 213, 94, 0; container-type: inline-size }
table.dark { --right: 64, 156, 216; --wrong: 240, 130, 50 }
#frame { overflow-x: auto; padding: 4px }
table {
  border-collapse: separate; border-spacing: 2px; font: inherit; font-size: 0.875rem;
  color: var(--st-text-color);
}
caption { text-align: left; padding-bottom: 0.375rem }
th { font-weight: 400; max-width: 9rem; overflow: hidden; text-overflow: ellipsis;
  white-space: nowrap }
tbody th { text-align: right; padding-right: 0.375rem }
td { padding: 0 }
button {
  width: 100%; min-width: 2.25rem; height: 2.5rem; padding: 0 0.125rem; border: 0;
  border-radius: 2px; cursor: pointer; font: inherit; color: var(--st-text-color);
  font-variant-numeric: tabular-nums;
}
table.roomy { width: 100%; max-width: 34rem; table-layout: fixed }
table.roomy thead td { width: 6rem }
table.roomy button { height: 3.25rem; font-size: 1rem }
table.upright thead th { writing-mode: vertical-rl; transform: rotate(180deg);
  max-height: 8rem; max-width: none; margin: auto }
@container (max-width: 480px) {
  table { border-spacing: 1px }
  th { max-width: 4.5rem }
  button { min-width: 1.625rem; padding: 0; font-size: 0.75rem }
}
table.small { border-spacing: 1px }
table.small th { position: absolute; clip-path: inset(50%); width: 1px; height: 1px }
table.small button { min-width: 0; width: var(--cell); height: var(--cell); padding: 0;
  border-radius: 0; display: block }
button:hover { outline: 2px solid var(--st-text-color) }
button[aria-current] { outline: 3px solid var(--st-primary-color) }
button:focus-visible {
  outline: 3px solid var(--st-text-color); box-shadow: 0 0 0 6px var(--st-primary-color);
  z-index: 1; position: relative;
}
"""

# One cell is reached by Tab, the others by the arrow keys, as in a spreadsheet.
_JS = """
const drawn = new WeakMap()

export default function ({ data, parentElement, setTriggerValue }) {
  const table = parentElement.querySelector("table")
  const { names, counts, shares, chosen, dark } = data
  const n = names.length
  const what = JSON.stringify([names, counts, shares, dark])
  if (drawn.get(parentElement) !== what) {
    draw(table, data)
    drawn.set(parentElement, what)
  }
  const cells = [...table.querySelectorAll("button")]
  table.querySelector("[aria-current]")?.removeAttribute("aria-current")
  cells[chosen]?.setAttribute("aria-current", "true")
  const makeReachable = index =>
    cells.forEach((cell, at) => { cell.tabIndex = at === index ? 0 : -1 })
  if (!table.contains(parentElement.getRootNode().activeElement)) makeReachable(Math.max(0, chosen))
  const moves = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }
  table.onclick = event => {
    const index = cells.indexOf(event.target)
    if (index >= 0) setTriggerValue("picked", index)
  }
  table.onkeydown = event => {
    const index = cells.indexOf(event.target)
    const move = moves[event.key]
    if (index < 0 || !move) return
    event.preventDefault()
    const row = Math.min(n - 1, Math.max(0, Math.floor(index / n) + move[0]))
    const column = Math.min(n - 1, Math.max(0, (index % n) + move[1]))
    makeReachable(row * n + column)
    cells[row * n + column].focus()
  }
}

function draw(table, { names, counts, shares, named, caption, dark }) {
  const n = names.length
  const upright = n > 6 && names.some(name => name.length > 3)
  table.className = n <= 4 ? "roomy" : !named ? "small" : upright ? "upright" : ""
  table.classList.toggle("dark", dark)
  const side = Math.max(4, Math.min(16, Math.floor(600 / n)))
  table.style.setProperty("--cell", `${side}px`)
  table.querySelector("caption").textContent = caption
  const head = document.createElement("tr")
  head.append(document.createElement("td"))
  names.forEach(name => head.append(heading(name, "col")))
  table.querySelector("thead").replaceChildren(head)
  const rows = counts.map((row, truth) => {
    const line = document.createElement("tr")
    const total = row.reduce((sum, count) => sum + count, 0)
    line.append(heading(names[truth], "row"))
    row.forEach((count, answer) => {
      const share = total ? count / total : 0
      const button = document.createElement("button")
      const text = shares ? `${(100 * share).toFixed(0)}` : count.toLocaleString("en")
      const words = `${count.toLocaleString("en")} of ${total.toLocaleString("en")} pictures of ` +
        `${names[truth]} were predicted as ${names[answer]}`
      button.type = "button"
      button.tabIndex = -1
      button.textContent = named ? text : ""
      button.title = words
      button.setAttribute("aria-label", words)
      const hue = truth === answer ? "right" : "wrong"
      const tint = named ? 0.06 + 0.69 * share : 0.25 + 0.75 * Math.sqrt(share)
      const strength = count ? tint : 0.03
      button.style.background = `rgba(var(--${hue}), ${strength})`
      const cell = document.createElement("td")
      cell.append(button)
      line.append(cell)
    })
    return line
  })
  table.querySelector("tbody").replaceChildren(...rows)
}

function heading(name, scope) {
  const cell = document.createElement("th")
  cell.scope = scope
  cell.textContent = name
  cell.title = name
  return cell
}
"""
_component = st.components.v2.component("flatland_confusion", html=_HTML, css=_CSS, js=_JS)


def show_matrix(
    evaluation: Evaluation,
    *,
    shares: bool,
    chosen: tuple[int, int] | None = None,
    on_pick: Callable[[int, int], None] | None = None,
    key: str = "confusion_matrix",
) -> None:
    """Show true classes down and answers across; a click on a cell calls `on_pick`.

    Names come from strangers: the browser is given them as text, never as HTML.

    Parameters
    ----------
    shares : bool
        Whether cells tell the share of their true class in percent, not the count.
    chosen : (truth, answer), optional
        The cell that is marked.
    on_pick : function of truth and answer, optional
        Called before the next run of the page, only with classes that there are.
    """
    n_classes = len(evaluation.class_names)

    def picked() -> None:
        index = st.session_state[key].get("picked")
        if on_pick is not None and isinstance(index, int) and 0 <= index < n_classes**2:
            on_pick(*divmod(index, n_classes))

    what = "percent of the true class" if shares else "pictures"
    _component(
        data={
            "names": list(evaluation.class_names),
            "counts": [list(row) for row in evaluation.confusion],
            "shares": shares,
            "named": n_classes <= MAX_NAMED,
            "caption": f"Rows: true class. Columns: predicted class. In {what}",
            "chosen": -1 if chosen is None else chosen[0] * n_classes + chosen[1],
            "dark": st.context.theme.type == "dark",
        },
        key=key,
        on_picked_change=picked,
    )
