"""Programs as they are written for people: pieces of code, each with what it is about."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from string import Template
from typing import Any

_WIDTH = 88


@dataclass(frozen=True)
class NotebookCell:
    """A piece of a program.

    Attributes
    ----------
    text : str
        What it does and why, in plain sentences.
    code : str
    """

    text: str
    code: str


def render(code: str, **values: object) -> str:
    """Put values into a piece of code, as Python writes them: ``$NAME`` becomes ``repr``.

    Names of strangers may hold quotes and line breaks; none of them becomes code.
    """
    written = {name: _literal(value) for name, value in values.items()}
    return Template(textwrap.dedent(code).strip("\n")).substitute(written)


def assemble(code: str, **pieces: str) -> str:
    """As `render`, for pieces that are code themselves."""
    return Template(textwrap.dedent(code).strip("\n")).substitute(pieces)


def as_script(title: str, cells: Sequence[NotebookCell]) -> str:
    """Lay a program out as one file, each piece under its comment."""
    parts = [f'"""{title}"""']
    for cell in cells:
        lines = textwrap.wrap(cell.text, _WIDTH - 2, break_long_words=False)
        parts.append("\n".join([*(f"# {line}" for line in lines), cell.code]))
    script = parts[0]
    for cell, part in zip(cells, parts[1:], strict=True):
        script += ("\n\n\n" if cell.code.startswith("def ") else "\n\n") + part
    return script + "\n"


def as_notebook(title: str, cells: Sequence[NotebookCell]) -> str:
    """Lay a program out as a Jupyter notebook: JSON of the format nbformat 4.5.

    https://nbformat.readthedocs.io/en/latest/format_description.html
    """
    pages = [_markdown("title", f"# {title}")]
    for number, cell in enumerate(cells, start=1):
        pages.append(_markdown(f"text-{number}", cell.text))
        pages.append(
            {
                "cell_type": "code",
                "execution_count": None,
                "id": f"code-{number}",
                "metadata": {},
                "outputs": [],
                "source": cell.code.splitlines(keepends=True),
            }
        )
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    about = {"kernelspec": kernel, "language_info": {"name": "python"}}
    notebook = {"cells": pages, "metadata": about, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def _markdown(name: str, text: str) -> dict[str, Any]:
    lines = text.splitlines(keepends=True)
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": lines}


def _literal(value: object) -> str:
    """Write a value as code; sequences of texts in double quotes, as people do."""
    if isinstance(value, str):
        return json.dumps(value) if value.isprintable() and value.isascii() else repr(value)
    if isinstance(value, (tuple, list)):
        return "[" + ", ".join(_literal(item) for item in value) + "]"
    return repr(value)
