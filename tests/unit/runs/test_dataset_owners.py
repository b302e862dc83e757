"""Who may see a data set, who may change it, and what the keys of links open."""

from __future__ import annotations

import itertools

import pytest

from ann_core.datasets.dataset import DatasetInfo
from ann_core.datasets.split import SplitConfig
from ann_core.runs.dataset_owners import (
    NotYourDatasetError,
    Viewer,
    dataset_key,
    owner_of,
    run_key,
)
from ann_core.runs.owners import OPERATOR, Caller, owner_digest

FIRST, SECOND = "a" * 32, "b" * 32  # fixed: they stand in the names of tests
RUN, OTHER_RUN = "a" * 16, "b" * 16


def info(
    owner: str | None, *, source: str = "zip file pets.zip", link_key: str = "secret"
) -> DatasetInfo:
    return DatasetInfo(
        name="pets.abcdefgh",
        source=source,
        created="2026-01-01T00:00:00.000+00:00",
        class_names=("cat", "dog"),
        counts={},
        n_images=0,
        n_skipped=0,
        fingerprint="f" * 32,
        split=SplitConfig(),
        owner=owner,
        link_key=link_key,
    )


OWN = info(owner_digest(FIRST))


@pytest.mark.parametrize(
    ("owner", "caller", "hosted", "sees", "manages"),
    [
        (owner_digest(FIRST), FIRST, True, True, True),
        (owner_digest(FIRST), SECOND, True, False, False),
        (owner_digest(FIRST), OPERATOR, True, True, True),
        ("", SECOND, True, True, False),
        ("", OPERATOR, True, True, True),
        (None, FIRST, True, False, False),
        (None, OPERATOR, True, True, True),
        (owner_digest(FIRST), FIRST, False, True, True),
        (owner_digest(FIRST), SECOND, False, True, False),
        ("", SECOND, False, True, True),
        (None, SECOND, False, True, True),
    ],
)
def test_who_sees_and_who_manages(
    owner: str | None, caller: Caller, hosted: bool, sees: bool, manages: bool
) -> None:
    viewer = Viewer(caller, hosted)
    assert viewer.may_see(info(owner)) is sees
    assert viewer.may_see_images(info(owner), RUN) is sees
    assert viewer.may_manage(info(owner)) is manages
    if not manages:
        with pytest.raises(NotYourDatasetError, match="can rename it"):
            viewer.check_may_manage(info(owner), "rename")


@pytest.mark.parametrize("source", ["built-in: Handwritten digits", "download: MNIST"])
def test_what_flatland_brings_along_belongs_to_all_however_old(source: str) -> None:
    assert owner_of(info(None, source=source)) == ""
    assert Viewer(SECOND, hosted=True).may_see(info(None, source=source))


@pytest.mark.parametrize("source", ["zip file built-in: x.zip", "folder download: y", "built-in"])
def test_a_name_that_only_sounds_like_it_does_not(source: str) -> None:
    assert owner_of(info(None, source=source)) is None


@pytest.mark.parametrize(
    "forged", [owner_digest(FIRST), "", "ü" * 32, FIRST[:-1], FIRST.swapcase(), "x" * 64]
)
def test_a_forged_key_owns_nothing(forged: str) -> None:
    viewer = Viewer(forged, hosted=True)
    assert not viewer.may_see(OWN)
    assert not viewer.may_manage(OWN)
    assert not viewer.may_manage(info(""))


def test_old_ones_are_there_for_those_with_a_run_on_them() -> None:
    viewer = Viewer(SECOND, hosted=True, has_run_on=("f" * 32).__eq__)
    assert viewer.may_see(info(None))
    assert not viewer.may_manage(info(None))
    assert not viewer.may_see(OWN)


def test_a_link_to_a_run_shows_the_pictures_of_that_run_alone() -> None:
    viewer = Viewer(SECOND, hosted=True, keys=("x", run_key(OWN, RUN)))
    assert viewer.may_see_images(OWN, RUN)
    assert not viewer.may_see_images(OWN, OTHER_RUN)
    assert not viewer.may_see(OWN)


def test_a_link_to_a_data_set_shows_it_and_makes_nobody_its_owner() -> None:
    viewer = Viewer(SECOND, hosted=True, keys=(dataset_key(OWN),))
    assert viewer.may_see(OWN)
    assert viewer.may_see_images(OWN, RUN)
    assert not viewer.may_manage(OWN)


def test_another_secret_makes_old_links_stop_working() -> None:
    keys = (dataset_key(OWN), run_key(OWN, RUN))
    renewed = info(OWN.owner, link_key="another secret")
    viewer = Viewer(SECOND, hosted=True, keys=keys)
    assert not viewer.may_see(renewed)
    assert not viewer.may_see_images(renewed, RUN)


@pytest.mark.parametrize("forged", ["", " ", "secret", "é" * 32, "A" * 32])
def test_forged_keys_of_links_show_nothing(forged: str) -> None:
    for each in (OWN, info(OWN.owner, link_key="")):  # of old ones, there is no secret
        viewer = Viewer(SECOND, hosted=True, keys=(forged, each.link_key, RUN))
        assert not viewer.may_see(each)
        assert not viewer.may_see_images(each, RUN)


def test_all_keys_differ_and_fit_into_an_address() -> None:
    keys = [dataset_key(OWN), run_key(OWN, RUN), run_key(OWN, OTHER_RUN)]
    assert all(first != second for first, second in itertools.combinations(keys, 2))
    assert all(len(key) == 32 and key.isascii() for key in keys)
    assert dataset_key(info("", link_key="")) == ""
