"""All keys that pages read and write, in the session and in the address, stand in one module."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from ui.base import keys

ROOT = Path(__file__).resolve().parents[2]
PATHS = [*sorted((ROOT / "ui").rglob("*.py")), *sorted((ROOT / "pages").glob("*.py"))]
STATES = frozenset({"session_state", "query_params"})
METHODS = frozenset({"get", "pop", "setdefault", "update"})


def is_state(part: ast.AST) -> bool:
    return isinstance(part, ast.Attribute) and part.attr in STATES


def is_literal(part: ast.AST) -> bool:
    """Whether an expression spells a key, in whole or in part, and asks no function of keys.py."""
    if isinstance(part, ast.Call) and ast.unparse(part.func).startswith("keys."):
        return False
    return (isinstance(part, ast.Constant) and isinstance(part.value, str)) or any(
        map(is_literal, ast.iter_child_nodes(part))
    )


def spelled_keys(tree: ast.AST) -> Iterator[ast.expr]:
    """Expressions that name a key of the session or the address."""
    for part in ast.walk(tree):
        if isinstance(part, ast.Subscript) and is_state(part.value):
            yield part.slice
        elif isinstance(part, ast.Attribute) and is_state(part.value):
            if part.attr not in METHODS:
                yield ast.Constant(part.attr, lineno=part.lineno)
        elif isinstance(part, ast.Compare) and any(map(is_state, part.comparators)):
            yield part.left
        elif isinstance(part, ast.Call):
            yield from keys_of_call(part)


def keys_of_call(call: ast.Call) -> Iterator[ast.expr]:
    if isinstance(call.func, ast.Attribute) and is_state(call.func.value):
        for argument in call.args[:1]:
            if isinstance(argument, ast.Dict):
                yield from (key for key in argument.keys if key is not None)
            else:
                yield argument
    names = {each.arg: each.value for each in call.keywords}
    if "bind" in names and "key" in names:  # then it stands in the address
        yield names["key"]


def literals(source: str) -> list[int]:
    return [key.lineno for key in spelled_keys(ast.parse(source)) if is_literal(key)]


@pytest.mark.parametrize(
    "source",
    [
        'st.session_state["a"] = 1',
        'st.session_state[f"a_{n}"]',
        "st.session_state.a = 1",
        'st.session_state.get("a", 0)',
        'st.session_state.update({"a": 1, keys.B: 2})',
        '"a" in st.session_state',
        'del st.query_params["a"]',
        'st.query_params.pop("a", None)',
        "st.session_state[str('a')]",
        'st.slider("Steps", key="a", bind="query-params")',
    ],
)
def test_a_literal_is_recognised(source: str) -> None:
    assert literals(source) == [1]


@pytest.mark.parametrize(
    "source",
    [
        'st.session_state[keys.A] = "text"',
        'st.session_state.get(keys.A, "text")',
        'st.session_state.get(keys.a("text"))',
        'st.session_state.update({keys.A: "text"})',
        "st.session_state[key] = keys.A in st.session_state",
        'st.button("Go", key="go")',
        'st.slider("Steps", key=keys.A, bind="query-params")',
    ],
)
def test_a_key_by_its_name_is_none(source: str) -> None:
    assert literals(source) == []


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_keys_go_by_their_names(path: Path) -> None:
    assert literals(path.read_text(encoding="utf-8")) == []


def test_no_two_names_stand_for_one_key_but_those_of_two_pages() -> None:
    texts = [text for name, text in vars(keys).items() if name.isupper()]
    twice = {text for text in texts if texts.count(text) > 1}
    assert twice == {"look"}  # the tabs of Explore and of Preprocess, each in its own address
