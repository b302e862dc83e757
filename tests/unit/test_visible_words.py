"""Texts that visitors read use the words of docs/writing.md, and write numbers in one style."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.helpers.visible_words import retired_words, texts

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("ui", "pages", "ann_core")

ALLOWED = {  # old links hold the one, and the other explains a word that schools do not use
    ROOT / "ui/base/old_values.py",
    ROOT / "ui/base/glossary.py",
}
_SPACED_PERCENT = re.compile(r"[0-9}f] %(?![a-z{(\d])")


def faults(source: str) -> list[str]:
    wrong_texts = []
    for line, text in texts(source):
        wrong_texts += [f"line {line}: {fault}" for fault in retired_words(text)]
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
