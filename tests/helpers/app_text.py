"""What a page says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import copy
from typing import Any

from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.testing.v1 import AppTest

from tests.helpers.visible_words import retired_words
from ui.base.glossary import PAGES, TERMS

_FIELDS = ("label", "body", "help", "alt", "text", "caption", "options")
_OTHER_WORDS = {"split": "validation|split"}


def page_text(page: AppTest) -> list[str]:
    """The errors that a page shows in words; Streamlit's own box must not be there."""
    assert not page.exception, page.exception[0].message
    return [error.value.replace("\\", "") for error in page.error]


def captions(page: AppTest) -> str:
    return "\n".join(caption.value for caption in page.caption)


def preset_of(page: AppTest) -> Any:
    """Find the choice of a preset on the Train page, whose key changes."""
    [control] = [each for each in page.segmented_control if each.label == "Start from"]
    return control


def box_of(page: AppTest, label: str) -> Any:
    """Find a list to choose from, whose key changes."""
    [control] = [each for each in page.selectbox if each.label == label]
    return control


def state_of(control: Any) -> WidgetState:
    """Take down what a browser that shows this control sends of it."""
    return copy(control._widget_state)


def send_old_state(page: AppTest, state: WidgetState) -> None:
    """Run the page for a browser that has not drawn it yet, and still has a control of before."""
    states = page._tree.get_widget_states()
    states.widgets.append(state)
    page._run(states)


def all_words(page: AppTest) -> list[str]:
    """All that visitors read on a page, or hear: labels, texts, tooltips and descriptions."""
    return [text for each in page.main for text in _words_of(getattr(each, "proto", None))]


def explains_its_words(page: AppTest, name: str) -> None:
    """Check that a page explains each of its technical words once, and uses no retired one."""
    texts = all_words(page)
    explained = "\n".join(texts)
    assert [explained.count(TERMS[word]) for word in PAGES[name]] == [1] * len(PAGES[name])
    others = [text for text in texts if TERMS[PAGES[name][0]] not in text]
    assert technical_words("\n".join(others)) <= set(PAGES[name])
    assert [fault for text in others for fault in retired_words(text)] == []


def _words_of(proto: object) -> Iterator[str]:
    for name in _FIELDS:
        value = getattr(proto, name, "")
        values = [value] if isinstance(value, str) else value
        yield from (each for each in values if isinstance(each, str) and each)


def technical_words(text: str) -> set[str]:
    """Find the words of the glossary in a text."""
    return {word for word in TERMS if _uses(word, text)}


def _uses(word: str, text: str) -> bool:
    stem = _OTHER_WORDS.get(word, re.escape(word.removesuffix("y")))
    return re.search(rf"\b({stem})(s|es|y|ies)?\b", text, re.IGNORECASE) is not None
