"""The commands of one data set: shown, deleted, and what belongs together."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.helpers.command_line import assert_one_sentence
from tests.helpers.runs import write_images


def test_a_data_set_is_listed_shown_and_deleted(quick: Any, tmp_path: Path) -> None:
    assert quick("import", write_images(tmp_path / "toy")).code == 0
    assert quick("dataset", "list").out == quick("datasets").out
    shown = json.loads(quick("dataset", "show", "toy", "--json").out)
    assert (shown["name"], shown["n_images"], shown["runs"]) == ("toy", 40, [])
    assert "source: folder toy" in quick("dataset", "show", "toy").out
    [version] = json.loads(quick("dataset", "versions", "toy", "--json").out)
    assert (version["name"], version["parent"]) == ("toy", "")
    assert json.loads(quick("dataset", "delete", "toy", "--json").out)["deleted"] == "toy"
    assert quick("dataset", "list", "--json").out == "[]\n"
    assert_one_sentence(quick("dataset", "delete", "toy"), "There is no data set 'toy'")
