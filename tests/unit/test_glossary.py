"""Technical words are explained once on each page that uses them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.unit.test_visible_words import texts
from ui.base.glossary import PAGES, TERMS

ROOT = Path(__file__).resolve().parents[2]
TEXTS = {
    "Explore": ("pages/explore.py", "ui/explore", "ann_core/datasets/profile"),
    "Preprocess": ("pages/preprocess.py", "ui/preprocess"),
    "Train": ("pages/train.py", "ui/train", "ui/runs", "ann_core/training/curve_diagnosis.py"),
    "Results": (
        "pages/evaluate.py",
        "ui/results",
        "ui/runs",
        "ann_core/evaluation/explanations.py",
    ),
    "Compare": ("pages/compare.py", "ui/compare"),
    "Predict": ("pages/predict.py", "ui/predict", "ann_core/imaging/smallest_move.py"),
}
"""Where the words of each page come from."""


def sources(page: str) -> str:
    paths = [
        path
        for source in TEXTS[page]
        for path in (
            [ROOT / source] if source.endswith(".py") else sorted((ROOT / source).glob("*.py"))
        )
    ]
    return "\n".join(text for path in paths for _, text in texts(path.read_text(encoding="utf-8")))


def uses(word: str, text: str) -> bool:
    stem = re.escape(word.removesuffix("y"))
    return re.search(rf"\b{stem}(s|es|y|ies)?\b", text, re.IGNORECASE) is not None


def test_every_page_with_words_is_looked_at() -> None:
    assert set(TEXTS) == set(PAGES)
    assert {word for words in PAGES.values() for word in words} == set(TERMS)


@pytest.mark.parametrize("page", TEXTS)
def test_each_technical_word_of_a_page_is_explained_once(page: str) -> None:
    text = sources(page)
    used = {word for word in TERMS if uses(word, text)}
    assert used - set(PAGES[page]) == set()
    assert len(PAGES[page]) == len(set(PAGES[page]))
    assert not any(sentence in text for sentence in TERMS.values())


def test_sentences_are_short_and_explain_by_other_words() -> None:
    for word, sentence in TERMS.items():
        assert len(sentence) < 200
        assert sentence.endswith(".")
        assert not sentence.lower().startswith(word)
