"""A model card: what a network was trained on, what it can do, and what it cannot.

After Mitchell et al. 2019, Model Cards for Model Reporting.
"""

from __future__ import annotations

from collections.abc import Sequence

from ann_core.datasets.dataset import Dataset, display_name
from ann_core.errors import RunError
from ann_core.escaping import escape_markdown
from ann_core.evaluation.interpretation import describe_frequency
from ann_core.evaluation.ood import OodThresholds, describe_rule, load_ood_thresholds
from ann_core.evaluation.report import report
from ann_core.evaluation.shift_result import load_shift_tests
from ann_core.evaluation.shift_sentences import AT_THE_EDGE, describe_shift
from ann_core.evaluation.significance import chance_p_value, wilson_interval
from ann_core.evaluation.stored_predictions import load_predictions
from ann_core.imaging.ood_rule import load_ood_rule
from ann_core.runs.folder import RunFolder
from ann_core.runs.result import Evaluation
from ann_core.runs.run import Run

_LIMITS = """
- It has an answer for every picture, also for one of something else. It knows no "none of these".
- It sees a picture as one row of numbers and does not know which pixels are neighbours: a cat
  that stands elsewhere in the picture is a different cat to it.
- Pictures that come from elsewhere (another camera, another background) are answered less well
  than the test pictures, which come from the same source as those it learned from.
- A probability is what the network states of itself. The Results page shows how often it is right
  when it claims to be.
- Do not use it where a wrong answer does harm to somebody.
"""


def model_card(run: Run, folder: RunFolder, dataset: Dataset | None) -> str:
    """Write the card of a finished run, as Markdown.

    Parameters
    ----------
    dataset : Dataset or None
        None if its images are not here any more, or whoever asks may not see them.
    """
    test = run.learned.test
    title = escape_markdown(run.name) or f"A dense network for {_listed(test.class_names)}"
    parts = [
        f"# {title}",
        f"It tells {_listed(test.class_names)} apart, by their pixels alone: a picture becomes "
        f"one row of {run.config.preprocess.n_features:,} numbers. Trained with Flatland on "
        f"{run.finished or run.created:%d %B %Y}.",
        _section("Data", _data(run, dataset)),
        _section("Settings", _table(("setting", "value"), _settings(run))),
        _section("Results", _results(folder, test)),
        *_moved(folder),
        _section("Limits", _LIMITS.strip("\n") + _thresholds(folder)),
    ]
    if run.notes:
        parts.append(_section("Notes", _quoted(run.notes)))
    return "\n\n".join(parts) + "\n"


def _section(title: str, text: str) -> str:
    return f"## {title}\n\n{text}"


def _data(run: Run, dataset: Dataset | None) -> str:
    counts = run.learned.n_images
    rows = [("data set", escape_markdown(display_name(run.config.dataset)))]
    if dataset is not None:
        rows.append(("content", f"`{escape_markdown(run.config.fingerprint)}`"))
        split = dataset.info.split
        rule = split.rule if split.rule == "given" else f"{split.rule}, seed {split.seed}"
        rows += [("source", escape_markdown(dataset.info.source)), ("split", rule)]
    rows += [(f"{split} pictures", f"{n:,}") for split, n in counts.items()]
    return _table(("", ""), rows)


def _settings(run: Run) -> list[tuple[str, str]]:
    """List all settings, and what they led to."""
    result = run.learned
    rows = []
    for part in (run.config.preprocess, run.config.network):
        for name, value in part.model_dump().items():
            text = " x ".join(map(str, value)) if isinstance(value, (tuple, list)) else str(value)
            rows.append((name.replace("_", " "), text or "none"))
    rows.append(("parameters", f"{result.n_parameters:,}"))
    rows.append(("epochs trained", str(run.epoch)))
    rows.append(("weights of", result.kept))
    return rows


def _results(folder: RunFolder, test: Evaluation) -> str:
    n_correct = round(test.accuracy * test.n_images)
    low, high = wilson_interval(n_correct, test.n_images)
    n_classes = len(test.class_names)
    p_value = chance_p_value(n_correct, test.n_images, n_classes)
    rows = [
        (
            "**accuracy on test pictures**",
            f"**{test.accuracy:.1%}** ({n_correct} of {test.n_images})",
        ),
        ("95% interval of the true share (Wilson)", f"{low:.1%} to {high:.1%}"),
        ("always the most frequent class", f"{test.majority:.1%}"),
        ("guessing", f"{1 / n_classes:.1%}"),
        ("guessing would do as well", describe_frequency(p_value)),
        *_other_splits(folder, n_classes, test),
    ]
    scores = [
        (
            escape_markdown(c.class_name),
            f"{c.precision:.1%}",
            f"{c.recall:.1%}" if c.is_tested else "-",
            f"{c.f1:.1%}" if c.is_tested else "-",
            c.n_images,
        )
        for c in test.classes
    ]
    by_class = _table(("class", "precision", "recall", "F1", "test pictures"), scores)
    return f"{_table(('', ''), rows)}\n\n{by_class}"


def _moved(folder: RunFolder) -> list[str]:
    """Tell the shift test; nothing of a run of an older Flatland that nobody made it for."""
    tests = load_shift_tests(folder.shift_test)
    if tests is None:
        return []
    test = tests.test
    columns = ("pixels", "left (-) or right", "up (-) or down")
    shares = [{each.pixels: test.share(each) for each in way} for way in (test.right, test.down)]
    rows = [
        (f"{n:+d}", *(f"{way[n]:.1%}" if n in way else "-" for way in shares))
        for n in sorted({*shares[0], *shares[1]})
    ]
    words = f"{describe_shift(test)} {AT_THE_EDGE} Accuracy after each move:"
    return [_section("When the pictures move", f"{words}\n\n{_table(columns, rows)}")]


def _other_splits(folder: RunFolder, n_classes: int, test: Evaluation) -> list[tuple[str, str]]:
    try:
        splits = report(load_predictions(folder.predictions, n_classes), test.class_names).splits
    except RunError:  # a run of an older Flatland kept no answers
        return []
    return [
        ("accuracy on training pictures", f"{splits['train'].accuracy:.1%}"),
        ("accuracy on validation pictures", f"{splits['validation'].accuracy:.1%}"),
    ]


def _thresholds(folder: RunFolder) -> str:
    rule = load_ood_rule(folder.ood_rule, folder.read_preprocessing().image_shape)
    thresholds = load_ood_thresholds(folder.ood_thresholds)
    if rule is not None:
        words = (
            f"\n- `predict.py` warns of unlike pictures by `ood_rule.json`. {describe_rule(rule)}"
        )
        return words + (f"\n{_floor(thresholds)}" if thresholds is not None else "")
    if thresholds is None:
        return ""
    return (
        f"\n{_floor(thresholds)}\n"
        "- Doubt an answer about a picture that lies farther than "
        f"{thresholds.distance_limit:,.0f} from every training picture (as points of values "
        "0 to 255): 99 of 100 validation pictures lie nearer."
    )


def _floor(thresholds: OodThresholds) -> str:
    return (
        "- Doubt an answer whose largest probability is below "
        f"{thresholds.confidence_floor:.0%}: 19 of 20 validation pictures got a more confident one."
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def _listed(names: Sequence[str]) -> str:
    known = [escape_markdown(name) for name in names[:8]]
    more = [f"{len(names) - 8:,} more"] if len(names) > 8 else []
    return ", ".join([*known, *more][:-1]) + f" and {[*known, *more][-1]}"


def _quoted(text: str) -> str:
    return "\n".join(f"> {escape_markdown(line)}".rstrip() for line in text.splitlines())
