"""Texts that visitors read use the words of docs/writing.md, and write numbers in one style."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("ui", "pages", "ann_core")

# What stood on the pages once, and what stands there now.
RETIRED = {
    r"luck|lucky": "chance",
    r"surest|surer|sureness": "most confident",
    r"(how|is|was|so|%|too|least|a) sure\b|unsure": "confident",
    r"it (says|said|calls)|network (says|said|calls)|called (cat|dog|\{)": "predicts, predicted",
    r"nodes?": "neuron",
    r"(take|taken|taking|takes)\b.{0,30} along": "download, export",
    r"bring (in|some in|your|yours)|brought in": "add",
    r"the bill": "what it costs",
    r"in truth|show the truth": "the correct answer",
    r"choose none|As it was": "clear selection, reset",
    r"intensit(y|ies)": "gray value, value",
    r"memoris\w*": "learns by heart",
    r"(plain|similar|the) ground": "background",
    r"a coin": "guessing",
    r"at (its|their) word": "can be trusted",
    r"the article's(?! network| table| data| split| settings| accuracy| own)": "of what?",
}
ALLOWED = {  # old links hold the one, and the other explains a word that schools do not use
    ROOT / "ui/base/old_values.py",
    ROOT / "ui/base/glossary.py",
}
_RETIRED = {
    re.compile(rf"(?<!\w)(?:{pattern})", re.IGNORECASE): use for pattern, use in RETIRED.items()
}
_SPACED_PERCENT = re.compile(r"[0-9}f] %(?![a-z{(\d])")


def texts(source: str) -> Iterator[tuple[int, str]]:
    """Strings that may be read by people: of several words, or a label; no docstrings."""
    tree = ast.parse(source)
    docstrings = {
        id(each.body[0].value)
        for each in ast.walk(tree)
        if isinstance(each, ast.Module | ast.ClassDef | ast.FunctionDef)
        and each.body
        and isinstance(each.body[0], ast.Expr)
    }
    loose = {id(each.value) for each in ast.walk(tree) if isinstance(each, ast.Expr)}
    for each in ast.walk(tree):
        if not isinstance(each, ast.Constant) or not isinstance(each.value, str):
            continue
        if id(each) in docstrings | loose:
            continue
        if " " in each.value or each.value[:1].isupper():
            yield each.lineno, each.value


def faults(source: str) -> list[str]:
    wrong_texts = []
    for line, text in texts(source):
        wrong_texts += [
            f"line {line}: {match[0]!r}: {use}, in {text[:80]!r}"
            for pattern, use in _RETIRED.items()
            if (match := pattern.search(text))
        ]
        if _SPACED_PERCENT.search(text):
            wrong_texts.append(f"line {line}: a space before the percent sign, in {text[:80]!r}")
    return wrong_texts


def test_retired_words_are_found() -> None:
    assert len(faults('show("Within luck: it says 80 % sure")')) == 4
    assert faults('show("chance", key="nodes")  # luck\n"""A bill."""\n') == []


@pytest.mark.parametrize("package", PACKAGES)
def test_no_retired_word_stands_on_a_page(package: str) -> None:
    wrong_texts = {
        str(path.relative_to(ROOT)): faulty
        for path in sorted((ROOT / package).rglob("*.py"))
        if path not in ALLOWED and (faulty := faults(path.read_text(encoding="utf-8")))
    }
    assert wrong_texts == {}
