"""A contact sheet on which every image is a button."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import streamlit as st

from ann_core.plots.images import GAP, TILE

_HTML = """
<div id="tiles" role="group"></div>
<p id="status" role="status"></p>
"""

# All buttons show the one sheet, each its own part of it: fewer of them in a row, where the
# place is narrow, need no other sheet. Shares of 100 % say how far it is moved, see
# https://www.w3.org/TR/css-backgrounds-3/#the-background-position
_CSS = """
:host { container-type: inline-size }
#tiles { display: grid; grid-template-columns: repeat(var(--columns), 1fr); gap: 4px; padding: 4px }
@container (max-width: 640px) { #tiles { grid-template-columns: repeat(4, 1fr) } }
button {
  aspect-ratio: 1; min-width: 0; padding: 0; border: 0; border-radius: 2px; cursor: pointer;
  background: var(--st-secondary-background-color) no-repeat; print-color-adjust: exact;
}
button:hover { outline: 2px solid var(--st-text-color) }
button { position: relative }
button[aria-pressed="true"] { outline: 4px solid var(--st-primary-color); outline-offset: -4px }
button[aria-pressed="true"]::after {
  content: "✓"; position: absolute; top: 4px; right: 4px; width: 1.4em; line-height: 1.4em;
  border-radius: 50%; background: var(--st-primary-color); color: var(--st-background-color);
  font-weight: bold;
}
button[aria-current] { outline: 3px solid var(--st-primary-color) }
button:focus-visible {
  outline: 3px solid var(--st-text-color); box-shadow: 0 0 0 6px var(--st-primary-color);
  z-index: 1; position: relative;
}
#status {
  position: absolute; width: 1px; height: 1px; margin: 0; overflow: hidden; clip-path: inset(50%);
}
"""

_JS = """
const kept = new WeakMap()  // of each sheet on a page: its picture, and what was picked from it

export default function ({ data, parentElement, setTriggerValue }) {
  const own = kept.get(parentElement) ?? { sheet: null, url: null, picked: null }
  kept.set(parentElement, own)
  if (own.sheet !== data.sheet) {
    if (own.url !== null) URL.revokeObjectURL(own.url)
    const text = atob(data.sheet)
    const bytes = new Uint8Array(text.length)
    for (let index = 0; index < text.length; index += 1) bytes[index] = text.charCodeAt(index)
    const type = bytes[0] === 0x89 ? "image/png" : "image/jpeg"
    own.url = URL.createObjectURL(new Blob([bytes], { type }))
    own.sheet = data.sheet
  }
  const tiles = parentElement.querySelector("#tiles")
  tiles.setAttribute("aria-label", data.alt)
  tiles.style.setProperty("--columns", data.columns)
  while (tiles.children.length > data.pictures.length) tiles.lastChild.remove()
  while (tiles.children.length < data.pictures.length) {
    const tile = document.createElement("button")
    tile.type = "button"
    tiles.append(tile)
  }

  const share = (index, count) => `${count > 1 ? (100 * index) / (count - 1) : 0}%`
  const span = count => `${100 * (count + (count - 1) * data.gap)}%`
  const rows = Math.ceil(data.pictures.length / data.columns)
  data.pictures.forEach(([number, words], index) => {
    const tile = tiles.children[index]
    const column = index % data.columns
    const row = Math.floor(index / data.columns)
    tile.style.backgroundImage = `url(${own.url})`
    tile.style.backgroundSize = `${span(data.columns)} ${span(rows)}`
    tile.style.backgroundPosition = `${share(column, data.columns)} ${share(row, rows)}`
    tile.style.imageRendering = data.pixelated ? "pixelated" : "auto"
    const verb = data.ticked === null ? "Open" : "Select"
    tile.setAttribute("aria-label", `${verb} ${data.noun} ${number}: ${words}`)
    if (data.ticked === null) tile.removeAttribute("aria-pressed")
    else tile.setAttribute("aria-pressed", String(data.ticked.includes(number)))
    tile.title = words
    if (number === data.opened) tile.setAttribute("aria-current", "true")
    else tile.removeAttribute("aria-current")
    tile.onclick = () => {
      own.picked = data.ticked === null ? number : null
      setTriggerValue("picked", number)
    }
  })
  follow(data, own, tiles, parentElement.querySelector("#status"))

  return () => {
    if (own.url !== null) URL.revokeObjectURL(own.url)
    kept.delete(parentElement)
  }
}

