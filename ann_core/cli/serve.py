"""The command that starts the app: serve."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import psutil
import typer

from ann_core.cli.app import app, fail

SCRIPT = "streamlit_app.py"
INSTALLED = "flatland_app"
"""Folder beside the package that `pip install` puts the app into; in a checkout it is the root."""

ALLOWED_HOSTS = "STREAMLIT_SERVER_ALLOWED_HOSTS"
"""Environment variable of Streamlit, for a host whose name this computer does not know."""

LOOPBACK = ("localhost", "127.0.0.1", "::1")
EVERYWHERE = ("0.0.0.0", "::")


@app.command()
def serve(
    *,
    address: Annotated[
        str,
        typer.Option(
            help="Address to listen on; 0.0.0.0 lets other computers in, by this one's own names "
            f"and addresses. {ALLOWED_HOSTS} names others."
        ),
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8501,
) -> None:
    """Start the app and serve it until Ctrl-C."""
    command = [sys.executable, "-m", "streamlit", "run", str(app_script())]
    command += ["--server.address", address, "--server.port", str(port)]
    if not os.environ.get(ALLOWED_HOSTS):
        command += [f"--server.allowedHosts={name}" for name in own_names(address)]
    with subprocess.Popen(command) as server:
        signal.signal(signal.SIGTERM, lambda *_: server.terminate())
        while True:
            try:
                sys.exit(server.wait())
            except KeyboardInterrupt:  # the server has heard it too, and ends by itself
                continue


def own_names(address: str) -> list[str]:
    """List what browsers may call this computer when the server listens on `address`.

    A site elsewhere could let its own name point to this computer; the server then refuses.
    """
    names = list(LOOPBACK)
    if address in LOOPBACK:
        return names
    if address not in EVERYWHERE:
        return [*names, address]
    host = socket.gethostname()
    addresses = [each.address for nic in psutil.net_if_addrs().values() for each in nic]
    names += [host, f"{host}.local", *(each.partition("%")[0] for each in addresses)]
    return sorted({name for name in names if not _is_hardware(name)})


def _is_hardware(address: str) -> bool:
    return re.fullmatch("([0-9a-fA-F]{2}[:-]?){6,8}", address) is not None


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
