"""The code speaks the field's language: words that only insiders knew are gone, and stay gone."""

from __future__ import annotations

import io
import keyword
import re
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Wherever one of these is a part of a name, a term of the field stands for it now.
RETIRED_PARTS = """
picture pictures said sureness luck pulse deaf shelf survey surveys contender contenders judged
wish wishes pump insist reap ink brought sealed unseal chore chores asked told
wanted
"""
# These may be parts of other names, but no names.
RETIRED_NAMES = """
answer answers sure found place places ground node nodes want obeyed obey stay leave lost beat
bill Bill Step Change turn Cell Ladder spelled Program Reading Reach doubts for_many
Saver COST step_back Work LANES lane lane_of line_up carry_out bring_in let_go file_run
file_work needs Needs Opening open_archive disagree Spread HiddenLayer too_sure back_again
share_unlike read_curves
"""
# Typed in people's environments (ANN_MAX_NODES), or names of other libraries.
ALLOWED = frozenset({"max_nodes", "iter_child_nodes"})


def parts(name: str) -> set[str]:
    return {part.lower() for part in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+", name)}


def is_retired(name: str) -> bool:
    if name.startswith("test_") or name in ALLOWED:
        return False
    return name in RETIRED_NAMES.split() or not parts(name).isdisjoint(RETIRED_PARTS.split())


def retired_in(source: str) -> set[str]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    names = {each.string for each in tokens if each.type == tokenize.NAME}
    return {name for name in names if not keyword.iskeyword(name) and is_retired(name)}


def test_retired_names_are_recognised() -> None:
    assert retired_in("def show_luck(is_sure, answer=None): return open_picture(x)\n") == {
        "show_luck",
        "answer",
        "open_picture",
    }
    assert retired_in("'a picture' # of luck\nmax_nodes = thinking = 1\n") == set()


@pytest.mark.parametrize("package", ["ann_core", "ui", "pages", "benchmarks", "tests"])
def test_no_retired_name_is_used(package: str) -> None:
    paths = [p for p in sorted((ROOT / package).rglob("*.py")) if p != Path(__file__)]
    retired = {
        str(path.relative_to(ROOT)): names
        for path in paths
        if (names := retired_in(path.read_text(encoding="utf-8")))
    }
    assert len(paths) > 5
    assert retired == {}


@pytest.mark.parametrize("package", ["ann_core", "ui", "pages", "tests"])
def test_no_retired_word_names_a_file(package: str) -> None:
    stems = {path.stem for path in (ROOT / package).rglob("*.py")}
    assert {stem for stem in stems if not parts(stem).isdisjoint(RETIRED_PARTS.split())} == set()
