"""The panel of work on data: what it says in each state, and who may cancel."""

from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest

from ann_core.datasets.dataset import DatasetInfo
from ann_core.runs.job_results import ImportResult
from ann_core.runs.job_types import AnyJob, ImportConfig, ImportJob, ProfileConfig, ProfileJob
from ann_core.runs.owners import new_owner_key
from tests.app.conftest import ENTRY_POINT, SECONDS
from tests.helpers.app_text import page_text
from tests.helpers.run_states import KEY, STRANGER, registry
from tests.helpers.small_run import CARTOONS
from ui.base import keys

FRUIT = ImportConfig(name="fruit", source="builtin", what="digits")


def order(config: ImportConfig | ProfileConfig = FRUIT, owner: str = KEY) -> AnyJob:
    return registry().submit_data_job(config, submit_key=new_owner_key(), owner=owner)


def begin(job: AnyJob) -> None:
    assert registry().attempts.claim(1, (ImportJob.kind, ProfileJob.kind)) == (job.id, 1)
    assert registry().attempts.start(job.id, 1, pid=1) is not None


def explore(key: str = KEY, job: AnyJob | None = None) -> AppTest:
    page = AppTest.from_file(ENTRY_POINT, default_timeout=SECONDS).switch_page("pages/explore.py")
    page.session_state[keys.OWNER_PROPOSED] = key
    if job is not None:
        page.query_params["job"] = job.id
    page.run()
    assert not page.exception, page.exception[0].message
    return page


def bars(page: AppTest) -> list[str]:
    return [bar.text for bar in page.progress]


def test_own_work_is_shown_wherever_its_owner_looks(data_dir: Path) -> None:
    first, second = order(), order(FRUIT.model_copy(update={"name": "more"}))
    page = explore()
    assert bars(page) == ["Importing fruit: starting soon", "Importing more: 2nd in line"]
    assert bars(explore(STRANGER)) == []
    begin(first)
    registry().attempts.heartbeat(
        first.id, 1, phase="importing the pictures", batch=1200, n_batches=1797
    )
    page.run()
    assert bars(page)[0] == "Importing fruit: 1,200 of 1,797"
    on_their_way = "Your pictures are on their way: the import is not over yet."
    assert [info.value for info in page.info] == [on_their_way]
    assert "There are no pictures yet" in explore(STRANGER).info[0].value
    page.button(key=f"cancel_{second.id}").click().run()
    assert registry().job(second.id).status == "stopped"
    assert "Importing more was cancelled. Nothing of it was kept." in [i.value for i in page.info]


def test_who_has_the_link_may_watch_but_not_cancel(data_dir: Path) -> None:
    job = order()
    page = explore(STRANGER, job)
    assert bars(page) == ["Importing fruit: starting soon"]
    assert f"cancel_{job.id}" not in [button.key for button in page.button]


def test_a_new_data_set_is_chosen_once_it_is_there(cartoons: DatasetInfo, data_dir: Path) -> None:
    job = order(ImportConfig(name=CARTOONS, source="builtin", what="cartoons"))
    page = explore()
    begin(job)
    result = ImportResult(dataset=CARTOONS, n_images=60, n_skipped=2)
    registry().attempts.finish(job.id, 1, "done", result=result)
    page.run()
    sentence = f"{CARTOONS} is here: 60 pictures taken, 2 files left out, listed below."
    assert [box.value for box in page.success] == [sentence]
    assert page.selectbox(key="data").value == CARTOONS
    assert [box.value for box in explore(job=job).success] == [sentence], "after a reload too"


def test_what_went_wrong_is_a_sentence(data_dir: Path) -> None:
    job = order()
    page = explore()
    begin(job)
    registry().attempts.fail(job.id, 1, "data", why="Expected pictures of two classes, got _one_.")
    page.run()
    sentence = "Importing fruit failed. Expected pictures of two classes, got _one_."
    assert page_text(page) == [sentence]
    assert bars(page) == []


def test_a_job_that_is_unknown_or_a_training_is_not_shown(data_dir: Path) -> None:
    page = AppTest.from_file(ENTRY_POINT, default_timeout=SECONDS).switch_page("pages/explore.py")
    page.query_params["job"] = "../../etc/passwd"
    page.run()
    assert not page.exception
    assert page_text(page) == []
    assert bars(page) == []
