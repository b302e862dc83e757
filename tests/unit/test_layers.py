"""The rules of the house: who imports whom, and where TensorFlow may be."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.unit.conftest import MakeFolder

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("keras", "tensorflow")
# Inside functions only: these run in the worker process.
MAY_BUILD_NETWORKS = {
    *(
        "ann_core.training.network",
        "ann_core.training.loop",
        "ann_core.runs.model_files",
        "ann_core.jobs.worker",
    ),
}


@dataclass(frozen=True)
class Import:
    """One import, of `target` by `module`; not `lazy` if it runs with the module's own."""

    module: str
    target: str
    lazy: bool
    for_types: bool

    def of(self, *packages: str) -> bool:
        return self.target.split(".")[0] in packages


def imports(module: str, source: str) -> Iterator[Import]:
    yield from _walk(module, ast.parse(source, module), lazy=False, for_types=False)


def _walk(module: str, unit: ast.AST, *, lazy: bool, for_types: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(unit):
        inside = lazy or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        if isinstance(child, ast.Import):
            targets = [alias.name for alias in child.names]
        elif isinstance(child, ast.ImportFrom):
            targets = [child.module] if child.module and not child.level else ["relative import"]
        elif isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"):
            for part in child.body:
                yield from _walk(module, ast.Module([part], []), lazy=inside, for_types=True)
            for part in child.orelse:
                yield from _walk(module, ast.Module([part], []), lazy=inside, for_types=for_types)
            continue
        else:
            yield from _walk(module, child, lazy=inside, for_types=for_types)
            continue
        for target in targets:
            yield Import(module, target, inside, for_types)


def modules(package: str) -> dict[str, str]:
    """Source of every module of a package, by dotted name."""
    found = {}
    for path in sorted((ROOT / package).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts).removesuffix(".__init__")] = path.read_text(encoding="utf-8")
    return found


def all_imports(*packages: str) -> list[Import]:
    sources = {name: text for package in packages for name, text in modules(package).items()}
    return [found for name, text in sources.items() for found in imports(name, text)]


EXAMPLE = """
import numpy, keras.layers as layers
from ann_core.files import write_text
if TYPE_CHECKING:
    import keras
else:
    import torch
class Network:
    import json
    def build(self):
        try:
            import tensorflow as tf
        except ImportError:
            from . import nothing
"""


def test_the_walk_sees_every_import() -> None:
    found = {(i.target, i.lazy, i.for_types) for i in imports("example", EXAMPLE)}
    assert found == {
        ("numpy", False, False),
        ("keras.layers", False, False),
        ("ann_core.files", False, False),
        ("keras", False, True),
        ("torch", False, False),
        ("json", False, False),
        ("tensorflow", True, False),
        ("relative import", True, False),
    }


def test_the_walk_sees_the_real_modules() -> None:
    names = set(modules("ann_core"))
    assert names >= {
        "ann_core",
        "ann_core.imaging.images",
        "ann_core.datasets.importing.layouts",
        *MAY_BUILD_NETWORKS,
    }
    assert Import("ann_core.imaging.images", "PIL", lazy=False, for_types=False) in all_imports(
        "ann_core"
    )


def test_ann_core_imports_no_streamlit_and_no_page() -> None:
    forbidden = ("streamlit", "ui", "pages", "streamlit_app", "tests")
    assert [i for i in all_imports("ann_core") if i.of(*forbidden)] == []


def test_ui_imports_no_page() -> None:
    assert [i for i in all_imports("ui") if i.of("pages", "streamlit_app", "tests")] == []


def test_pages_import_no_page() -> None:
    assert [i for i in all_imports("pages") if i.of("pages", "streamlit_app", "tests")] == []


def test_imports_name_their_module_in_full() -> None:
    found = all_imports("ann_core", "ui", "pages")
    assert [i for i in found if i.target == "relative import"] == []


def test_no_module_imports_tensorflow_with_its_own_import() -> None:
    found = [i for i in all_imports("ann_core", "ui", "pages") if i.of(*HEAVY)]
    assert [i for i in found if not i.lazy and not i.for_types] == []


def test_only_what_runs_in_the_worker_may_import_tensorflow() -> None:
    found = [i for i in all_imports("ann_core", "ui", "pages") if i.of(*HEAVY)]
    builders = {i.module for i in found if not i.for_types}
    assert builders <= MAY_BUILD_NETWORKS
    assert "ann_core.training.network" in builders


def run_python(code: str, tmp_path: Path) -> list[str]:
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(ROOT), "ANN_DATA_DIR": str(tmp_path / "data")},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return list(json.loads(ended.stdout.splitlines()[-1]))


def test_importing_all_of_ann_core_loads_no_tensorflow_and_no_streamlit(tmp_path: Path) -> None:
    # Alembic runs the files of its folder itself, while it migrates.
    by_alembic = ("ann_core.runs.migrations.env", "ann_core.runs.migrations.versions")
    names = [name for name in modules("ann_core") if not name.endswith("__main__")]
    names = [name for name in names if not name.startswith(by_alembic)]
    code = f"""
import importlib, json, sys
for name in {names!r}:
    importlib.import_module(name)
print(json.dumps(sorted(name.split(".")[0] for name in sys.modules)))
"""
    loaded = set(run_python(code, tmp_path))
    assert "ann_core" in loaded
    assert loaded.isdisjoint({*HEAVY, "streamlit", "torch", "jax"})
    assert not (tmp_path / "data").exists(), "an import wrote files"


def test_images_become_features_without_tensorflow(
    tmp_path: Path, image_folder: MakeFolder
) -> None:
    code = f"""
import json, sys
from pathlib import Path
from ann_core.datasets.catalog import Catalog
from ann_core.datasets.importing.importer import import_folder
from ann_core.datasets.features import load_features
from ann_core.imaging.preprocessing import PreprocessConfig
dataset = import_folder(Path({str(image_folder())!r}), "pets", Catalog(Path("datasets")))
load_features(dataset, PreprocessConfig(image_size=(8, 8)), Path("features"))
print(json.dumps(sorted(name.split(".")[0] for name in sys.modules)))
"""
    loaded = set(run_python(code, tmp_path))
    assert "ann_core" in loaded
    assert loaded.isdisjoint({*HEAVY, "streamlit"})
