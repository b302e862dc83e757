"""One visitor, one share: keys are free, so sessions, addresses and the whole line count too."""

from __future__ import annotations

from pathlib import Path

import pytest

from ann_core.errors import LimitError
from ann_core.runs.housekeeping import clear_line
from ann_core.runs.job_types import ImportConfig, ProfileConfig
from ann_core.runs.owners import OPERATOR, Filer, Visitor, address_digest, new_owner_key
from ann_core.runs.registry import Registry
from ann_core.runs.run import Run
from ann_core.settings import Limits, Settings
from tests.helpers.registry import CONFIG, start

HOME, SCHOOL = address_digest("203.0.113.7"), address_digest("198.51.100.1")


def file(registry: Registry, filer: Filer, limits: Limits) -> Run:
    return registry.submit(CONFIG, submit_key=new_owner_key(), owner=filer, limits=limits)


def visitor(session: str = "", address: str = "") -> Visitor:
    """Make a visitor with a key minted for the occasion."""
    return Visitor(new_owner_key(), session, address)


def test_new_keys_are_no_new_share_for_a_session(registry: Registry) -> None:
    limits = Limits(waiting_runs=2)
    for _ in range(2):
        file(registry, visitor("session"), limits)
    with pytest.raises(LimitError, match="You have 2 trainings waiting, and this server allows 2"):
        file(registry, visitor("session"), limits)
    config = ImportConfig(name="pets", source="builtin", what="digits")
    registry.filing.check_line(config, visitor("session"), limits)  # in another line
    with pytest.raises(LimitError, match="You have 2 trainings"):
        registry.filing.check_line(CONFIG, visitor("session"), limits)
    file(registry, visitor("another"), limits)


def test_new_sessions_are_no_new_share_for_an_address(registry: Registry) -> None:
    limits = Limits(waiting_runs=3, waiting_at_address=4)
    for number in range(4):
        file(registry, visitor(f"session {number}", SCHOOL), limits)
    with pytest.raises(LimitError, match="From your internet address, 4 trainings wait already"):
        file(registry, visitor("a new one", SCHOOL), limits)
    assert file(registry, visitor("a new one", HOME), limits).status == "queued"
    assert file(registry, visitor("nobody knows"), limits).status == "queued"


def test_the_whole_line_has_an_end(registry: Registry) -> None:
    limits = Limits(waiting_in_all=3)
    for number in range(3):
        file(registry, visitor(f"session {number}"), limits)
    with pytest.raises(LimitError, match="3 trainings wait in line, and this server takes no more"):
        file(registry, visitor("another"), limits)
    assert file(registry, OPERATOR, limits).status == "queued"


def test_pausing_makes_no_room_in_the_line(registry: Registry) -> None:
    limits = Limits(waiting_runs=1)
    ann = visitor("session")
    begun = start(registry, owner=ann.key)
    registry.commands.pause(begun.id, by=ann.key)
    registry.attempts.release(begun.id, 1)
    waiting = file(registry, ann, limits)
    registry.commands.pause(waiting.id, by=ann.key)
    with pytest.raises(LimitError, match="You have 1 training waiting"):
        file(registry, ann, limits)
    registry.commands.resume(waiting.id, by=ann.key, limits=limits)
    with pytest.raises(LimitError, match="You have 1 training waiting"):
        registry.commands.resume(begun.id, by=ann.key, limits=limits)
    assert registry.get(begun.id).status == "paused"


def test_what_follows_a_job_counts_for_the_same_visitor(registry: Registry) -> None:
    limits = Limits(waiting_at_address=1)
    config = ImportConfig(name="pets", source="builtin", what="digits")
    ann = visitor("session", SCHOOL)
    job = registry.submit_data_job(config, submit_key="import", owner=ann, limits=limits)
    look = ProfileConfig(dataset="pets", fingerprint="0" * 32)
    registry.follow(job, look, submit_key="look")
    registry.commands.stop(job.id, by=OPERATOR)
    with pytest.raises(LimitError, match="From your internet address, 1 import wait"):
        registry.submit_data_job(
            config, submit_key="more", owner=visitor("x", SCHOOL), limits=limits
        )


def test_addresses_are_told_apart_but_not_told() -> None:
    assert address_digest("203.0.113.7") == HOME != SCHOOL
    assert "203.0.113.7" not in HOME
    assert address_digest("::ffff:203.0.113.7") == HOME
    network = address_digest("2001:db8:1:2::1")
    assert network == address_digest("2001:db8:1:2:ffff::9") != address_digest("2001:db8:1:3::1")
    assert [address_digest(text) for text in (None, "", "unix:", "203.0.113.7, x")] == [""] * 4


def test_the_operator_clears_the_line(registry: Registry, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    begun = start(registry, "begun")
    registry.attempts.release(begun.id, 1)
    config = ImportConfig(name="pets", source="builtin", what="digits")
    job = registry.submit_data_job(config, submit_key="import", owner=visitor())
    run = file(registry, visitor(), Limits())
    stopped, paused = clear_line(registry, settings)
    assert (sorted(stopped), paused) == (sorted([job.id, run.id]), [begun.id])
    assert [registry.job(i).status for i in (job.id, run.id)] == ["stopped"] * 2
    assert registry.get(begun.id).status == "paused"
    assert registry.filing.waiting() == []
