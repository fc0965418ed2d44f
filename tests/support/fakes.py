"""Wiring of the memory adapters that ship in activities/: a target and a source of counters that do as they are told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from activities.releases.activities import ReleaseActivities
from activities.releases.metric_sources.memory import MemorySource
from activities.releases.observer import ObserverActivities
from activities.releases.targets.memory import MemoryTarget
from activities.storage.stores.folder import FolderStore
from tests.support.lab import Lab

REPLACED = ("act", "record", "observe", "keep")


def on_memory(plain: Lab, target: MemoryTarget, source: MemorySource) -> list[Callable[..., Any]]:
    """The activities of a lab, with releases on a memory target."""
    releases = ReleaseActivities({"local": target}, plain.records.releases, target, target)
    observer = ObserverActivities(
        plain.settings.home / "releases", FolderStore(plain.settings.store), lambda policy: [source]
    )
    kept = [activity for activity in plain.wired.activities if activity.__name__ not in REPLACED]
    return [*kept, releases.act, releases.record, observer.observe, observer.keep]