// A picture that opens comes into view, by a click here or by the link that the page was opened
// with. The keyboard follows the click, and comes back when the picture is closed.
function follow(data, own, tiles, status) {
  const view = document.querySelector(`.st-key-${data.view}`)
  const linked = own.last === undefined
  if (data.opened !== null && (linked || data.opened === own.picked)) {
    own.picked = null
    lead(`.st-key-${data.view}`, linked, 60)
  }
  const focused = document.activeElement
  const lost = focused === document.body || view?.contains(focused)
  if (data.opened === null && own.last && lost) {
    const index = data.pictures.findIndex(([number]) => number === own.last)
    tiles.children[Math.max(index, 0)]?.focus()
  }
  const words = data.opened === null ? "" : `Number ${data.opened} is open, above the others.`
  if (status.textContent !== words) status.textContent = words
  own.last = data.opened
}

// The view may be drawn some frames after the sheet has heard of it.
function lead(selector, linked, frames) {
  const view = document.querySelector(selector)
  const button = view?.querySelector("button:enabled")
  if (button) {
    view.style.scrollMarginTop = "4.5rem"  // below the navigation
    view.scrollIntoView({ block: linked ? "start" : "nearest" })
    if (!linked) button.focus({ preventScroll: true })
  } else if (frames > 0) requestAnimationFrame(() => lead(selector, linked, frames - 1))
}
"""
_component = st.components.v2.component("flatland_contact_sheet", html=_HTML, css=_CSS, js=_JS)


@dataclass(frozen=True)
class ContactSheet:
    """Images on one sheet, and what is said about each.

    Attributes
    ----------
    image : bytes
        JPEG or PNG of `ann_core.plots.images`, with `columns` images in a row.
    words : dict of int to str
        Number and words of each image, in reading order.
    gap : float, optional
        As `ann_core.plots.images.array_sheet` returned it; then pixels are not smoothed.
    noun : str
        What there is to open.
    ticked : frozenset of int or None
        Numbers of the images that are ticked, where a click ticks; None where it opens.
    """

    image: bytes
    words: Mapping[int, str]
    alt: str
    columns: int
    gap: float | None = None
    noun: str = "picture"
    ticked: frozenset[int] | None = None


def show_sheet(
    sheet: ContactSheet,
    *,
    key: str,
    view: str,
    opened: int | None,
    on_pick: Callable[[int], None],
) -> None:
    """Show a sheet; a click on an image calls `on_pick`.

    Names come from strangers: the browser is given them as text, never as HTML.

    Parameters
    ----------
    opened : int, optional
        Number of the image that is open in the container with the key `view`.
    on_pick : function of a number
        Called before the next run of the page, only with numbers of the sheet.
    """

    def picked() -> None:
        number = st.session_state[key].get("picked")
        if isinstance(number, int) and number in sheet.words:
            on_pick(number)

    _component(
        data={
            "sheet": b64encode(sheet.image).decode("ascii"),
            "pictures": list(sheet.words.items()),
            "columns": sheet.columns,
            "gap": GAP / TILE if sheet.gap is None else sheet.gap,
            "pixelated": sheet.gap is not None,
            "noun": sheet.noun,
            "alt": sheet.alt,
            "opened": opened,
            "ticked": None if sheet.ticked is None else sorted(sheet.ticked & sheet.words.keys()),
            "view": view,
        },
        key=key,
        on_picked_change=picked,
    )
