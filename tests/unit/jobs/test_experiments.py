"""An experiment is filed, limited, bet on, stopped and deleted; nobody works on its runs here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import DatasetInfo
from ann_core.errors import LimitError, RunError
from ann_core.experiments.budget import Budget
from ann_core.experiments.catalog import EXPERIMENTS
from ann_core.experiments.definition import Experiment, with_seed
from ann_core.experiments.scramble import SCRAMBLE
from ann_core.jobs.experiments import begin, delete, estimate, file_runs, look, stop
from ann_core.runs.experiments import ExperimentRecord, NotYourExperimentError
from ann_core.runs.housekeeping import delete_run
from ann_core.runs.owners import OPERATOR, Submission, Visitor, new_owner_key
from ann_core.runs.registry import Registry
from ann_core.settings import Settings
from tests.helpers.runs import make_dataset

OWNER = Visitor(new_owner_key())


@dataclass
class Laboratory:
    """A registry and a data set, and nobody who works."""

    registry: Registry
    settings: Settings
    info: DatasetInfo

    def begin(self, key: str = "first", bet: str = "") -> ExperimentRecord:
        submission = Submission(key, OWNER)
        return begin(
            self.registry, self.settings, SCRAMBLE, info=self.info, submission=submission, bet=bet
        )

    def with_limits(self, **limits: Any) -> Laboratory:
        settings = Settings(data_dir=self.settings.data_dir, database_url="", **limits)
        return Laboratory(self.registry, settings, self.info)


@pytest.fixture(scope="module")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data_dir = tmp_path_factory.mktemp("laboratory")
    make_dataset(data_dir, "toy", n_images=60)
    make_dataset(data_dir, "few", n_images=12)
    return data_dir


@pytest.fixture
def laboratory(shared_folder: Path, tmp_path: Path) -> Iterator[Laboratory]:
    settings = Settings(data_dir=shared_folder, database_url=f"sqlite:///{tmp_path}/registry.db")
    with Registry(settings.registry_url) as registry:
        yield Laboratory(registry, settings, Catalog(settings.datasets_dir).info("toy"))


def test_its_runs_are_ordinary_ones_and_a_double_click_files_it_once(
    laboratory: Laboratory,
) -> None:
    record = laboratory.begin(bet="both")
    again = laboratory.begin(bet="both")

    runs = laboratory.registry.recent()
    assert again == record
    assert [run.id for run in reversed(runs)] == list(record.runs)
    assert [run.name for run in reversed(runs)] == [f"Scramble: {p.role}" for p in record.plan]
    assert [run.config for run in reversed(runs)] == [planned.config for planned in record.plan]
    assert laboratory.registry.experiments.bets(record.id) == {"both": 1}
    standing = look(laboratory.registry, laboratory.settings, record.id)
    assert standing.live and standing.share == 0
    assert standing.text() == "0 of 4 networks are trained"


def drawn(experiment: Experiment, info: DatasetInfo) -> Experiment:
    """Give an experiment that draws its pictures a second data set."""
    if not experiment.draws:
        return experiment
    still = info.model_copy(update={"name": "centred", "fingerprint": "centred"})
    return replace(experiment, plan=partial(experiment.plan, still=still))


@pytest.mark.parametrize("key", EXPERIMENTS)
def test_every_plan_keeps_within_its_time_and_within_what_a_host_allows(
    laboratory: Laboratory, key: str
) -> None:
    hosted = laboratory.with_limits(profile="hosted")
    experiment = drawn(EXPERIMENTS[key], laboratory.info)
    estimated = estimate(
        experiment, laboratory.info, registry=hosted.registry, settings=hosted.settings
    )

    assert estimated.refusals == ()
    assert 0 < estimated.seconds < 180
    keys = {planned.config.key() for planned in estimated.plan}
    assert len(keys) == len(estimated.plan) >= 2, "a run is planned twice"
    bets = [bet.key for bet in EXPERIMENTS[key].bets]
    assert len(set(bets)) == len(bets) >= 3


def test_another_seed_is_the_same_plan_for_other_networks(laboratory: Laboratory) -> None:
    budget = Budget({})
    for each in EXPERIMENTS.values():
        experiment = drawn(each, laboratory.info)
        plan = experiment.plan(laboratory.info, budget)
        other = with_seed(experiment, 5).plan(laboratory.info, budget)
        seeds = [each.config.network.seed for each in plan]
        assert [each.config.network.seed - 5 for each in other] == seeds, experiment.key
        assert with_seed(experiment, 0).plan(laboratory.info, budget) == plan


def test_a_class_with_too_few_pictures_is_named_before_the_start(laboratory: Laboratory) -> None:
    few = Catalog(laboratory.settings.datasets_dir).info("few")
    laboratory = Laboratory(laboratory.registry, laboratory.settings, few)

    with pytest.raises(LimitError, match=r"needs 5 pictures of each class to check, and '\w+' has"):
        laboratory.begin()

    assert laboratory.registry.recent() == []
    assert laboratory.registry.experiments.recent(owner=OPERATOR) == []


def test_the_time_of_all_its_runs_is_held_against_the_limit(laboratory: Laboratory) -> None:
    with pytest.raises(LimitError, match=r"All 4 networks .* this server allows 10 s"):
        laboratory.with_limits(max_run_seconds=10).begin()

    assert laboratory.registry.recent() == []


def test_runs_that_may_not_wait_yet_are_filed_when_others_have_ended(
    laboratory: Laboratory,
) -> None:
    limited = laboratory.with_limits(max_waiting_runs=3)
    record = limited.begin()
    assert len(record.runs) == 3
    assert look(limited.registry, limited.settings, record.id).live
    file = {"info": limited.info, "filer": OWNER}
    file_runs(limited.registry, limited.settings, record, **file)
    assert len(limited.registry.experiments.get(record.id).runs) == 3

    limited.registry.commands.pause(record.runs[0], by=OPERATOR)
    limited.registry.commands.stop(record.runs[0], by=OPERATOR)
    file_runs(limited.registry, limited.settings, record, **file)

    assert len(limited.registry.experiments.get(record.id).runs) == 4


def test_stopping_stops_its_runs_and_files_no_more(laboratory: Laboratory) -> None:
    limited = laboratory.with_limits(max_waiting_runs=2)
    record = limited.begin()
    stranger = new_owner_key()
    for change in (stop, delete):
        with pytest.raises(NotYourExperimentError):
            change(limited.registry, limited.settings, record.id, by=stranger)
    with pytest.raises(RunError, match="Stop it first"):
        delete(limited.registry, limited.settings, record.id, by=OWNER.key)

    stop(limited.registry, limited.settings, record.id, by=OWNER.key)

    standing = look(limited.registry, limited.settings, record.id)
    assert not standing.live
    assert "was stopped before its end" in standing.problem
    assert [run.status for run in standing.runs if run] == ["stopped"] * 2
    file_runs(limited.registry, limited.settings, standing.record, info=limited.info, filer=OWNER)
    assert len(limited.registry.recent()) == 2
    delete(limited.registry, limited.settings, record.id, by=OWNER.key)
    assert limited.registry.recent() == []
    with pytest.raises(RunError, match="There is no experiment"):
        limited.registry.experiments.get(record.id)


def test_a_deleted_run_is_missed_and_the_others_stay(laboratory: Laboratory) -> None:
    record = laboratory.begin()
    laboratory.registry.commands.stop(record.runs[1], by=OPERATOR)
    delete_run(laboratory.registry, laboratory.settings, record.runs[1], by=OPERATOR)

    standing = look(laboratory.registry, laboratory.settings, record.id)

    assert "'dense, scrambled' was deleted" in standing.problem
    assert [run is None for run in standing.runs] == [False, True, False, False]
    assert len(laboratory.registry.recent()) == 3


def test_bets_are_one_each_and_end_with_the_outcome(laboratory: Laboratory) -> None:
    experiments, record = laboratory.registry.experiments, laboratory.begin(bet="both")
    friend = new_owner_key()
    experiments.bet(record.id, "neither", by=friend)
    experiments.bet(record.id, "only dense", by=friend)

    assert experiments.bets(record.id) == {"both": 1, "only dense": 1}
    assert experiments.bet_of(record.id, friend) == "only dense"
    assert experiments.bet_of(record.id, new_owner_key()) is None
    experiments.conclude(record.id, {"outcome": "both"})
    with pytest.raises(RunError, match="outcome is known"):
        experiments.bet(record.id, "both", by=friend)
    with pytest.raises(RunError, match="Expected a bet on one of only convolution, both"):
        laboratory.begin("second", bet="all")
    with pytest.raises(RunError, match="an id of 16 letters"):
        experiments.get("no id")
