"""It finds its neighbours: where the weights lie that a first layer keeps when most must go."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ann_core.datasets.dataset import DatasetInfo
from ann_core.evaluation.exported_weights import read_dense_weights
from ann_core.evaluation.significance import McNemar, chance_sentence
from ann_core.experiments.budget import Budget
from ann_core.experiments.conclusion import Conclusion, Figure, Number, bar
from ann_core.experiments.definition import (
    DENSE,
    PIXELS,
    Bet,
    Evidence,
    Experiment,
    planned,
    with_epochs,
)
from ann_core.experiments.locality import NEAR, Share, measured_share, random_share
from ann_core.imaging.preprocessing import PreprocessConfig, pixel_order
from ann_core.runs.experiments import PlannedRun
from ann_core.runs.folder import RunFolder
from ann_core.runs.variation import ORDINARY, VariationConfig

STRENGTH = 3e-4
"""λ of β-LASSO: it drops nine of ten weights of cartoons, and validation accuracy stays. Chosen by
these two numbers only, before anybody looked where the weights lie."""

EPOCHS = 60
SCRAMBLE_SEED = 1

_ALL, KEPT, SCRAMBLED = "all weights", "few weights", "few weights, scrambled"
_RANDOM, _AS_OFTEN = "random places", "pixels of other neurons"
_NETWORK = DENSE.model_copy(update={"precision": "float32"})
_DROPPED = 0.5  # of all weights: fewer are not "most"
_LOCAL = 2.0
"""Times the near pairs of chance, from which on weights count as near one another."""


def _plan(info: DatasetInfo, budget: Budget) -> list[PlannedRun]:
    scrambled = PIXELS.model_copy(update={"scramble_seed": SCRAMBLE_SEED})
    few = VariationConfig(lasso=STRENGTH)
    kinds: list[tuple[str, PreprocessConfig, VariationConfig]] = [
        (_ALL, PIXELS, ORDINARY),
        (KEPT, PIXELS, few),
        (SCRAMBLED, scrambled, few),
    ]
    epochs = budget.epochs([(_NETWORK, pixels) for _, pixels, _ in kinds], info, most=EPOCHS)
    return [
        planned(role, info, with_epochs(_NETWORK, epochs), preprocess=pixels, variation=variation)
        for role, pixels, variation in kinds
    ]


def kept_weights(folder: RunFolder) -> np.ndarray:
    """Say which weights of a first layer are not zero: bool array, (n_units, height, width).

    Raises
    ------
    RunError, DamagedFileError
    """
    kernel = read_dense_weights(folder).kernels[0]
    return np.asarray((kernel != 0).T.reshape(-1, *PIXELS.image_size))


@dataclass(frozen=True)
class Measured:
    """Shares of near pairs: of both networks, put back to where pixels belong, and by chance."""

    kept: Share
    scrambled: Share
    put_back: Share
    random: Share
    as_often: Share

    @property
    def outcome(self) -> str:
        """Key of the bet that wins, if most weights were dropped."""
        if not _is_local(self.kept, self.random):
            return "anywhere"
        return "near" if _is_local(self.kept, self.as_often) else "same places"


def _is_local(kept: Share, by_chance: Share) -> bool:
    return kept.value > by_chance.high and kept.value >= _LOCAL * by_chance.value


def measure(kept: np.ndarray, scrambled: np.ndarray, config: PreprocessConfig) -> Measured:
    """Measure how near the kept weights of two layers lie to one another.

    Parameters
    ----------
    kept, scrambled : bool array, shape (n_units, height, width)
        As `kept_weights` gives them, of pictures as they are and of scrambled ones.
    config : PreprocessConfig
        Of the second: it knows how the pixels were moved.
    """
    flat = scrambled.reshape(len(scrambled), -1)
    put_back = np.empty_like(flat)
    put_back[:, pixel_order(config)] = flat
    return Measured(
        kept=measured_share(kept),
        scrambled=measured_share(scrambled),
        put_back=measured_share(put_back.reshape(scrambled.shape)),
        random=random_share(kept),
        as_often=random_share(kept, as_often=True),
    )


def _conclude(evidence: Evidence) -> Conclusion:
    kept, scrambled = (kept_weights(evidence.one(role).folder) for role in (KEPT, SCRAMBLED))
    measured = measure(kept, scrambled, evidence.one(SCRAMBLED).run.config.preprocess)
    stays = float(kept.mean())
    outcome = measured.outcome if stays < _DROPPED else "most stay"
    accuracies = [evidence.one(role).test_accuracy() for role in (_ALL, KEPT, SCRAMBLED)]
    bars = _shares(measured)
    return Conclusion(
        outcome=outcome,
        holds=outcome == "near",
        sentence=_sentence(outcome, measured, stays)
        + _cost(accuracies, evidence.compare(_ALL, KEPT)),
        figure=Figure(
            kind="bars",
            y_title=f"kept pairs within {NEAR} pixels",
            lines=tuple(bar(number) for number in bars),
        ),
        numbers=(*_counts(kept), *bars, *accuracies),
    )


def _counts(kept: np.ndarray) -> list[Number]:
    with_pairs = int((kept.sum(axis=(1, 2)) > 1).sum())
    return [
        Number(
            what="weights of the first layer that stay",
            value=float(kept.mean()),
            about=f"{int(kept.sum()):,} of {kept.size:,}, of pictures as they are",
        ),
        Number(
            what="neurons that keep two weights or more",
            value=with_pairs,
            style="count",
            about=f"of {len(kept):,}, of pictures as they are",
        ),
    ]


def _shares(measured: Measured) -> list[Number]:
    about = f"of the pairs of weights that a neuron keeps, within {NEAR} pixels"
    named = {
        KEPT: measured.kept,
        SCRAMBLED: measured.scrambled,
        f"{SCRAMBLED}, put back": measured.put_back,
        _RANDOM: measured.random,
        _AS_OFTEN: measured.as_often,
    }
    return [
        Number(what=what, value=each.value, low=each.low, high=each.high, about=about)
        for what, each in named.items()
        if np.isfinite(each.value)
    ]


def _sentence(outcome: str, measured: Measured, stays: float) -> str:
    start = f"{stays:.1%} of the first layer's weights stay. "
    if outcome == "most stay":
        return f"{start}Training did not drop most of them, so nothing tells which it prefers."
    if not np.isfinite([measured.kept.value, measured.scrambled.value]).all():
        return f"{start}No neuron keeps two of them, so there is no pair to measure."
    near = (
        f"Of all pairs of weights that a neuron keeps, {measured.kept.value:.1%} lie within {NEAR} "
        f"pixels; at random places it would be {measured.random.value:.1%}, and in scrambled "
        f"pictures it is {measured.scrambled.value:.1%}. "
    )
    return start + near + explain(outcome, measured)


def explain(outcome: str, measured: Measured) -> str:
    """Say what an outcome means; what is more than chance, and not twice as much, is not hidden."""
    if outcome == "anywhere" and measured.kept.value > measured.random.high:
        outcome = "slightly"
    if outcome == "same places" and measured.kept.value > measured.as_often.high:
        outcome = "mostly same places"
    return _MEANINGS[outcome].format(measured.as_often.value)


_MEANINGS = {
    "near": "Its neurons also keep nearer pairs than the same pixels shared out anew among them "
    "would give ({:.1%}): each has a region of its own.",
    "same places": "But the same pixels shared out anew among the neurons give as near pairs "
    "({:.1%}): all neurons keep to one part of the picture, and none has a region of its own.",
    "mostly same places": "The same pixels shared out anew among the neurons would give {:.1%}, "
    "which is less, but more than half of it: much of what is near comes from all neurons keeping "
    "to one part of the picture.",
    "slightly": "That is more than chance gives, but less than twice as much: what stays is "
    "scattered, with a slight lean to neighbours.",
    "anywhere": "That is no more than chance gives: what stays is scattered.",
}


def _cost(accuracies: list[Number], test: McNemar) -> str:
    before, after = (f"{number.value:.1%}" for number in accuracies[:2])
    return (
        f" With all weights, {before} of the test pictures are right; with few, {after}. "
        f"{chance_sentence(test.p_value)}"
    )


NEIGHBOURS = Experiment(
    key="neighbours",
    title="It finds its neighbours",
    claim="A dense first layer that has to drop most of its weights keeps, in each neuron, weights "
    "of pixels that are near one another.",
    how="Three equal dense networks. The first one keeps all weights. The second one pays for each "
    "weight of its first layer, and what becomes too small is set to zero (β-LASSO). The third one "
    "does the same with scrambled pictures, where near pixels do not belong together.",
    why="Near pixels of a picture are alike and change together, so a neuron that may look at few "
    "pixels could gain by choosing neighbours. Nobody tells it which pixels are neighbours; "
    "Neyshabur (2020) found that with 400 epochs and more, on 50,000 small colour pictures, "
    "dense networks come to it by themselves. If all neurons only drop the empty border, near "
    "pairs become more frequent too; so the same pixels are also shared out anew among the "
    "neurons.",
    bets=(
        Bet("near", "Each neuron keeps a region of its own", {KEPT: (0.6,), _RANDOM: (0.1,)}),
        Bet(
            "same places",
            "All neurons keep the same part of the picture",
            {KEPT: (0.3,), _RANDOM: (0.1,)},
        ),
        Bet("anywhere", "What stays is scattered", {KEPT: (0.1,), _RANDOM: (0.1,)}),
        Bet("most stay", "Most weights stay", {KEPT: (0.05,), _RANDOM: (0.05,)}),
    ),
    plan=_plan,
    conclude=_conclude,
)
