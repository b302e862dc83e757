"""What a server of the command line answers to."""

from __future__ import annotations

import re
import socket

import pytest

from ann_core.cli.serve import own_names


@pytest.mark.parametrize("address", ["127.0.0.1", "localhost", "::1"])
def test_a_server_for_this_computer_has_no_other_names(address: str) -> None:
    assert sorted(own_names(address)) == ["127.0.0.1", "::1", "localhost"]


@pytest.mark.parametrize("address", ["0.0.0.0", "::"])
def test_a_server_for_all_has_the_names_of_this_computer(address: str) -> None:
    names = own_names(address)
    assert {"localhost", "127.0.0.1", socket.gethostname()} <= set(names)
    assert not any("%" in name for name in names), "no zones"
    assert not any(re.fullmatch("(..:){5}..", name) for name in names), "no hardware"


def test_an_address_of_its_own_is_one_of_its_names() -> None:
    assert own_names("192.0.2.7")[-1] == "192.0.2.7"
