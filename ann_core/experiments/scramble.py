"""Scramble: all pixels change places, in every picture alike; who notices is the question."""

from __future__ import annotations

from ann_core.datasets.dataset import DatasetInfo
from ann_core.evaluation.significance import McNemar, chance_sentence
from ann_core.experiments.budget import Budget
from ann_core.experiments.conclusion import Conclusion, Figure, Number
from ann_core.experiments.definition import (
    CONVOLUTION,
    DENSE,
    PIXELS,
    Bet,
    Evidence,
    Experiment,
    planned,
    with_epochs,
)
from ann_core.experiments.permuted_weights import largest_difference
from ann_core.runs.experiments import PlannedRun

SCRAMBLE_SEED = 1

Curve = tuple[float, ...]

_ROLES = ("dense", "dense, scrambled", "convolution", "convolution, scrambled")
_RISE = (0.5, 0.7, 0.8, 0.84, 0.86)
_LESS = (0.5, 0.58, 0.63, 0.66, 0.68)
_HIGH = (0.5, 0.8, 0.92, 0.96, 0.98)


def _plan(info: DatasetInfo, budget: Budget) -> list[PlannedRun]:
    scrambled = PIXELS.model_copy(update={"scramble_seed": SCRAMBLE_SEED})
    both = (PIXELS, scrambled)
    kinds = [(network, pixels) for network in (DENSE, CONVOLUTION) for pixels in both]
    epochs = budget.epochs(kinds, info)
    return [
        planned(role, info, with_epochs(network, epochs), preprocess=pixels)
        for role, (network, pixels) in zip(_ROLES, kinds, strict=True)
    ]


def _conclude(evidence: Evidence) -> Conclusion:
    dense = evidence.compare("dense", "dense, scrambled")
    contrast = evidence.compare("convolution", "convolution, scrambled")
    same = not dense.is_significant
    falls = contrast.ahead == "first"
    numbers = [evidence.one(role).test_accuracy() for role in _ROLES]
    control = Number(
        what="dense network with its first weights moved along with the pixels: largest change "
        "of any probability",
        value=largest_difference(evidence.one("dense"), SCRAMBLE_SEED),
        style="plain",
        about="rounding alone is below 0.00001",
    )
    return Conclusion(
        outcome=_outcome(same, falls),
        holds=same and falls,
        sentence=f"{_says('Dense network', dense, evidence, role='dense')} "
        f"{_says('Convolution', contrast, evidence, role='convolution')}",
        figure=Figure(
            x_title="epoch",
            y_title="validation accuracy",
            chance=1 / len(evidence.one("dense").class_names),
            lines=tuple(evidence.one(role).validation_curve() for role in _ROLES),
        ),
        numbers=(*numbers, control),
    )


def _outcome(same: bool, falls: bool) -> str:
    if same:
        return "only convolution" if falls else "neither"
    return "both" if falls else "only dense"


def _says(who: str, test: McNemar, evidence: Evidence, *, role: str) -> str:
    shares = [evidence.one(name).test_accuracy() for name in (role, f"{role}, scrambled")]
    before, after = (f"{number.value:.1%}" for number in shares)
    chance = chance_sentence(test.p_value)
    if not test.is_significant:
        return f"{who}: {before} right on pictures as they are, {after} on scrambled ones. {chance}"
    verb = "falls" if test.ahead == "first" else "rises"
    return f"{who}: it {verb} from {before} to {after} when pixels are scrambled. {chance}"


def _sketch(dense: Curve, convolution: Curve) -> dict[str, Curve]:
    curves = (_RISE, dense, _HIGH, convolution)
    return dict(zip(_ROLES, curves, strict=True))


SCRAMBLE = Experiment(
    key="scramble",
    title="Scramble",
    claim="To a dense network, a picture with all its pixels in other places is just as good.",
    how="All pixels change places, in every picture in the same way. Two networks learn from the "
    "pictures as they are, and two from scrambled ones: a dense network, and a convolution for "
    "contrast, which looks at pixels together with their neighbours.",
    why="A dense layer multiplies each pixel with a weight of its own and adds up. Where a pixel "
    "stands in the sum does not matter, and gradient descent learns the same when the inputs "
    "change places (Li, Zhang and Arora 2020). So a dense network learns from a "
    "scrambled picture what it would have learned from the picture itself. A convolution assumes "
    "that neighbours belong together, and scrambling breaks that.",
    bets=(
        Bet("only convolution", "Only the convolution gets worse", _sketch(_RISE, _LESS)),
        Bet("both", "Both get worse", _sketch(_LESS, _LESS)),
        Bet("only dense", "Only the dense network gets worse", _sketch(_LESS, _HIGH)),
        Bet("neither", "Neither gets worse", _sketch(_RISE, _HIGH)),
    ),
    plan=_plan,
    conclude=_conclude,
)
