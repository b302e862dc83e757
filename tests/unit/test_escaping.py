"""Names and notes of strangers stay text, in Markdown and in spreadsheets."""

from __future__ import annotations

import csv
import io

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from ann_core.escaping import escape_markdown, spreadsheet_csv

MARKED = st.text(alphabet="ab\\`*_{}[]<>#|~!()\n 1", max_size=30)


@given(MARKED)
def test_escaped_text_is_shown_as_it_was_written(text: str) -> None:
    inline = MarkdownIt().parseInline(f"x{escape_markdown(text)}x")[0]
    assert {token.type for token in inline.children or []} == {"text"}
    shown = "".join(token.content for token in inline.children or [])
    assert shown == f"x{' '.join(text.split())}x"


def test_more_marks_are_escaped_where_they_mean_something() -> None:
    assert escape_markdown("a:b $c$") == "a:b $c$"
    assert escape_markdown("a:b $c$", also="$:") == "a\\:b \\$c\\$"


@pytest.mark.parametrize("cell", ["=1+2", "+1", "-1", "@x", "\t=1", "\uff1d1", "a;=1"])
def test_no_cell_begins_like_a_formula(cell: str) -> None:
    content = spreadsheet_csv(pd.DataFrame({cell: [cell], "number": [-1.5]})).decode("utf-8-sig")
    header, row = csv.reader(io.StringIO(content))
    assert header[0] == row[0] != cell
    assert row[0].replace("'", "") == cell
    assert row[1] == "-1.5"
