"""How every page begins and ends."""

from __future__ import annotations

import streamlit as st

from ui.base.errors import show_failure
from ui.base.glossary import PAGES, explain_words
from ui.base.old_values import follow_renamed
from ui.base.privacy import release_others

MEASURE = 720  # pixels; longer lines are hard to read back from
ROW = "row_"  # begins the key of a row of pictures that a phone shows beside each other
LARGE = "large_"  # begins the key of a large picture, which leaves a phone room for the answer
SQUARES = f"{LARGE}squares_"  # the same, and each of its pixels stays a square
SWIPED = "swiped_"  # begins the key of columns that a phone shows beside each other, too
FIRST = "first_"  # begins the key of what a phone shows above the columns that stand left of it
WIDE = "wide_"  # begins the key of a chart whose axes would stand on one another on a phone
_SHORT = f"""<style>
[data-testid=stMainBlockContainer] {{ padding-bottom: 2rem; }}
[data-testid=stMain] [data-testid=stPageLink] a {{ position: relative; left: -0.5rem; }}
[data-testid=stMain] [data-testid=stButtonGroup] button {{ min-height: 2.5rem; }}
[class*="st-key-{SQUARES}"] img {{ image-rendering: pixelated; }}
@media (max-width: 640px) {{
  [data-testid=stMainBlockContainer] {{ padding-top: 4rem; }}
  [data-testid=stHorizontalBlock] {{ gap: 1rem; }}
  [data-testid=stVerticalBlock] {{ gap: 0.75rem; }}
  [class*="st-key-{LARGE}"] {{ max-width: 50vw; }}
  [data-testid=stHeading] :is(h1, h2, h3) {{ padding: 0.5rem 0; }}
  [class*="st-key-{ROW}"] {{ flex-wrap: nowrap; overflow-x: auto; }}
  [class*="st-key-{ROW}"] > * {{ flex-shrink: 0; }}
  [class*="st-key-{SWIPED}"] [data-testid=stHorizontalBlock] {{
    flex-wrap: nowrap; overflow-x: auto;
  }}
  [class*="st-key-{SWIPED}"] [data-testid=stColumn] {{ min-width: 90%; flex-shrink: 0; }}
  [data-testid=stColumn]:has([class*="st-key-{FIRST}"]) {{ order: -1; }}
  [class*="st-key-{WIDE}"] {{ overflow-x: auto; }}
  [class*="st-key-{WIDE}"] > * {{ width: 1000px; max-width: none; flex-shrink: 0; }}
}}
</style>"""


def keep_short() -> None:
    """Leave little room below the last line; on a phone, rows stay rows, and can be swiped."""
    st.html(_SHORT)


def open_page(title: str, claim: str) -> None:
    """Begin a page with its title, what just failed on it, and the one thing it claims."""
    follow_renamed(title)
    release_others(title)
    st.title(title, anchor=False)
    show_failure(title)
    st.markdown(claim, width=MEASURE)
    if title in PAGES:  # Home has a sentence as its title, and explains its words further down
        explain_words(title)


def notice(text: str) -> None:
    """End a page with what a reader could have seen on it."""
    st.header("What to notice", anchor=False)
    st.markdown(text, width=MEASURE)
