"""Commands that compare: compare, baselines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from ann_core.cli.app import (
    JsonOption,
    RunArgument,
    app,
    catalog,
    progress_bar,
    registry,
    show_json,
    show_table,
)
from ann_core.cli.options import Given, config_options, preprocess_config, stretched
from ann_core.errors import RunError
from ann_core.evaluation.comparison import (
    HeldOutPredictions,
    PairedComparison,
    compare_pair,
    differing,
    settings_of,
)
from ann_core.evaluation.interpretation import describe_looks
from ann_core.evaluation.stored_predictions import load_predictions
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.runs.folder import RunFolder
from ann_core.runs.run import Run
from ann_core.settings import get_settings


@app.command()
def compare(
    first: RunArgument,
    second: RunArgument,
    json: JsonOption = False,
) -> None:
    """Compare two runs on the same test pictures: settings, and whether it is luck."""
    runs = registry()
    if first == second:
        runs.get(first)
        raise RunError(f"Expected two different runs, got '{first}' twice. Name another one.")
    pair = (runs.get(first), runs.get(second))
    for run in pair:
        _ = run.learned  # a run that has not finished has nothing to compare
    test_predictions = [_test_predictions(run, get_settings().runs_dir) for run in pair]
    comparison = compare_pair(*test_predictions)
    runs.looks.add(pair)
    accuracies = {
        run.id: predictions.accuracy
        for run, predictions in zip(pair, test_predictions, strict=True)
    }
    if json:
        show_json(_as_dict(comparison) | {"accuracy": accuracies} | _settings_dict(pair))
        return
    _show_pair(pair, accuracies, comparison)
    verdict = (
        "larger than chance explains"
        if comparison.test.is_significant
        else "small enough to be chance"
    )
    print(
        f"On {comparison.n_images:,} test pictures this difference is {verdict} "
        f"(McNemar's exact test, p = {comparison.test.p_value:.3g})."
    )
    print(describe_looks(runs.looks.count(pair[0].config.fingerprint), pair[0].learned))


def _show_pair(
    pair: Sequence[Run], accuracies: Mapping[str, float], comparison: PairedComparison
) -> None:
    """Print results and all settings side by side, those that differ first."""
    apart = differing([run.config for run in pair])
    settings = [settings_of(run.config) for run in pair]
    names = sorted(settings[0], key=lambda name: name not in apart)
    show_table(
        ("", *(run.id for run in pair)),
        [
            ("validation accuracy", *(_share(run.learned.validation) for run in pair)),
            ("test accuracy", *(f"{accuracies[run.id]:.4f}" for run in pair)),
            ("right alone", comparison.test.only_first, comparison.test.only_second),
            *((name, *(values[name] for values in settings)) for name in names),
        ],
    )
    print(f"{len(apart)} settings differ{': ' * bool(apart)}{', '.join(apart)}.")


@app.command()
@config_options(PreprocessConfig)
def baselines(
    *,
    dataset: Annotated[str, typer.Argument(help="Name of a data set.")],
    given: Given,
    json: JsonOption = False,
) -> None:
    """Train simple classifiers on the same features: what a network must beat."""
    from ann_core.evaluation.baseline_fitting import make_baselines  # scikit-learn takes a second

    config = preprocess_config(given)
    data = catalog().load(dataset)
    config = stretched(config, given, data.info)
    with progress_bar("training the baselines") as progress:
        made = make_baselines(data, config, get_settings(), progress=progress)
    if json:
        show_json([asdict(baseline) for baseline in made.baselines])
        return
    show_table(
        ("baseline", "test", "validation", "train", "seconds", "chosen"),
        [
            (
                *(b.title, _share(b.test), _share(b.validation), _share(b.train)),
                *(f"{b.seconds:.1f}", b.detail),
            )
            for b in made.baselines
        ],
    )


def _test_predictions(run: Run, root: Path) -> HeldOutPredictions:
    folder = RunFolder.of(root, run.id)
    predictions = load_predictions(folder.predictions, len(folder.read_class_names()))
    return HeldOutPredictions.of_run(predictions, run.config.fingerprint)


def _settings_dict(pair: Sequence[Run]) -> dict[str, Any]:
    settings = {run.id: settings_of(run.config) for run in pair}
    return {
        "validation": {run.id: run.learned.validation for run in pair},
        "differing": {
            name: {run: values[name] for run, values in settings.items()}
            for name in differing([run.config for run in pair])
        },
        "settings": settings,
    }


def _as_dict(comparison: PairedComparison) -> dict[str, Any]:
    """Plain values by name, for JSON; pictures by their number in the data set, from 1."""
    return {
        "n_images": comparison.n_images,
        "p_value": comparison.test.p_value,
        "within_luck": not comparison.test.is_significant,
        "only_first": [int(row) + 1 for row in comparison.only_first],
        "only_second": [int(row) + 1 for row in comparison.only_second],
    }


def _share(share: float | None) -> str:
    return "-" if share is None else f"{share:.4f}"
