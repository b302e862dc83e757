"""The command that starts the app: serve."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from ann_core.cli.app import app, fail

SCRIPT = "streamlit_app.py"
INSTALLED = "flatland_app"
"""Folder beside the package that `pip install` puts the app into; in a checkout it is the root."""


@app.command()
def serve(
    *,
    address: Annotated[
        str, typer.Option(help="Address to listen on; 0.0.0.0 lets other computers in.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8501,
) -> None:
    """Start the app and serve it until Ctrl-C."""
    command = [sys.executable, "-m", "streamlit", "run", str(app_script())]
    command += ["--server.address", address, "--server.port", str(port)]
    with subprocess.Popen(command) as server:
        signal.signal(signal.SIGTERM, lambda *_: server.terminate())
        while True:
            try:
                sys.exit(server.wait())
            except KeyboardInterrupt:  # the server has heard it too, and ends by itself
                continue


def app_script() -> Path:
    """Locate the script that Streamlit runs: in the checkout, or as `pip` installed it."""
    parent = Path(__file__).resolve().parents[2]
    for folder in (parent, parent / INSTALLED):
        if (folder / SCRIPT).is_file():
            return folder / SCRIPT
    fail(
        f"Expected {SCRIPT} in '{parent}' or in '{INSTALLED}' beside the package, but it is in "
        "neither. Install Flatland again, or start it from a checkout."
    )
