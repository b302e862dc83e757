"""Technical words are explained once on each page that uses them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.helpers.app_text import technical_words
from tests.helpers.visible_words import texts
from ui.base.glossary import PAGES, TERMS

ROOT = Path(__file__).resolve().parents[2]
SHIFT = "ann_core/evaluation/shift_sentences.py"
CURVES = "ann_core/training/curve_diagnosis.py"
SENTENCES = ("ann_core/evaluation/explanations.py", "ann_core/evaluation/interpretation.py")
TEXTS = {
    "Home": ("pages/home.py", "ui/home/moved_image.py", "ui/home/moved_image.html"),
    "Explore": ("pages/explore.py", "ui/explore", "ann_core/datasets/profile"),
    "Preprocess": ("pages/preprocess.py", "ui/preprocess"),
    "Train": ("pages/train.py", "ui/train", "ui/runs", CURVES, SHIFT),
    "Results": ("pages/evaluate.py", "ui/results", "ui/runs", CURVES, SHIFT, *SENTENCES),
    "Compare": ("pages/compare.py", "ui/compare", "ann_core/evaluation/significance.py"),
    "Predict": ("pages/predict.py", "ui/predict", "ann_core/imaging/smallest_move.py"),
    "Experiments": ("pages/experiment.py", "ui/experiments", "ann_core/experiments"),
    "Lesson": ("pages/lesson_steps.py", "ui/home/lesson.py", "ui/home/steps.py", SHIFT),
}
"""Where the words of each page come from."""


def sources(page: str) -> str:
    paths = [
        path
        for source in TEXTS[page]
        for path in ([ROOT / source] if "." in source else sorted((ROOT / source).glob("*.py")))
    ]
    return "\n".join(each for path in paths for each in words_of(path))


def words_of(path: Path) -> list[str]:
    source = path.read_text(encoding="utf-8")
    return (
        [text for _, text in texts(source)]
        if path.suffix == ".py"
        else [re.sub("<[^>]*>", " ", source)]
    )


def test_every_page_with_words_is_looked_at() -> None:
    assert set(TEXTS) == set(PAGES)
    assert {word for words in PAGES.values() for word in words} == set(TERMS)


@pytest.mark.parametrize("page", TEXTS)
def test_each_technical_word_of_a_page_is_explained_once(page: str) -> None:
    text = sources(page)
    assert technical_words(text) <= set(PAGES[page])
    assert len(PAGES[page]) == len(set(PAGES[page]))
    assert not any(sentence in text for sentence in TERMS.values())


def test_sentences_are_short_and_explain_by_other_words() -> None:
    for word, sentence in TERMS.items():
        assert len(sentence) < 200
        assert sentence.endswith(".")
        assert not sentence.lower().startswith(word)
