"""The commands of one data set: shown, deleted, and what belongs together."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.command_line import assert_one_sentence
from tests.helpers.editing import draw, draw_classes
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


def test_erasing_asks_what_becomes_of_that_which_shares_pictures(
    quick: Any, tmp_path: Path
) -> None:
    assert quick("import", write_images(tmp_path / "toy")).code == 0
    assert quick("dataset", "leave-out", "toy", "1", "--name", "less").code == 0
    refused = quick("dataset", "erase", "toy")
    assert_one_sentence(refused, "'toy' shares pictures with 'less'. Nothing was erased")
    assert json.loads(quick("dataset", "erase", "less", "--only", "--json").out) == {
        "erased": ["less"]
    }
    assert quick("dataset", "erase", "toy", "--stop").code == 0
    assert quick("dataset", "list", "--json").out == "[]\n"
    assert_one_sentence(quick("dataset", "erase", "toy"), "There is no data set 'toy'")


@pytest.fixture
def pets(quick: Any, tmp_path: Path) -> str:
    """Three classes of twelve, as the command line brings them in."""
    assert quick("import", draw_classes(tmp_path / "pets")).code == 0
    return "pets"


def made(quick: Any, *arguments: object) -> dict[str, Any]:
    output = quick("dataset", *arguments, "--json")
    assert output.code == 0, output
    made: dict[str, Any] = json.loads(output.out)
    return made


def test_every_change_makes_a_version_with_a_free_name(
    quick: Any, pets: str, tmp_path: Path
) -> None:
    draw(tmp_path / "fox" / "1.png", 99)
    for number, (arguments, line) in enumerate(
        (
            (("leave-out", pets, "1", "3-4", "cat/p5_5.png"), "4 pictures left out"),
            (("move", pets, "13", "p0_0.png", "--to", "emu"), "2 pictures moved to class 'emu'"),
            (("add", pets, tmp_path / "fox", "--class", "dog"), "1 picture added to class 'dog'"),
            (("rename-class", pets, "cat", "tiger"), "class 'cat' renamed to 'tiger'"),
            (("delete-class", pets, "cat"), "class 'cat' deleted, 12 pictures"),
            (("merge-classes", pets, "cat", "dog", "--into", "pet"), "classes 'cat' and 'dog'"),
            (("split", pets, "--train", "0.6", "--seed", "1"), "split anew: 60 / 10 / 30, seed 1"),
            (("balance", pets, "--cap", "8"), "at most 8 pictures of a class, 12 pictures left"),
        ),
        2,
    ):
        version = made(quick, *arguments)
        assert version["name"] == f"pets-{number}"
        assert version["changes"][0].startswith(line)
        assert version["parent"] == pets
    versions = json.loads(quick("dataset", "versions", pets, "--json").out)
    assert [each["name"] for each in versions] == [pets, *(f"pets-{n}" for n in range(2, 10))]
    deleted = quick("dataset", "delete-class", "pets-5", "tiger").out
    assert "changed: class 'tiger' deleted, 12 pictures" in deleted
    assert made(quick, "rename", pets, "animals") == {"name": "animals", "was": pets}


def test_what_cannot_be_changed_is_one_sentence(quick: Any, pets: str, tmp_path: Path) -> None:
    for arguments, words in (
        (("leave-out", pets, "37"), "1 to 36"),
        (("leave-out", pets, "0"), "1 to 36"),
        (("leave-out", pets, "5-3"), "got '5-3'"),
        (("move", pets, "nobody.png", "--to", "dog"), "got 'nobody.png'"),
        (("leave-out", pets, "1", "--name", pets), "There is a data set 'pets' already"),
        (("leave-out", "cows", "1"), "There is no data set 'cows'"),
        (("add", pets, tmp_path / "nothing"), "there is no folder"),
        (("split", pets, "--train", "2"), "train"),
        (("split", pets, "--rule", "given"), "stratified or article"),
        (("split", pets, "--rule", "article", "--copies-together"), "knows no groups"),
        (("split", pets, "--group-pattern", "(p"), "expected a regular expression"),
        (("split", pets, "--by-groups"), "Expected a table 'groups.csv' beside the pictures"),
        (("split", pets, "--groups", tmp_path / "no.csv"), "there is no file"),
        (("balance", pets), "a cap, a floor or both"),
        (("balance", pets, "--cap", "4"), "cap"),
    ):
        assert_one_sentence(quick("dataset", *arguments), words)
    assert len(json.loads(quick("dataset", "list", "--json").out)) == 1


def test_groups_come_by_a_table_and_by_a_pattern(quick: Any, pets: str, tmp_path: Path) -> None:
    table = tmp_path / "patients.csv"
    names = [f"{c}/p{i % 6}_{i}.png" for c in ("cat", "dog", "emu") for i in range(12)]
    table.write_text("source;group\n" + "".join(f"{n};{n[4:6]}\n" for n in names))
    by_table = made(quick, "split", pets, "--groups", table)
    by_pattern = made(quick, "split", pets, "--group-pattern", r"(p\d)_")
    again = made(quick, "split", by_table["name"], "--by-groups")
    assert by_table["fingerprint"] == by_pattern["fingerprint"] == again["fingerprint"]
    uploads = tmp_path / "data" / "uploads"
    assert not uploads.exists() or list(uploads.iterdir()) == []


def test_shares_and_balance_at_an_import(quick: Any, tmp_path: Path) -> None:
    folder = draw_classes(tmp_path / "pets")
    shares = ("--train", "0.5", "--validation", "0.25", "--seed", "3")
    output = quick("import", folder, *shares, "--cap", "8", "--json")
    info = json.loads(output.out)
    assert info["counts"]["cat"] == {"train": 4, "validation": 2, "test": 2}
    assert info["n_skipped"] == 12
    assert {note["reason"] for note in info["skipped"]} == {"its class has more than 8 pictures"}
    stored = tmp_path / "data" / "datasets" / "pets" / "pictures"
    assert len(list(stored.rglob("*.png"))) == 24


def test_a_survey_lists_problems_by_picture_and_says_how_far_to_trust_it(
    quick: Any, pets: str, tmp_path: Path
) -> None:
    [first, *_] = sorted((tmp_path / "pets").glob("*/*.png"))
    first.with_name("copy.png").write_bytes(first.read_bytes())
    assert quick("import", tmp_path / "pets", "--name", "twice").code == 0
    made = json.loads(quick("dataset", "survey", "twice", "--json").out)
    assert made["n_images"] == 37
    assert set(made["label_check"]) == {"accuracy", "guess", "n_estimated", "found_early"}
    [copies] = [issue for issue in made["issues"] if issue["kind"] == "exact_duplicate"]
    assert {Path(file).name for file in copies["files"]} == {"copy.png", first.name}
    assert len(copies["leave_out"]) == 1
    only = json.loads(quick("dataset", "survey", "twice", "--kind", "leak", "--json").out)
    assert {issue["kind"] for issue in only["issues"]} <= {"leak"}
    table = quick("dataset", "survey", "twice")
    assert "label_mistake" in table.out
    assert "A simple classifier gives" in table.err
    listed = quick("dataset", "survey", "twice", "--kind", "exact_duplicate").out.splitlines()
    assert len(listed) == 3
    version = quick("dataset", "leave-out", "twice", str(copies["leave_out"][0]), "--json")
    assert json.loads(version.out)["n_images"] == 36
    assert_one_sentence(quick("dataset", "survey", "nobody"), "There is no data set 'nobody'")
    assert (
        "Expected one of exact_duplicate" in quick("dataset", "survey", "twice", "--kind", "x").err
    )
