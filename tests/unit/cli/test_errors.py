"""What goes wrong on the command line is said in one sentence; what there is, in its help."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import typer.main

from ann_core.cli.app import app
from ann_core.runs.registry import Registry
from tests.helpers.command_line import (
    QUICK,
    UNKNOWN,
    assert_one_sentence,
)
from tests.helpers.registry import submit
from tests.helpers.runs import write_images


def test_wrong_usage_is_told_with_code_2(quick: Any) -> None:
    for arguments in (["bogus"], ["train"], ["train", "toy", "--epochs", "many"], ["runs", "-x"]):
        output = quick(*arguments)
        assert output.code == 2, output
        assert output.out == ""
        assert "Usage: " in output.err
        assert "Traceback" not in output.err
    assert "No such command 'bogus'" in quick("bogus").err
    assert quick().code == 2, "no command at all shows the help"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["train", "nowhere"], ["There is no data set 'nowhere'"]),
        (["train", "../nowhere"], ["Expected a data set name", "'../nowhere'"]),
        (["show", UNKNOWN], [f"Nothing here has the id '{UNKNOWN}'"]),
        (["show", "../../etc"], ["Expected an id of 16 letters", "'../../etc'"]),
        *(
            ([command, UNKNOWN], [f"Nothing here has the id '{UNKNOWN}'"])
            for command in ("stop", "pause", "resume", "describe", "delete", "clone")
        ),
        (["evaluate", UNKNOWN], [f"Nothing here has the id '{UNKNOWN}'"]),
        (["compare", UNKNOWN, UNKNOWN], [f"Nothing here has the id '{UNKNOWN}'"]),
        (["baselines", "nowhere"], ["There is no data set 'nowhere'"]),
        (["baselines", "nowhere", "--image-size", "7"], ["image_size.0", "got 7"]),
        (["predict", UNKNOWN, "x.jpg"], [f"Nothing here has the id '{UNKNOWN}'"]),
        (["import", "nowhere.zip"], ["there is no file", "nowhere.zip"]),
        (["import", ""], ["Expected a folder, a file", "got nothing"]),
        (["import", "digits", "--name", "a/b"], ["Expected a data set name", "'a/b'"]),
        (["import", "digits", "--name", "[/x]"], ["Expected a data set name", "'[/x]'"]),
        (["import", "digits", "--split", "fair"], ["rule", "'fair'"]),
        (["import", "cartoons", "--cartoon", "shift"], ["expected knob=value", "'shift'"]),
        (["import", "digits", "--cartoon", "shift=1"], ["only with the built-in set 'cartoons'"]),
    ],
    ids=lambda value: " ".join(value),
)
def test_errors_are_one_sentence(quick: Any, arguments: list[str], words: list[str]) -> None:
    assert_one_sentence(quick(*arguments), *words)
    assert_one_sentence(quick(*arguments, "--json"), *words)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--epochs", "0"], ["epochs", "got 0"]),
        (["--hidden-units", "0"], ["hidden_units.0", "got 0"]),
        (["--hidden-units", "1000000"], ["hidden_units.0", "got 1000000"]),
        (["--hidden-units", "8,many"], ["whole numbers separated by ','", "'8,many'"]),
        (["--learning-rate", "nan"], ["learning_rate", "finite number", "got nan"]),
        (["--image-size", "8x8x8"], ["image_size", "at most 2 items"]),
        (["--image-size", "7"], ["image_size.0", "got 7"]),
        (["--preset", "huge"], ["small, article, linear", "'huge'"]),
        (["--mode", "blue"], ["mode", "'blue'"]),
        (["--scaling", "huge"], ["scaling", "'unit' or 'standard'", "'huge'"]),
        (["--epochs", "0", "--l2", "2"], ["epochs", "l2"]),
    ],
    ids=lambda value: " ".join(value),
)
def test_settings_out_of_bounds_are_one_sentence(
    quick: Any, tmp_path: Path, options: list[str], words: list[str]
) -> None:
    images = write_images(tmp_path / "pictures", n_images=5)
    assert quick("import", images, "--name", "toy").code == 0

    assert_one_sentence(quick("train", "toy", *options), *words)
    assert quick("runs", "--json").out == "[]\n", "nothing was filed"


def test_a_data_folder_that_cannot_be_written_is_one_sentence(quick: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")

    in_a_file = tmp_path / "file" / "data"
    assert_one_sentence(quick("runs", data_dir=in_a_file), "The run registry cannot be opened")
    assert_one_sentence(quick("import", "digits"), str(in_a_file))


def test_a_failed_training_ends_with_its_sentence_and_code_1(quick: Any, tmp_path: Path) -> None:
    images = write_images(tmp_path / "pictures")
    assert quick("import", images, "--name", "toy").code == 0
    (tmp_path / "data" / "runs").write_text("not a folder")
    failed = quick("train", "toy", *QUICK)

    assert failed.code == 1
    assert failed.err.splitlines()[-1].startswith("The training process could not start")
    assert "Traceback" not in failed.err
    assert ": failed\n" in failed.out
    assert "worker.log" in failed.out


def test_a_run_that_has_not_finished_cannot_be_asked(quick: Any, tmp_path: Path) -> None:
    with Registry(f"sqlite:///{tmp_path / 'data' / 'registry.db'}") as runs:
        waiting, other = (submit(runs, key).id for key in ("one", "two"))
    for arguments in (("predict", waiting, "x.jpg"), ("compare", waiting, other)):
        assert_one_sentence(quick(*arguments), "This network is not trained yet", "has finished")
    assert_one_sentence(quick("evaluate", waiting), "This network is not trained yet")


def test_every_option_has_a_help_text() -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    assert sorted(commands) == [
        *("baselines", "clear-line", "clone", "compare", "dataset", "datasets", "delete"),
        *("describe", "evaluate", "experiment", "export", "import", "open", "pause", "predict"),
        *("resume", "runs", "serve", "shift", "show", "sources", "stop", "table", "train"),
    ]
    for name, command in [*commands.items(), *commands["dataset"].commands.items()]:
        assert command.help, name
        for parameter in command.params:
            assert parameter.help, f"{name} {parameter.name}"


def test_the_bounds_in_the_help_are_those_of_the_settings(quick: Any) -> None:
    text = " ".join(quick("train", "--help").out.split())

    for words in ("1 to 4096.", "1 to 1000.", "adam, sgd, rmsprop.", "squash, crop, pad."):
        assert words in text
