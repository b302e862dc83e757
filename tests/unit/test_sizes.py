"""Nothing is too long to be read at once, and no call needs its arguments counted."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAX_MODULE_LINES = 300
MAX_ROOT_MODULES = 8
MAX_FUNCTION_LINES = 40
MAX_PARAMETERS = 6
MAX_POSITIONAL = 3
PACKAGES = ("ann_core", "ui", "pages", "benchmarks", "scripts")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def sources(*packages: str) -> list[Path]:
    matches = [path for package in packages for path in sorted((ROOT / package).rglob("*.py"))]
    return [*matches, ROOT / "streamlit_app.py"]


def functions(path: Path) -> Iterator[Function]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return (each for each in ast.walk(tree) if isinstance(each, Function))


def n_lines(function: Function) -> int:
    """Lines of a function without its docstring."""
    first = function.body[0]
    documented = ast.get_docstring(function, clean=False) is not None
    docstring = (first.end_lineno or 0) - first.lineno + 1 if documented else 0
    return (function.end_lineno or 0) - function.lineno + 1 - docstring


def parameters(function: Function) -> tuple[list[str], list[str]]:
    """Names that may be given by position, and those that may not; never self and cls."""
    positional = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
    named = [name for name in positional if name not in {"self", "cls"}]
    return named, [each.arg for each in function.args.kwonlyargs]


def where(path: Path, function: Function) -> str:
    return f"{path.relative_to(ROOT)}:{function.lineno} {function.name}"


def is_migration(path: Path) -> bool:
    """One that has run somewhere is never changed."""
    return path.parent.name == "versions"


def is_command(path: Path) -> bool:
    """Typer reads a command's options from its parameters."""
    return path.parent.name == "cli"


EXAMPLE = '''
class Room:
    def door(self, width, height, *, colour="red"):
        """Open.

        Twice.
        """
        return width
'''


def test_lines_and_parameters_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "example.py"
    path.write_text(EXAMPLE)
    [door] = functions(path)
    assert n_lines(door) == 2
    assert parameters(door) == (["width", "height"], ["colour"])


@pytest.mark.parametrize("package", [*PACKAGES, "tests"])
def test_no_module_is_too_long(package: str) -> None:
    lengths = {
        path: len(path.read_text(encoding="utf-8").splitlines()) for path in sources(package)
    }
    allowed = 500 if package == "tests" else MAX_MODULE_LINES
    long = {str(path.relative_to(ROOT)): n for path, n in lengths.items() if n > allowed}
    assert len(lengths) > 1
    assert long == {}


def test_few_modules_belong_to_no_room() -> None:
    modules = {path.stem for path in (ROOT / "ann_core").glob("*.py")} - {"__init__", "__main__"}
    assert len(modules) <= MAX_ROOT_MODULES, modules


@pytest.mark.parametrize("package", PACKAGES)
def test_no_function_is_too_long(package: str) -> None:
    matches = [(path, function) for path in sources(package) for function in functions(path)]
    assert [
        where(*one)
        for one in matches
        if n_lines(one[1]) > MAX_FUNCTION_LINES and not is_migration(one[0])
    ] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_no_function_asks_for_too_much(package: str) -> None:
    matches = []
    for path in sources(package):
        for function in functions(path):
            positional, keywords = parameters(function)
            if is_command(path):
                continue
            if len(positional) + len(keywords) > MAX_PARAMETERS or len(positional) > MAX_POSITIONAL:
                matches.append(f"{where(path, function)}({len(positional)} + {len(keywords)})")
    assert matches == []
