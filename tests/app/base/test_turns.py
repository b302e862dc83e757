"""One visitor at a time asks about many files."""

from __future__ import annotations

import threading

import pytest

from ann_core.errors import LimitError
from ui.base.turns import long_turn


def nobody_waits() -> None:
    raise AssertionError("it is free")


def test_who_comes_second_waits_until_the_first_is_done() -> None:
    done = threading.Event()
    with long_turn(nobody_waits):
        first = threading.Thread(target=_ask, args=(done,))
        first.start()
        assert not done.wait(0.1)
    first.join(10)
    assert done.is_set()


def test_who_waits_too_long_is_told_so_and_an_error_gives_the_turn_back() -> None:
    waited: list[int] = []
    with pytest.raises(ZeroDivisionError), long_turn(nobody_waits):
        with (
            pytest.raises(LimitError, match="one upload of many files at a time"),
            long_turn(lambda: waited.append(1), seconds=0.05),
        ):
            raise AssertionError("it was not free")
        _ = 1 / 0
    with long_turn(nobody_waits):
        pass


def test_a_visitor_who_leaves_waits_no_longer() -> None:
    class GoneError(Exception):
        pass

    def leaves() -> None:
        raise GoneError

    with long_turn(nobody_waits), pytest.raises(GoneError), long_turn(leaves, seconds=5):
        raise AssertionError("it was not free")


def _ask(done: threading.Event) -> None:
    with long_turn(lambda: None):
        done.set()
