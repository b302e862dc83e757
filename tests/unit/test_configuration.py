"""What the app's settings promise beyond what a page can show."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_tables_offer_no_download_of_their_own() -> None:
    """Streamlit's own CSV has formulas and pictures in its cells."""
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert settings["client"]["disableDataExport"] is True
