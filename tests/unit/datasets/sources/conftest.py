"""The site and the installation that downloads are tried with."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ann_core.settings import Settings
from tests.helpers.download_site import Site
from tests.helpers.tls_site import speak_tls


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("NO_PROXY", "*")
    with served(Site()) as site:
        yield site


@pytest.fixture
def tls_site(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[tuple[Site, Path]]:
    """A site that speaks TLS, and its certificate, which nobody has signed."""
    monkeypatch.setenv("NO_PROXY", "*")
    site = Site()
    certificate = speak_tls(site, tmp_path)
    with served(site):
        yield site, certificate


@contextmanager
def served(site: Site) -> Iterator[Site]:
    thread = threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield site
    site.over.set()
    site.shutdown()
    thread.join()
    site.server_close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(data_dir=tmp_path / "data")
    for folder in (settings.downloads_dir, settings.datasets_dir):
        folder.mkdir(parents=True)
    return settings
