"""The site and the installation that downloads are tried with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ann_core.settings import Settings
from tests.helpers.download_site import Site, serving
from tests.helpers.tls_site import speak_tls


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("NO_PROXY", "*")
    with serving(Site()) as site:
        yield site


@pytest.fixture
def tls_site(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[tuple[Site, Path]]:
    """A site that speaks TLS, and its certificate, which nobody has signed."""
    monkeypatch.setenv("NO_PROXY", "*")
    site = Site()
    certificate = speak_tls(site, tmp_path)
    with serving(site):
        yield site, certificate


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(data_dir=tmp_path / "data")
    for folder in (settings.downloads_dir, settings.datasets_dir):
        folder.mkdir(parents=True)
    return settings
