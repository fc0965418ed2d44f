"""Wiring of the memory adapters that ship in activities/: a platform and a source of counters that do as they are told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from activities.releases.activities import ReleaseActivities
from activities.releases.metric_sources.memory import MemorySource
from activities.releases.observer import ObserverActivities
from activities.releases.targets.memory import MemoryPlatform
from activities.storage.stores.folder import FolderStore
from tests.support.lab import Lab

REPLACED = ("act", "record", "observe", "keep")


def on_memory(plain: Lab, platform: MemoryPlatform, source: MemorySource) -> list[Callable[..., Any]]:
    """The activities of a lab, with releases on a memory platform."""
    releases = ReleaseActivities({"local": platform}, plain.records.releases, platform, platform)
    observer = ObserverActivities(
        plain.settings.home / "releases", FolderStore(plain.settings.store), lambda policy: [source]
    )
    kept = [activity for activity in plain.wired.activities if activity.__name__ not in REPLACED]
    return [*kept, releases.act, releases.record, observer.observe, observer.keep]
