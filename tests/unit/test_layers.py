"""What loads where, at run time; who may import whom are contracts in pyproject.toml."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.unit.conftest import MakeFolder

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("keras", "tensorflow")


def module_names(package: str) -> list[str]:
    """Dotted names of all modules of a package."""
    paths = sorted(path.relative_to(ROOT) for path in (ROOT / package).rglob("*.py"))
    return [".".join(path.with_suffix("").parts).removesuffix(".__init__") for path in paths]


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
    names = [name for name in module_names("ann_core") if not name.endswith("__main__")]
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
