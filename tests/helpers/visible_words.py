"""The words that stand on no page any more, and where texts of a module are."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

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
_RETIRED = {
    re.compile(rf"(?<!\w)(?:{pattern})", re.IGNORECASE): use for pattern, use in RETIRED.items()
}


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


def retired_words(text: str) -> list[str]:
    """Name each word of a text that stands on no page any more, and what does."""
    return [
        f"{match[0]!r}: {use}, in {text[:80]!r}"
        for pattern, use in _RETIRED.items()
        if (match := pattern.search(text))
    ]
