"""A training that is watched from two browsers, paused, continued, and outlives its server."""

from __future__ import annotations

import re
import secrets
import time

from playwright.sync_api import Browser, Locator, expect

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.sources.builtin import import_builtin
from ann_core.datasets.sources.cartoons import CartoonConfig
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.runs.registry import Registry
from ann_core.runs.run import RunConfig
from ann_core.training.network_config import NetworkConfig
from tests.browser.conftest import Server, StartServer
from tests.browser.visitor import Visitor

KEPT = "localStorage.getItem('flatland.owner')"
TRAINING = re.compile(r"^training: epoch (\d+) of 1000$")
STOP = "Stop and keep what was learned"


def test_a_training_is_watched_and_steered(
    start_server: StartServer,
    visitor: Visitor,
    browser: Browser,
    browser_context_args: dict[str, object],
) -> None:
    server = start_server()
    registry = Registry(f"sqlite:///{server.data_dir}/registry.db")
    visitor.open(server.page_url("training"))
    visitor.page.wait_for_function(KEPT)
    key = str(visitor.page.evaluate(KEPT))
    run_id = file_long_run(registry, server, key)
    visitor.open(server.page_url(f"training?run={run_id}"))
    visitor.sees(TRAINING, seconds=60)

    context = browser.new_context(**browser_context_args)  # type: ignore[arg-type]
    guest = Visitor(context.new_page())
    guest.open(server.page_url(f"training?run={run_id}"))
    goes_on_for_both(visitor, guest)
    an_epoch_is_drawn(visitor, registry, run_id)
    stands_above_the_form_on_a_phone(visitor)
    guest.sees("Started in another browser; you can watch it.")
    for name in ("Pause", STOP, "Delete"):
        expect(button(guest, name)).to_have_count(0)

    visitor.page.reload()
    visitor.sees(TRAINING)
    pause_and_continue(visitor, guest)
    context.close()

    server.process.kill()
    server.process.wait()
    goes_on_without_a_server(registry, run_id)
    on_a_new_server(visitor, start_server(server.data_dir), run_id, key)
    assert guest.errors == []
    assert registry.recent() == []
    assert not (server.data_dir / "runs" / run_id).exists()
    visitor.errors.clear()  # the browser complained while its server was gone
    registry.close()


def file_long_run(registry: Registry, server: Server, key: str) -> str:
    """File a run of a thousand epochs, which nobody waits for."""
    few = CartoonConfig(n_images=60)
    catalog = Catalog(server.data_dir / "datasets")
    info = import_builtin("cartoons", "cartoons", catalog, cartoons=few).info
    config = RunConfig(
        dataset=info.name,
        fingerprint=info.fingerprint,
        preprocess=PreprocessConfig(image_size=(96, 96)),
        network=NetworkConfig(hidden_units=(256,), epochs=1000, batch_size=8),
    )
    return registry.submit(config, submit_key=secrets.token_hex(8), owner=key).id


def goes_on_for_both(*visitors: Visitor) -> None:
    """Watch the curves move in every browser."""
    before = [epoch_shown(visitor) for visitor in visitors]
    for visitor, epoch in zip(visitors, before, strict=True):
        visitor.page.wait_for_function(
            "epoch => parseInt(document.body.innerText.match(/training: epoch (\\d+)/)[1]) > epoch",
            arg=epoch,
        )
        for curve in ("loss", "accuracy"):
            drawn = visitor.page.locator(f"[aria-label^='{curve}. After epoch']")
            expect(drawn.locator("svg, canvas").first).to_be_visible()
        visitor.sees_no_error()


def an_epoch_is_drawn(visitor: Visitor, registry: Registry, run_id: str) -> None:
    """An epoch that ended is in the curve's own words soon."""
    epoch = registry.get(run_id).epoch
    visitor.page.wait_for_function(
        "epoch => parseInt(document.querySelector('[aria-label^=\"loss. After epoch\"]')"
        "?.ariaLabel.match(/epoch (\\d+)/)[1]) >= epoch",
        arg=epoch,
    )


def stands_above_the_form_on_a_phone(visitor: Visitor) -> None:
    """Who has started a training on a phone sees it, and need not look for it below the form."""
    desk = visitor.page.viewport_size
    assert desk is not None
    visitor.page.set_viewport_size({"width": 390, "height": 844})
    progress = button(visitor, "Pause").bounding_box()
    form = button(visitor, "Start training").bounding_box()
    visitor.page.set_viewport_size(desk)
    assert progress is not None
    assert form is not None
    assert progress["y"] < form["y"]


def pause_and_continue(visitor: Visitor, guest: Visitor) -> None:
    button(visitor, "Pause").click()
    for somebody in (visitor, guest):
        somebody.sees(re.compile(r"^paused: epoch \d+ of 1000$"))
    visitor.sees(re.compile("Press Continue, and it goes on exactly where it stopped"))
    stood = epoch_shown(visitor)
    button(visitor, "Continue").click()
    for somebody in (visitor, guest):
        somebody.sees(TRAINING, seconds=60)
    assert epoch_shown(visitor) >= stood


def goes_on_without_a_server(registry: Registry, run_id: str) -> None:
    before = registry.get(run_id).epoch
    give_up = time.monotonic() + 20
    while registry.get(run_id).epoch <= before + 1:
        assert time.monotonic() < give_up, "the training has ended with its server"
        time.sleep(0.05)


def on_a_new_server(visitor: Visitor, server: Server, run_id: str, key: str) -> None:
    """The run is there; whoever brings the key can stop and delete it."""
    visitor.open(server.url)  # a server's first page takes longer, whatever it shows
    visitor.page.goto(server.page_url(f"training?run={run_id}"))
    visitor.sees(TRAINING)
    expect(button(visitor, STOP)).to_have_count(0)  # another address, so another key
    visitor.press("Your networks on another device")
    field = visitor.page.get_by_role("textbox", name="Key of the other browser")
    field.fill(key)
    field.press("Enter")
    visitor.press("Use this key")
    visitor.page.keyboard.press("Escape")
    button(visitor, STOP).click()
    visitor.sees(re.compile(r"^stopped: epoch \d+ of 1000$"), seconds=60)
    button(visitor, "Delete").click()
    visitor.press("Delete for good")
    visitor.sees("The network is deleted.")
    visitor.sees_no_error()


def button(visitor: Visitor, name: str) -> Locator:
    return visitor.page.get_by_role("button", name=name, exact=True)


def epoch_shown(visitor: Visitor) -> int:
    text = visitor.page.get_by_text(re.compile(r"^(training|paused): epoch \d+ of")).inner_text()
    return int(text.split()[2])
