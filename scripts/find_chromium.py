"""Find a Chromium for the browser tests, and install one where none is there.

``python scripts/find_chromium.py`` prints the path of a browser that starts;
``--install`` first tries to get one if there is none. Both end with a sentence
and exit code 1 if there is no browser to be had. Only the standard library is
used, so the script runs before the packages are installed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

VARIABLE = "FLATLAND_CHROMIUM"

COMMANDS = (
    # The same engine without a window; a page takes a fifth less of the processor.
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
)

MACOS_BUNDLES = (
    "Chromium.app/Contents/MacOS/Chromium",
    "Google Chrome.app/Contents/MacOS/Google Chrome",
    "Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)

ASK_PLAYWRIGHT = (
    "from playwright.sync_api import sync_playwright as start\n"
    "with start() as playwright: print(playwright.chromium.executable_path)"
)


class ChromiumNotFoundError(RuntimeError):
    """No browser that starts; the message says what to do about it."""


def find_chromium() -> Path:
    """Return the first Chromium that starts; look only, install nothing.

    Order: the path in ``FLATLAND_CHROMIUM``, commands on PATH, application
    bundles of macOS, Playwright's own download.

    Raises
    ------
    ChromiumNotFoundError
        If there is none, or if the variable names something that does not start.
    """
    chosen = os.environ.get(VARIABLE)
    if chosen:
        if _starts(Path(chosen)):
            return Path(chosen)
        raise ChromiumNotFoundError(
            f"{VARIABLE} is {chosen!r}, but no browser starts from there. "
            "Correct the path, or unset the variable to have one looked for."
        )
    for path in (*_on_path(), *_macos_bundles(), *_playwright_download()):
        if _starts(path):
            return path
    raise ChromiumNotFoundError(
        "The browser tests need Chromium and this machine has none that starts. "
        "Looked for: " + ", ".join(COMMANDS) + ", the same as macOS applications, and "
        "Playwright's download. Run `make test`, which tries to install one, install "
        f"Chromium or Chrome yourself, or set {VARIABLE} to the path of one."
    )


def install_chromium() -> Path:
    """Return a Chromium that starts, installing one if there is none.

    Debian's package is tried first, where we are root and apt-get is there;
    then Playwright's download, which needs the test packages installed.

    Raises
    ------
    ChromiumNotFoundError
        If there is still none.
    """
    try:
        return find_chromium()
    except ChromiumNotFoundError:
        if os.environ.get(VARIABLE):
            raise
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        _say("Installing Debian's chromium for the browser tests.")
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        apt_get = ("apt-get", "-q", "-o", "DPkg::Lock::Timeout=300")
        _run(*apt_get, "update", env=environment)
        # Without a font in the system, Chromium draws empty boxes for letters.
        for package in ("fonts-liberation", "chromium-headless-shell", "chromium"):
            _run(*apt_get, "install", "-y", "--no-install-recommends", package, env=environment)
            with suppress(ChromiumNotFoundError):
                return find_chromium()
        _say("That gave no chromium that starts.")
    _say("Installing Playwright's chromium for the browser tests.")
    _run(sys.executable, "-m", "playwright", "install", "chromium")
    return find_chromium()


def _on_path() -> list[Path]:
    return [Path(path) for command in COMMANDS if (path := shutil.which(command))]


def _macos_bundles() -> list[Path]:
    if sys.platform != "darwin":
        return []
    folders = (Path("/Applications"), Path.home() / "Applications")
    return [folder / bundle for folder in folders for bundle in MACOS_BUNDLES]


def _playwright_download() -> list[Path]:
    # In a process of its own: Playwright's sync interface refuses to start inside a running loop.
    ended = subprocess.run(
        [sys.executable, "-c", ASK_PLAYWRIGHT], capture_output=True, text=True, check=False
    )
    return [Path(ended.stdout.strip())] if ended.returncode == 0 else []


def _starts(path: Path) -> bool:
    """Tell whether a browser answers: Ubuntu's chromium-browser can be a stub that wants snap."""
    try:
        ended = subprocess.run([path, "--version"], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return ended.returncode == 0


def _run(*command: str, env: dict[str, str] | None = None) -> None:
    # A failure is not the end: the next way is tried, and the last look decides.
    subprocess.run(command, stdout=sys.stderr, env=env, check=False)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description="Print the path of a Chromium that starts.")
    parser.add_argument("--install", action="store_true", help="install one if there is none")
    arguments = parser.parse_args()
    try:
        print(install_chromium() if arguments.install else find_chromium())
    except ChromiumNotFoundError as error:
        _say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
