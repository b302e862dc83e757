"""What `pip install .` gives, outside the checkout; and the example of the README."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from ann_core.datasets.sources.cartoon_files import write_cartoons
from ann_core.datasets.sources.cartoons import CartoonConfig
from tests.helpers.warm_engine import share_warm_process

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, unpacked as pip would; with no checkout around it."""
    folder = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-q"]
    subprocess.run([*pip, "-w", str(folder), str(ROOT)], check=True, timeout=300)
    [wheel] = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site-packages")
    return folder / "site-packages"


def run(
    installed: Path, folder: Path, *command: str, warm: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run Python there; with `warm`, the worker that it starts is the checkout's."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ANN_")}
    environment |= {"PYTHONPATH": str(installed), "XDG_DATA_HOME": str(folder / "home")}
    shared, descriptors = share_warm_process() if warm else ({}, ())
    return subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env=environment | shared,
        pass_fds=descriptors,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_the_package_needs_what_the_requirements_pin() -> None:
    def name(line: str) -> str:
        return re.split(r"[\s=<>;\[]", line)[0].lower()

    text = (ROOT / "requirements.txt").read_text()
    pinned = text.split("# What the code imports.")[1].split("# What those bring along.")[0]
    lines = [line for line in pinned.splitlines() if line and not line.startswith("#")]
    assert {name(line) for line in lines} == {name(line) for line in PROJECT["dependencies"]}


def test_the_app_comes_along(installed: Path) -> None:
    app = installed / "flatland_app"
    for name in (
        "streamlit_app.py",
        ".streamlit/config.toml",
        "static/icon.png",
        "ui/base/page.py",
    ):
        assert (app / name).is_file(), name
    assert len(list((app / "pages").glob("*.py"))) == len(list((ROOT / "pages").glob("*.py")))
    assert not (installed / "ui").exists(), "no package of so common a name beside others"


def test_the_command_works_outside_the_checkout(installed: Path, tmp_path: Path) -> None:
    [command] = PROJECT["scripts"].values()
    module, _, function = command.partition(":")
    code = f"import sys; from {module} import {function}; {function}()"
    helped = run(installed, tmp_path, "-c", code, "--help")
    assert helped.returncode == 0, helped.stderr
    assert "serve" in helped.stdout
    listed = run(installed, tmp_path, "-c", code, "datasets", "--json")
    assert (listed.returncode, listed.stdout.strip()) == (0, "[]"), listed.stderr
    code = "from ann_core.cli.serve import app_script; print(app_script())"
    script = run(installed, tmp_path, "-c", code)
    assert script.stdout.strip() == str(installed / "flatland_app" / "streamlit_app.py")
    code = "from ann_core.settings import get_settings; print(get_settings().data_dir)"
    where = Path(run(installed, tmp_path, "-c", code).stdout.strip())
    assert "flatland" in where.parts
    assert installed not in where.parents, "no data among the packages"


def test_the_readmes_example_runs(installed: Path, tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text()
    [example] = re.findall(r"```python\n(.*?)```", readme, flags=re.DOTALL)
    (tmp_path / "example.py").write_text(example)
    write_cartoons(tmp_path / "pets", CartoonConfig(n_images=60, image_size=64))
    for again in (False, True):  # as somebody does who runs it again
        ended = run(installed, tmp_path, "example.py", warm=again)
        assert ended.returncode == 0, ended.stderr
        printed = re.fullmatch(r"(cat|dog) \d+% (.*)\n", ended.stdout)
        assert printed, ended.stdout
        assert (Path(printed[2]) / "model.keras").is_file()
    [datasets] = (tmp_path / "home").rglob("datasets")
    assert [path.name for path in datasets.iterdir() if path.name[0] != "."] == ["pets"]
