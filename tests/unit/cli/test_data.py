"""Data sets on the command line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd

from tests.helpers.command_line import (
    assert_one_sentence,
)
from tests.helpers.runs import write_images


def test_datasets_are_listed_for_people_and_machines(quick: Any, tmp_path: Path) -> None:
    assert quick("datasets").out.split() == ["name", "pictures", "classes", "left", "out", "source"]
    assert quick("datasets", "--json").out == "[]\n"
    assert quick("import", write_images(tmp_path / "toy")).code == 0

    listed = quick("datasets").out.splitlines()
    assert listed[1].split() == ["toy", "40", "2", "0", "folder", "toy"]
    (listed,) = json.loads(quick("datasets", "--json").out)
    assert (listed["name"], listed["n_images"]) == ("toy", 40)


def test_import_prints_a_table_of_classes_and_splits(quick: Any, tmp_path: Path) -> None:
    images = write_images(tmp_path / "v1.0-pictures")
    (images / "dark" / "broken.png").write_text("no picture")
    refused = quick("import", images, "--name", "v1.0")
    assert_one_sentence(refused, "Expected a data set name", "'v1.0'")
    assert quick("import", images).out.startswith("v1-0-pictures: 40 pictures, 1 left out")

    lines = quick("import", images, "--name", "toy").out.splitlines()
    assert lines[0] == "toy: 40 pictures, 1 left out"
    assert lines[1].split() == ["class", "train", "validation", "test"]
    assert lines[2].split() == ["bright", "16", "2", "2"]
    assert lines[4] == "Read as: 41 pictures in 2 classes (bright, dark), split anew."
    assert lines[5].startswith("left out: dark/broken.png: ")


def test_an_import_can_be_looked_at_first_and_read_otherwise(quick: Any, tmp_path: Path) -> None:
    images = write_images(tmp_path / "my pets")
    for split in ("train", "test"):
        write_images(tmp_path / "my pets" / split)
    for name in ("bright", "dark"):
        shutil.rmtree(images / name)
    sentence = "Read as: train 40 pictures in 2 classes (bright, dark); test 40."
    looked = quick("import", f'"{images}"', "--dry-run")
    assert looked.out.splitlines()[0] == sentence
    assert json.loads(quick("import", images, "--dry-run", "--json").out)["reading"][0] == sentence
    assert quick("datasets", "--json").out == "[]\n"

    read = quick("import", f"file://{images}", "--read-as", "no-splits").out
    assert read.startswith("my-pets: 80 pictures, 0 left out")
    refused = quick("import", images, "--read-as", "upside-down")
    assert_one_sentence(refused, "--read-as: expected one of auto, folders, innermost, names")
    refused = quick("import", images, "--names-in", "zlib")
    assert_one_sentence(refused, "--names-in: expected one of utf-8, cp437")
    refused = quick("import", tmp_path / "none", "--dry-run")
    assert_one_sentence(refused, "Expected a folder, a zip or a tar file, but there is no")


def test_few_bits_of_sixteen_are_said_and_stretched(quick: Any, tmp_path: Path) -> None:
    images = write_images(tmp_path / "slices", bits=12)
    assert "use 4,096 of 65,536 levels" in quick("import", images).out.splitlines()[-1]
    brightest = []
    for options in ([], ["--bits-used", "16"]):
        table = tmp_path / "table.parquet"
        assert quick("table", "slices", "--image-size", "8", "--out", table, *options).code == 0
        brightest.append(pd.read_parquet(table).drop(columns="class").to_numpy().max())
    assert brightest[0] > 0.9
    assert brightest[1] < 1 / 16
    wrong = quick("table", "slices", "--out", table, "--bits-used", "7")
    assert_one_sentence(wrong, "bits_used", "got 7")


def test_the_operator_clears_the_line(quick: Any) -> None:
    assert "0 stopped; 0 trainings" in quick("clear-line").err
    assert quick("clear-line", "--json").out == '{\n  "stopped": [],\n  "paused": []\n}\n'
