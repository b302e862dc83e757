"""The core's services, one of each in a web process.

They are module singletons, not ``st.cache_resource``: any visitor can clear
Streamlit's caches, and all that matters lies in the registry and on disk anyway.
"""

from __future__ import annotations

import atexit
import functools
import gc
import logging
import sys
import threading

from ann_core.datasets.catalog import Catalog
from ann_core.imaging.decoded_images import DecodedImages
from ann_core.imaging.images import decode_large_one_by_one
from ann_core.jobs.dispatcher import Dispatcher
from ann_core.jobs.examples import install_examples
from ann_core.jobs.image_fetch import ImageFetches
from ann_core.jobs.logs import RateLimit
from ann_core.machine import keep_private, return_memory_at_once
from ann_core.runs.registry import Registry
from ann_core.settings import Settings, get_settings
from ui.base.upload_memory import bound_uploads

SWITCH_SECONDS = 0.001
TRACEBACKS_A_MINUTE = 30

_starting = threading.Lock()
_started = False
_dispatchers: list[Dispatcher] = []
_installing: list[threading.Thread] = []


@functools.cache
def settings() -> Settings:
    """Read folders and limits, once."""
    return get_settings()


@functools.cache
def registry() -> Registry:
    """Open the run registry, once."""
    return Registry(settings().registry_url, settings().lease_seconds)


@functools.cache
def catalog() -> Catalog:
    """Open the catalog of data sets."""
    return Catalog(settings().datasets_dir)


@functools.cache
def decoded_images() -> DecodedImages:
    """Share decoded images, within a bound."""
    return DecodedImages()


@functools.cache
def image_fetches() -> ImageFetches:
    """Share what may be fetched from addresses at once."""
    return ImageFetches(settings())


def start() -> None:
    """Begin to move runs from the queue into workers, once a process."""
    global _started
    with _starting:
        if not _started:
            # A visitor who moves a slider waits behind the threads of all who watch a run;
            # they let go of the interpreter after this time, by default after 5 ms.
            sys.setswitchinterval(SWITCH_SECONDS)
            return_memory_at_once()
            _limit_logs()
            if settings().profile == "hosted":
                keep_private(settings().data_dir)
            decode_large_one_by_one()
            bound_uploads(settings())
            _dispatchers.append(Dispatcher.local(registry(), settings(), keeps_warm=True))
            _dispatchers[-1].run_in_background()
            given = (registry(), settings())
            _installing.append(threading.Thread(target=install_examples, args=given, daemon=True))
            _installing[-1].start()
            # What was imported stays to the end: looking through all of it for garbage took
            # 50 to 100 ms of every thirtieth move or so.
            gc.freeze()
            _started = True


def expect_training() -> None:
    """Prepare for a training that the visitor may start soon."""
    for dispatcher in _dispatchers:
        dispatcher.expect()


def begin_now() -> None:
    """Let what was filed just now begin without delay."""
    for dispatcher in _dispatchers:
        dispatcher.look_now()


def _limit_logs() -> None:
    """Let no visitor fill the disk of the host with tracebacks of messages that make no sense."""
    limit = RateLimit(TRACEBACKS_A_MINUTE)
    for name in [each for each in logging.root.manager.loggerDict if each.startswith("streamlit")]:
        logging.getLogger(name).addFilter(limit)


@atexit.register
def close() -> None:
    """End what works in the background and close the registry; runs go on.

    Called at the end of the server.
    """
    while _dispatchers:
        _dispatchers.pop().close()
    while _installing:
        _installing.pop().join()
    if registry.cache_info().currsize:
        registry().close()
    for service in (settings, registry, catalog, decoded_images, image_fetches):
        service.cache_clear()
