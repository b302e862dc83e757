"""The curve of the shift test: accuracy against how far all images were moved."""

from __future__ import annotations

from ann_core.evaluation.shift_result import ShiftTest
from ann_core.evaluation.significance import wilson_interval
from ann_core.plots import vega_lite as vl
from ann_core.plots.theme import CLASS_COLOURS, TEXT_COLOUR, TRAINING_COLOUR

WAYS = ("left and right", "up and down")


def shift_chart(test: ShiftTest, *, text_colour: str = TEXT_COLOUR) -> vl.Spec:
    """Draw accuracy against shift, with the 95 % interval as a band, and guessing as a line.

    Parameters
    ----------
    text_colour : str
        Colour of words inside of the figure: no theme gives them one.
    """
    axis = {"title": "pixels moved: left or up, right or down", "format": "+d", "tickMinStep": 1}
    x = {"x": vl.number("pixels", axis=axis)}
    way = vl.styled(
        "way",
        WAYS,
        {"color": CLASS_COLOURS[:2], "strokeDash": [[1, 0], [6, 3]]},
        legend={"orient": "top", "symbolOpacity": 1},
    )
    y = {"y": vl.share("accuracy", "right answers")}
    band = {"y": vl.share("low", "right answers"), "y2": {"field": "high"}}
    fill = {"color": way["color"]}
    tooltip = {"tooltip": [vl.name("way"), vl.number("pixels"), vl.percent("accuracy")]}
    return vl.chart(
        [
            *_guessing(test, text_colour),
            vl.layer("area", x | band | fill, opacity=0.15),
            vl.layer("line", x | y | way),
            vl.layer("point", x | y | fill | tooltip, filled=True, size=60, opacity=1),
        ],
        height=260,
        **vl.data(_points(test)),
    )


def _points(test: ShiftTest) -> list[vl.Spec]:
    points = []
    for way, moves in zip(WAYS, (test.right, test.down), strict=True):
        counts = [(0, test.n_correct), *((each.pixels, each.n_correct) for each in moves)]
        for pixels, n_correct in sorted(counts):
            low, high = wilson_interval(n_correct, test.n_images)
            share = n_correct / test.n_images
            points.append(
                {"way": way, "pixels": pixels, "accuracy": share, "low": low, "high": high}
            )
    return points


def _guessing(test: ShiftTest, text_colour: str) -> list[vl.Spec]:
    values = [{"at": test.guessing, "name": f"guessing: {test.guessing:.0%}"}]
    y = {"y": vl.share("at", "right answers")}
    words = y | {"x": {"datum": 0, "type": "quantitative"}, "text": vl.name("name")}
    return [
        vl.layer("rule", y, values, strokeDash=[5, 4], color=TRAINING_COLOUR),
        vl.layer("text", words, values, dy=10, color=text_colour, fontSize=12),
    ]
