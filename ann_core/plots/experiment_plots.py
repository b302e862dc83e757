"""Figures of experiments: what came out, what was bet, and how the bets are spread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ann_core.experiments.conclusion import Figure, Line
from ann_core.experiments.definition import Bet, Experiment
from ann_core.plots import vega_lite as vl
from ann_core.plots.theme import CLASS_COLOURS

_GRAY = "#8a8f98"
_DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [12, 4], [4, 4])
_LEGEND_LINE = 22  # pixels
_BET = "your bet"
_LOWEST = 0.4  # of a sketch: accuracies hardly fall below


def result_figure(figure: Figure, bet: Bet | None = None) -> vl.Spec:
    """Draw what came out, with the sketch of a bet over it, if there is one."""
    return _bars(figure, bet) if figure.kind == "bars" else _lines(figure, bet)


def draws_bet(figure: Figure, bet: Bet) -> bool:
    """Whether the sketch of a bet is seen in the figure: beside bars, for those it names."""
    return figure.kind == "lines" or bool(_bets_on_bars(figure, bet))


def describe_result(figure: Figure) -> str:
    """Say where each line ends, or how long each bar is, for those who cannot see them."""
    ends = [f"{line.name}: {line.y[-1]:.1%}" for line in figure.lines if line.y]
    return f"{figure.y_title or 'Accuracy'}. " + "; ".join(ends)


def bet_sketch(bet: Bet) -> vl.Spec:
    """Draw a bet small: how the figure would look if it won."""
    values = [
        {"line": name, "x": index, "value": value}
        for name, sketch in bet.sketch.items()
        for index, value in enumerate(sketch)
    ]
    names = list(bet.sketch)
    if all(len(sketch) == 1 for sketch in bet.sketch.values()):
        return _bar_sketch(names, values)
    lowest = min(_LOWEST, *(value for sketch in bet.sketch.values() for value in sketch))
    channels = {
        "x": vl.number("x", axis=None),
        "y": vl.number("value", scale={"domain": [lowest, 1]}, axis=None),
        **_looks(names, legend=None),
    }
    return vl.chart([vl.layer("line", channels, strokeWidth=2)], height=70, **vl.data(values))


def _bar_sketch(names: Sequence[str], values: Sequence[vl.Spec]) -> vl.Spec:
    colours = vl.styled("line", names, {"color": CLASS_COLOURS[: len(names)]}, legend=None)
    channels = {
        "y": vl.name("line", sort=list(names), axis=None),
        "x": vl.number("value", scale={"domain": [0, 1]}, axis=None),
        **colours,
    }
    return vl.chart([vl.layer("bar", channels)], height=20 * len(names), **vl.data(values))


def bets_figure(experiment: Experiment, counts: Mapping[str, int]) -> vl.Spec:
    """Draw how many people bet on each outcome."""
    values = [{"bet": bet.label, "count": counts.get(bet.key, 0)} for bet in experiment.bets]
    order = [bet.label for bet in experiment.bets]
    channels = {
        "y": vl.name("bet", sort=order, axis={"title": None, "labelLimit": 320}),
        "x": vl.number("count", axis={"title": "bets", "tickMinStep": 1, "tickCount": vl.N_TICKS}),
        "tooltip": [vl.name("bet"), vl.number("count")],
    }
    bars = vl.layer("bar", channels, color=CLASS_COLOURS[0], height=16)
    return vl.chart([bars], height=30 * len(order) + 40, **vl.data(values))


def _lines(figure: Figure, bet: Bet | None) -> vl.Spec:
    names = [line.name for line in figure.lines]
    legend = {"title": None, "orient": "bottom", "columns": 1, "labelLimit": 360}
    legend |= {"symbolOpacity": 1, "symbolFillColor": "transparent"}  # bands are pale
    kind = {"type": "log"} if figure.log_x else {"zero": False}
    scale = {**kind, "nice": False}
    axis = {"title": figure.x_title, "grid": False, "tickMinStep": 1, "format": ",d"}
    x = vl.number("x", scale=scale, axis=axis)
    y = {"x": x, "y": _accuracy(figure)}
    looks = _looks(names, legend=legend)
    band = {"x": x, "y": _accuracy(figure, "low"), "y2": {"field": "high"}}
    band["color"] = looks["color"]
    rows = [row for line in figure.lines for row in _rows(line)]
    layers = [
        vl.layer("area", band, opacity=0.15),
        vl.layer("line", {**y, **looks, "tooltip": _tooltip(figure)}, point=len(rows) < 80),
    ]
    if figure.chance is not None:
        layers.append(_chance(figure))
    if bet is not None:
        layers.append(_bet_lines(figure, bet, x))
    height = 320 + _LEGEND_LINE * len(names)
    return vl.chart(layers, height=height, **vl.data(rows))


def _bars(figure: Figure, bet: Bet | None) -> vl.Spec:
    rows = [row for line in figure.lines for row in _rows(line)]
    bets = [] if bet is None else _bets_on_bars(figure, bet)
    names = [line.name for line in figure.lines]
    y = vl.name("line", sort=names, axis={"title": None, "labelLimit": 320})
    shares = {
        "y": y,
        "x": vl.share("value", figure.y_title or None, up_to=_longest([*rows, *bets], figure)),
    }
    ends = {"y": y, "x": vl.number("low"), "x2": {"field": "high"}}
    layers = [
        vl.layer("bar", {**shares, "tooltip": _tooltip(figure)}, color=CLASS_COLOURS[0], height=14),
        vl.layer("rule", ends, color=_GRAY, strokeWidth=3),
    ]
    if figure.chance is not None:
        at = {"x": vl.number("chance"), "tooltip": [vl.name("note")]}
        note = [{"chance": figure.chance, "note": "what guessing reaches"}]
        layers.append(vl.layer("rule", at, note, color=_GRAY, strokeDash=[4, 4]))
    if bets:
        at = {"y": y, "x": vl.number("value"), "tooltip": [vl.name("note"), vl.name("line")]}
        layers.append(vl.layer("tick", at, bets, color=_GRAY, thickness=6, size=28, opacity=0.5))
    return vl.chart(layers, height=34 * len(names) + 50, **vl.data(rows))


def _bets_on_bars(figure: Figure, bet: Bet) -> list[vl.Spec]:
    """Where the bars would end if a bet won, for those that its sketch names."""
    names = {line.name for line in figure.lines}
    return [
        {"line": name, "value": sketch[-1], "high": sketch[-1], "note": _BET}
        for name, sketch in bet.sketch.items()
        if name in names
    ]


def _longest(rows: Sequence[vl.Spec], figure: Figure) -> float:
    """Choose the end of the axis: a short one for short bars, unless chance is drawn."""
    most = max(float(row["high"]) for row in rows)
    steps = (each for each in (0.05, 0.1, 0.2, 0.5) if figure.chance is None and most <= each)
    return next(steps, 1.0)


def _rows(line: Line) -> list[vl.Spec]:
    xs = line.x or tuple(float(index) for index in range(len(line.y)))
    lows, highs = line.low or line.y, line.high or line.y
    return [
        {"line": line.name, "x": x, "value": y, "low": low, "high": high}
        for x, y, low, high in zip(xs, line.y, lows, highs, strict=True)
    ]


def _accuracy(figure: Figure, field: str = "value") -> vl.Spec:
    axis = {"title": figure.y_title or None, "format": ".0%", "tickCount": vl.N_TICKS}
    lowest = min(min(line.low or line.y) for line in figure.lines)
    if figure.chance is not None:
        lowest = min(lowest, figure.chance)
    return vl.number(field, scale={"domain": [max(0.0, lowest - 0.05), 1]}, axis=axis)


def _looks(names: Sequence[str], *, legend: vl.Spec | None) -> vl.Spec:
    n = len(names)
    looks = {"color": CLASS_COLOURS[:n], "strokeDash": (_DASHES * 2)[:n]}
    return vl.styled("line", names, looks, legend=legend)


def _tooltip(figure: Figure) -> list[vl.Spec]:
    where = [] if figure.kind == "bars" else [vl.number("x", title=figure.x_title)]
    return [vl.name("line"), *where, *(vl.percent(field) for field in ("value", "low", "high"))]


def _chance(figure: Figure) -> vl.Spec:
    channels = {"y": _accuracy(figure, "chance"), "tooltip": [vl.name("note")]}
    values = [{"chance": figure.chance, "note": "what guessing reaches"}]
    return vl.layer("rule", channels, values, color=_GRAY, strokeDash=[4, 4])


def _bet_lines(figure: Figure, bet: Bet, x: vl.Spec) -> vl.Spec:
    """Lay the sketch of a bet over the figure, from its left end to its right one."""
    all_x = [value for line in figure.lines for value in line.x]
    left, right = min(all_x), max(all_x)
    values = []
    for name, sketch in bet.sketch.items():
        for index, value in enumerate(sketch):
            share = index / max(1, len(sketch) - 1)
            at = left * (right / left) ** share if figure.log_x else left + share * (right - left)
            values.append({"of": name, "x": at, "value": value, "note": _BET})
    channels = {
        "x": x,
        "y": _accuracy(figure),
        "detail": vl.name("of"),
        "tooltip": [vl.name("note"), vl.name("of")],
    }
    return vl.layer("line", channels, values, color=_GRAY, strokeWidth=6, opacity=0.3)
