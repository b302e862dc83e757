"""The command that moves all pictures: shift."""

from __future__ import annotations

from ann_core.cli.app import JsonOption, RunArgument, app, registry, show_json, show_table
from ann_core.errors import RunError
from ann_core.evaluation.run_inputs import load_run_inputs
from ann_core.evaluation.shift_result import ShiftTest, save_shift_tests
from ann_core.evaluation.shift_sentences import AT_THE_EDGE, describe_shift
from ann_core.evaluation.shift_test import repeat_shift_tests
from ann_core.evaluation.stored_predictions import load_predictions
from ann_core.prediction.classifier import Classifier
from ann_core.runs.folder import RunFolder
from ann_core.settings import get_settings


@app.command()
def shift(run: RunArgument, json: JsonOption = False) -> None:
    """Ask the exported model once more with all test pictures moved; also for older runs."""
    settings, runs = get_settings(), registry()
    trained = runs.get(run)
    _ = trained.learned  # a run that has not finished cannot be asked
    folder = RunFolder.of(settings.runs_dir, run)
    inputs = load_run_inputs(folder, trained.config, settings.features_dir)
    if inputs is None:
        raise RunError(
            "The pictures of this run are not here any more, so they cannot be moved. Train it "
            "again with the same settings."
        )
    classifier = Classifier(folder, for_batch=True)
    predictions = load_predictions(folder.predictions, len(classifier.class_names))
    tests = repeat_shift_tests(
        classifier.predict_features, inputs, predictions, class_names=classifier.class_names
    )
    save_shift_tests(tests, folder.shift_test)
    runs.looks.add([trained])
    if json:
        show_json(tests.model_dump(mode="json"))
    else:
        _show(tests.test)


def _show(test: ShiftTest) -> None:
    """Print a line for each move, and what they say."""
    ways = (("right", "left", test.right), ("down", "up", test.down))
    rows = [
        (f"{abs(each.pixels)} {plus if each.pixels > 0 else minus}", f"{test.share(each):.4f}")
        for plus, minus, moves in ways
        for each in moves
    ]
    show_table(("pixels", "test accuracy"), [("0", f"{test.accuracy:.4f}"), *rows])
    print(describe_shift(test).replace("**", ""))
    print(AT_THE_EDGE)
