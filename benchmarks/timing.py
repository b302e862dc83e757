"""Time two ways of doing the same, in turns, so that both meet the same noise."""

import time
from collections.abc import Callable
from statistics import median


def compare(ours: Callable[[], None], peer: Callable[[], None], repeats: int = 5) -> None:
    """Print the median seconds of both, and the ratio."""
    seconds: dict[str, list[float]] = {"ours": [], "peer": []}
    for _ in range(repeats):
        for name, work in (("ours", ours), ("peer", peer)):
            started = time.perf_counter()
            work()
            seconds[name].append(time.perf_counter() - started)
    mine, theirs = median(seconds["ours"]), median(seconds["peer"])
    spread = (max(seconds["ours"]) - min(seconds["ours"])) / mine
    print(
        f"  ours {mine:.3f} s, peer {theirs:.3f} s, ratio {mine / theirs:.2f}, spread {spread:.0%}"
    )
