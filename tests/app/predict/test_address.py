"""A picture by its address on the Predict page: fetched once, refused in a sentence, not kept."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.app.conftest import OpenPage
from tests.helpers.app_text import page_text
from tests.helpers.download_site import Site, serving
from ui.base import services


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("ANN_ALLOW_PRIVATE_ADDRESSES", "true")
    with serving(Site()) as site:
        yield site


def test_an_image_is_fetched_once_and_no_file_of_it_is_written(
    site: Site, open_page: OpenPage, small_run: str, data_dir: Path
) -> None:
    content = io.BytesIO()
    Image.fromarray(np.full((40, 40), 200, np.uint8)).save(content, "PNG")
    site.files["/cat.png?sig=hush"] = content.getvalue()
    page = open_page("predict", run=small_run)
    page.segmented_control(key="predict_from").set_value("Address").run()
    files = {path for path in data_dir.rglob("*") if path.is_file()}
    page.text_input(key="predict_address").set_value(f"{site.url}/cat.png?sig=hush").run()
    assert site.requested == []
    page.button(key="predict_fetch").click().run()
    assert any(header.value.startswith("Its answer") for header in page.header)
    page.run()
    assert site.requested == ["/cat.png?sig=hush"]
    assert {path for path in data_dir.rglob("*") if path.is_file()} == files
    assert services.decoded_images().n_bytes >= 40 * 40

    page.text_input(key="predict_address").set_value(f"{site.url}/dog.png?sig=hush").run()
    assert page_text(page) == []
    page.button(key="predict_fetch").click().run()
    [refusal] = page_text(page)
    assert "127.0.0.1/dog.png, but an empty file" in refusal and "hush" not in refusal
    page.run()
    assert page_text(page) == [] and len(site.requested) == 2
