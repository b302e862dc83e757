"""The documents speak of the files that there are."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ARCHITECTURE = (ROOT / "docs/architecture.md").read_text()


def modules() -> list[str]:
    paths = [
        p.relative_to(ROOT) for folder in ("ann_core", "ui") for p in ROOT.glob(f"{folder}/**/*.py")
    ]
    named = [p for p in paths if not p.name.startswith("__") and "cli" not in p.parts]
    return sorted(p.as_posix() for p in named)


@pytest.mark.parametrize("module", modules())
def test_every_module_has_its_line_in_the_architecture(module: str) -> None:
    assert f"`{module}`" in ARCHITECTURE


def test_the_architecture_names_no_file_that_is_not_there() -> None:
    rows = re.findall(r"^\| `([^`]+)`", ARCHITECTURE, flags=re.MULTILINE)
    assert len(rows) > 30
    assert [row for row in rows if not (ROOT / row).exists()] == []


@pytest.mark.parametrize(
    "document",
    ["README.md", *(f"docs/{name}.md" for name in ("architecture", "article", "guide", "health"))],
)
def test_links_between_documents_lead_somewhere(document: str) -> None:
    path = ROOT / document
    links = re.findall(r"\]\(([^)#:]+)\)", path.read_text())
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_the_readme_names_every_environment_variable() -> None:
    from ann_core.settings import Settings

    readme = (ROOT / "README.md").read_text()
    assert [n for n in Settings.model_fields if f"`ANN_{n.upper()}`" not in readme] == []
