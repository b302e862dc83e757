"""What the shift test of a network says, in sentences of Markdown with its own numbers."""

from __future__ import annotations

from typing import Literal

from ann_core.evaluation.interpretation import BY_CHANCE
from ann_core.evaluation.shift_result import Moved, Reaction, ShiftTest
from ann_core.evaluation.significance import binomial_tail, mcnemar_of_counts
from ann_core.files import counted

Verdict = Literal["too few", "nothing learned", "gone", "mostly gone", "falls", "chance", "holds"]

AT_THE_EDGE = (
    "A picture that moves leaves a gap at its edge, which is filled with the mean colour of its "
    "own edge."
)
"""What comes in, for a caption."""

_N_WAYS = 4  # the worst of so many moves is looked at, so its p-value counts as often (Bonferroni)
_SMALLEST = 24  # pixels of a side from which on 8 x 8 patches are coarse


def judge_shift(test: ShiftTest) -> Verdict:
    """Say what the move by a tenth, in the way that it takes worst, does to a network.

    Returns
    -------
    str
        "too few" if no fall could be told from chance; "nothing learned" if it was no better
        than guessing before the move; "gone" if it is no better than guessing after it; "mostly
        gone" if it loses half of its lead over guessing, and "falls" if it loses less; "chance"
        if its fall may be chance (McNemar's test); and "holds" if there is none.
    """
    moved = test.worst.reaction
    if _N_WAYS * mcnemar_of_counts(test.n_correct, 0).p_value > BY_CHANCE:
        return "too few"
    if not _beats_guessing(test, test.n_correct):
        return "nothing learned"
    if moved.n_correct >= test.n_correct:
        return "holds"
    if _N_WAYS * mcnemar_of_counts(moved.n_lost, n_won(test, moved)).p_value > BY_CHANCE:
        return "chance"
    if not _beats_guessing(test, moved.n_correct):
        return "gone"
    return "mostly gone" if kept_lead(test, moved) < 0.5 else "falls"


def describe_shift(test: ShiftTest) -> str:
    """Say what becomes of the accuracy when all images move by a tenth of their side."""
    way, moved = test.worst
    guessing = f"guessing ({test.guessing:.1%})"
    now = f"Move every one {way}, and {test.share(moved):.1%} are"
    head = f"Of {images_text(test)}, {test.accuracy:.1%} are right as they are. {now}"
    same = (
        "You still see the same pictures; the network gets other numbers, for every pixel has "
        "moved on in the row."
    )
    verdict = judge_shift(test)
    if verdict == "too few":
        n = counted(test.n_images, "picture")
        return f"**{head}.** With {n}, it cannot be told whether moving them matters."
    if verdict == "nothing learned":
        return (
            f"**{head}.** It was no better than {guessing} before the move, so there was nothing "
            "to lose."
        )
    if verdict == "gone":
        return f"**{head}: no better than {guessing}.** {same}"
    if verdict == "mostly gone":
        return f"**{head}: most of its lead over {guessing} is gone.** {same}"
    tail = {
        "falls": f": it falls, but keeps {kept_lead(test, moved):.0%} of its lead over {guessing}",
        "chance": ": the difference could be chance",
        "holds": ": it does not fall",
    }[verdict]
    return f"**{head}{tail}.** {explain_hold(test)}".rstrip()


def explain_hold(test: ShiftTest) -> str:
    """Say why a network holds when images move, as far as this can be seen from its numbers.

    Returns
    -------
    str
        "" of images so small that patches of them are no coarser.
    """
    moved = test.worst.reaction
    changed = (
        f"The move changes its answer to {counted(moved.n_changed, 'picture')} all the same: "
        f"{counted(moved.n_lost, 'right answer')} lost, {n_won(test, moved):,} won."
        if moved.n_changed
        else "The move changes its answer to none of the pictures."
    )
    if min(test.image_size) < _SMALLEST:
        return changed
    share = f"{test.share(test.patches):.1%}"
    reads_patches = _beats_guessing(test, test.patches.n_correct)
    if reads_patches and kept_lead(test, test.patches) >= 0.5:
        why = (
            f"What it reads are broad patches of light and dark: with only 8 × 8 patches left of "
            f"each picture, {share} are right. Most of a broad patch stays where it was."
        )
    else:
        why = (
            "It reads more than broad patches of light and dark: with only 8 × 8 patches left of "
            f"each picture, {share} are right."
        )
    return f"{why} {changed}"


def describe_shift_curve(test: ShiftTest) -> str:
    """Say all that the chart of the shift test shows."""

    def listed(moves: tuple[Moved, ...]) -> str:
        return ", ".join(f"{each.pixels:+d}: {test.share(each):.1%}" for each in moves)

    return (
        f"Right answers of {images_text(test)}: {test.accuracy:.1%} as they are, guessing "
        f"{test.guessing:.1%}. Moved by pixels to the right (left below zero), "
        f"{listed(test.right)}. Moved down (up below zero), {listed(test.down)}."
    )


def images_text(test: ShiftTest) -> str:
    """Say which images were moved, such as "its 200 test pictures"."""
    what = f"{test.split} pictures"
    if test.n_images < test.n_split_images:
        return f"{test.n_images:,} drawn from its {test.n_split_images:,} {what}"
    return f"its {counted(test.n_images, f'{test.split} picture')}"


def kept_lead(test: ShiftTest, reaction: Reaction) -> float:
    """How much of its lead over guessing a network keeps after a change; 1 is all of it."""
    return (test.share(reaction) - test.guessing) / (test.accuracy - test.guessing)


def n_won(test: ShiftTest, reaction: Reaction) -> int:
    """Count the images that are right only after a change."""
    return reaction.n_correct + reaction.n_lost - test.n_correct


def _beats_guessing(test: ShiftTest, n_correct: int) -> bool:
    return binomial_tail(n_correct, test.n_images, test.guessing) <= BY_CHANCE
