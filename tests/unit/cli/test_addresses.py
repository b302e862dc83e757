"""Pictures from an address, and out again, on the command line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.command_line import assert_one_sentence
from tests.helpers.download_site import Site, serving
from tests.helpers.runs import write_images


def test_a_data_set_comes_from_an_address_and_goes_out_again(
    quick: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = Path(shutil.make_archive(str(tmp_path / "pets"), "zip", write_images(tmp_path / "x")))
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("ANN_ALLOW_PRIVATE_ADDRESSES", "true")
    with serving(Site()) as site:
        site.files["/pets.zip?sig=hush"] = archive.read_bytes()
        imported = quick("import", f"{site.url}/pets.zip?sig=hush", "--json")
        missing = quick("import", f"{site.url}/dogs.zip?sig=hush")
    shown = json.loads(imported.out)
    assert (shown["name"], shown["source"]) == ("pets", "address http://127.0.0.1/pets.zip")
    assert "hush" not in imported.out + imported.err
    assert_one_sentence(missing, "Expected a zip or tar file at http://127.0.0.1/dogs.zip")

    target = tmp_path / "out.zip"
    written = json.loads(
        quick("dataset", "export", "pets", "--to", target, "--by-split", "--json").out
    )
    assert (written["n_pictures"], written["n_bytes"]) == (40, target.stat().st_size)
    again = json.loads(quick("import", target, "--name", "again", "--json").out)
    assert (again["counts"], again["n_skipped"]) == (shown["counts"], 0)
    assert quick("dataset", "export", "pets", "--to", target).out.endswith("40 pictures, 0.0 MB\n")
    refused = quick("dataset", "export", "pets", "--to", tmp_path / "none" / "x.zip")
    assert_one_sentence(refused, "Expected the name of a file in a folder that exists")


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("https://user:hush@example.org/pets.zip", "user name or a password"),
        ("http://127.0.0.1/pets.zip?sig=hush", "only public addresses"),
        ("ftp://example.org/pets.zip", "begins with 'ftp:'"),
    ],
)
def test_an_address_that_is_refused_is_one_sentence(
    quick: Any, monkeypatch: pytest.MonkeyPatch, address: str, words: str
) -> None:
    monkeypatch.delenv("ANN_ALLOW_PRIVATE_ADDRESSES", raising=False)
    refused = quick("import", address)
    assert_one_sentence(refused, words)
    assert "hush" not in refused.err
