"""The documents speak of the rooms, files and names that there are."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from ann_core.runs.folder import RunFolder
from ann_core.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = ["README.md", "CHANGELOG.md", "benchmarks/README.md"]
DOCUMENTS += [path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "docs").rglob("*.md"))]
ARCHITECTURE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")


def rooms() -> list[str]:
    """Every folder of the product with modules in it, and those beside it."""
    packages = {path.parent for name in ("ann_core", "ui") for path in (ROOT / name).rglob("*.py")}
    packages -= {ROOT / "ui"}  # holds rooms only
    beside = {ROOT / name for name in ("pages", "tests", "benchmarks", "scripts")}
    return sorted(f"{path.relative_to(ROOT).as_posix()}/" for path in packages | beside)


def rows(heading: str) -> list[str]:
    """Names in the first column of the tables below a heading."""
    _, section = ARCHITECTURE.split(f"\n## {heading}\n")
    cells = re.findall(r"^\| (`[^|]+`) \|", section.split("\n## ")[0], flags=re.MULTILINE)
    return [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]


@pytest.mark.parametrize("room", rooms())
def test_every_room_has_its_row_in_the_architecture(room: str) -> None:
    assert rows("The rooms").count(room) == 1


def test_the_architecture_names_no_room_that_is_not_there() -> None:
    assert len(rows("The rooms")) > 30
    assert [row for row in rows("The rooms") if not (ROOT / row).exists()] == []


@pytest.mark.parametrize("package", ["ann_core", "ui"])
def test_the_layers_are_those_of_the_contracts(package: str) -> None:
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    [layers] = [
        contract["layers"]
        for contract in tools["importlinter"]["contracts"]
        if contract.get("containers") == [package]
    ]
    assert "\n".join(["```", *layers, "```"]) in ARCHITECTURE


def test_the_architecture_names_everything_in_the_data_folder(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, database_url="")
    paths = [getattr(settings, name) for name in dir(Settings) if name.endswith("s_dir")]
    folders = {path.relative_to(tmp_path).as_posix() for path in paths}
    assert len(folders) == 7
    named = {row.split("/")[0] for row in rows("What lies in the data folder")}
    assert folders | {"registry.db"} <= named


def test_the_architecture_names_everything_in_the_folder_of_a_run(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    names = [name for name, each in vars(RunFolder).items() if isinstance(each, property)]
    files = {path.name for name in names if isinstance(path := getattr(folder, name), Path)}
    assert len(files) > 12
    assert files <= {row.rstrip("/") for row in rows("What lies in the data folder")}


def modules_in(text: str) -> Iterator[str]:
    """Names of modules and files of ours, as `ann_core.x.y`, `ui/x/y.py` or `benchmarks.x`."""
    for name in re.findall(r"\b(?:ann_core|ui|pages|tests|benchmarks|scripts)/[\w/.]*\w", text):
        yield name
    for name in re.findall(r"\b(?:ann_core|benchmarks)(?:\.[a-z_0-9]+)+", text):
        yield name.replace(".", "/")


def is_there(name: str) -> bool:
    """Whether a file, a room, a module, or what a module holds has this name."""
    path, holder = ROOT / name, ROOT / Path(name).parent
    if path.exists() or path.with_suffix(".py").exists():
        return True
    return holder.with_suffix(".py").exists() and path.name in holder.with_suffix(".py").read_text(
        encoding="utf-8"
    )


@pytest.mark.parametrize("document", DOCUMENTS)
def test_documents_name_no_module_that_is_not_there(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    assert [name for name in modules_in(text) if not is_there(name)] == []


def test_modules_are_found_in_a_text() -> None:
    names = list(
        modules_in("In `ann_core.imaging.nothing`, `ui/base/keys.py` and `tests/gone.py`.")
    )
    assert names == ["ui/base/keys.py", "tests/gone.py", "ann_core/imaging/nothing"]
    assert [name for name in names if is_there(name)] == ["ui/base/keys.py"]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_between_documents_lead_somewhere(document: str) -> None:
    path = ROOT / document
    links = re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_decisions_are_numbered_in_a_row() -> None:
    names = sorted(path.name for path in (ROOT / "docs/adr").glob("*.md"))
    assert [int(name.split("-")[0]) for name in names] == list(range(1, len(names) + 1))
    for name in names:
        title = (ROOT / "docs/adr" / name).read_text(encoding="utf-8").splitlines()[0]
        assert title.startswith(f"# {int(name.split('-')[0])}. "), name


def test_the_readme_names_every_environment_variable() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [n for n in Settings.model_fields if f"`ANN_{n.upper()}`" not in readme] == []
