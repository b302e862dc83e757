"""Runs in every state, without a worker, and their panel on the Train page."""

from __future__ import annotations

import os

from streamlit.testing.v1 import AppTest

from ann_core.datasets.dataset import DatasetInfo
from ann_core.runs.owners import new_owner_key
from ann_core.runs.registry import Registry
from ann_core.runs.run import Run
from ann_core.training.history import EpochMetrics
from ann_core.training.network_config import NetworkConfig
from tests.app.conftest import ENTRY_POINT, SECONDS
from tests.helpers.small_run import run_config
from ui.base import keys, services
from ui.runs import run_watcher

KEY, STRANGER = new_owner_key(), new_owner_key()
CONTROLS = {"pause", "resume", "stop", "delete_for_good", "use_again"}


def registry() -> Registry:
    return services.registry()


def submit_run(info: DatasetInfo, owner: str = KEY) -> Run:
    network = NetworkConfig(hidden_units=(8,), epochs=10, batch_size=16)
    config = run_config(info).model_copy(update={"network": network})
    return registry().submit(config, submit_key=new_owner_key(), owner=owner)


def begin(run: Run, n_epochs: int = 0) -> Run:
    """Let a worker of ours take the run and report some epochs."""
    claimed = registry().attempts.claim(1)
    assert claimed is not None
    run_id, attempt = claimed
    assert run_id == run.id
    registry().attempts.start(run_id, attempt, os.getpid())
    for epoch in range(1, n_epochs + 1):
        registry().attempts.add_metrics(run_id, attempt, metrics(epoch))
    if n_epochs:
        registry().attempts.heartbeat(run_id, attempt, phase="training", batch=3, n_batches=12)
    return registry().get(run.id)


def metrics(epoch: int, seconds: float = 4.0) -> EpochMetrics:
    return EpochMetrics(epoch, 1 / epoch, 0.6, 1.1 / epoch, 0.6, seconds)


def watch(run: Run, key: str = KEY) -> AppTest:
    """Open the page of a run in the browser that has this key."""
    run_watcher.look_again(run.id)
    page = AppTest.from_file(ENTRY_POINT, default_timeout=SECONDS).switch_page("pages/train.py")
    page.session_state[keys.OWNER_PROPOSED] = key
    page.query_params["run"] = run.id
    page.run()
    assert not page.exception, page.exception[0].message
    return page


def controls(page: AppTest) -> dict[str, bool]:
    """Keys of the buttons of a run, and whether they can be pressed."""
    return {str(b.key): not b.disabled for b in page.button if b.key in CONTROLS}


def bars(page: AppTest) -> list[str]:
    return [bar.text for bar in page.progress]


def curves(page: AppTest) -> dict[str, str]:
    """What the charts of a run say to those who cannot see them."""
    alts = [chart.proto.alt.partition(". ") for chart in page.get("vega_lite_chart")]
    return {name: rest for name, _, rest in alts if name in {"loss", "accuracy"}}
