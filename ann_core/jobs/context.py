"""What every part of a worker needs: settings, registry, and its line to the registry."""

from __future__ import annotations

from dataclasses import dataclass

from ann_core.jobs.heartbeat import Heartbeat
from ann_core.runs.registry import Registry
from ann_core.settings import Settings


@dataclass(frozen=True)
class WorkerContext:
    """One worker process, for as long as it lives."""

    settings: Settings
    registry: Registry
    heartbeat: Heartbeat
