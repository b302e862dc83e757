"""Names and notes of strangers stay text, in Markdown and in spreadsheets."""

from __future__ import annotations

import csv
import io
import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from ann_core.escaping import escape_markdown, spreadsheet_csv

# As the parser of Streamlit's pages finds bare links in text that is read already
# (mdast-util-gfm-autolink-literal), and GitHub's (cmark-gfm), which also takes ftp.
BARE_LINK = re.compile(
    r"(https?://|ftp://|www\.)[-.\w]+|[-.\w+]+@[-\w]+(\.[-\w]+)+", re.ASCII | re.IGNORECASE
)
MARKED = st.text(alphabet="ab\\`*_{}[]<>#|~!()\n 1", max_size=30)


@given(MARKED)
def test_escaped_text_is_shown_as_it_was_written(text: str) -> None:
    inline = MarkdownIt().parseInline(f"x{escape_markdown(text)}x")[0]
    assert {token.type for token in inline.children or []} == {"text"}
    shown = "".join(token.content for token in inline.children or [])
    assert shown == f"x{' '.join(text.split())}x"


@given(
    st.lists(
        st.sampled_from(
            [
                "www",
                "WWW.",
                "http",
                "s",
                "://",
                "ftp",
                "mailto:",
                "a",
                "@",
                ".",
                "b-_",
                "x.example",
                " ",
                "(",
                "ä",
                "/",
                "*",
            ]
        ),
        max_size=12,
    )
)
def test_no_address_becomes_a_link(parts: list[str]) -> None:
    text = "".join(parts)
    inline = MarkdownIt().parseInline(f"x {escape_markdown(text, also='$:')}")[0]
    shown = "".join(token.content for token in inline.children or [])
    assert not BARE_LINK.search(shown)
    assert shown.replace("\u2060", "") == f"x {' '.join(text.split())}"


@pytest.mark.parametrize(
    "name",
    [
        "www.evil.example",
        "visit a@evil.example",
        "http://evil.example/x",
        "HTTPS://x.example",
        "(ftp://x.example)",
        "mailto:a.b+c@x-y.example",
    ],
)
def test_bare_addresses_are_kept_apart_by_nothing_that_is_seen(name: str) -> None:
    assert BARE_LINK.search(name)
    escaped = escape_markdown(name)
    assert not BARE_LINK.search(escaped)
    assert escaped.replace("\u2060", "") == name


@pytest.mark.parametrize("name", ["cat", "a@b", "12:30", "wwwild", "x / y", "3 @ 2.5"])
def test_other_names_stay_as_they_are(name: str) -> None:
    assert escape_markdown(name) == name


def test_more_marks_are_escaped_where_they_mean_something() -> None:
    assert escape_markdown("a:b $c$") == "a:b $c$"
    assert escape_markdown("a:b $c$", also="$:") == "a\\:b \\$c\\$"


@pytest.mark.parametrize(
    "cell",
    ["=1+2", "+1", "-1", "@x", "\t=1", "\uff1d1", "a;=1", " =1", '"=1', "' +1", "\r=1", "a; -1"],
)
def test_no_cell_begins_like_a_formula(cell: str) -> None:
    content = spreadsheet_csv(pd.DataFrame({cell: [cell], "number": [-1.5]})).decode("utf-8-sig")
    header, row = csv.reader(io.StringIO(content))
    assert header[0] == row[0] != cell
    assert row[0].replace("'", "") == cell.replace("'", "")
    assert row[1] == "-1.5"
