"""Looks at test results: each run counts once, for good, and by the data set it was tested on."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from ann_core.runs.owners import new_owner_key, owner_digest
from ann_core.runs.registry import Registry
from tests.helpers.made_up_runs import run


def test_each_run_counts_once_by_the_images_it_was_tested_on(registry: Registry) -> None:
    first, second, elsewhere = run(), run(), run(fingerprint="1" * 32)
    registry.looks.add([first, second, run(None, "queued")])
    registry.looks.add([second, first, elsewhere])
    registry.looks.add([])
    assert registry.looks.count(first.config.fingerprint) == 2
    assert registry.looks.count("1" * 32) == 1
    assert registry.looks.count("2" * 32) == 0


def test_the_runs_of_an_owner_are_counted_apart(registry: Registry) -> None:
    owner = owner_digest(new_owner_key())
    mine = run()
    registry.looks.add([type(mine)(**mine.__dict__ | {"owner": owner}), run(), run()])
    assert registry.looks.count(mine.config.fingerprint, [owner]) == 1
    assert registry.looks.count(mine.config.fingerprint, [""]) == 2
    assert registry.looks.count(mine.config.fingerprint) == 3


def test_what_was_seen_stays_seen_when_its_run_is_deleted(registry: Registry) -> None:
    looked_at = run()
    registry.looks.add([looked_at])
    with registry.store.engine.begin() as db:
        db.execute(sa.text("DELETE FROM runs"))
    assert registry.looks.count(looked_at.config.fingerprint) == 1


def test_a_registry_that_cannot_be_written_keeps_nobody_from_looking(
    registry: Registry, caplog: pytest.LogCaptureFixture
) -> None:
    with registry.store.engine.begin() as db:
        db.execute(sa.text("DROP TABLE test_looks"))
    registry.looks.add([run()])
    assert "could not be noted" in caplog.text
