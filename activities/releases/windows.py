"""Whether a release may go forward now, by the calendars of its definition and of its environment.

An activity and not a part of the workflow: what a zone's clock shows depends on the IANA database, whose next edition
may differ, and a workflow that is replayed must decide as it did. So the answer is in the history, with its edition.
The database is the one that the engine is installed with, never the machine's: every worker gives the same answer.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

import tzdata
from temporalio import activity

from activities.access.environments import Environments
from activities.releases import port
from activities.releases.port import WindowAnswer, WindowQuestion
from domain.releases.windows import standing


class WindowActivities(port.WindowActivities):
    """Reads the environment's calendar again each time, so a freeze that is registered now holds what is under way."""

    def __init__(self, environments: Environments, clock: Callable[[], float] = time.time) -> None:
        self._environments, self._clock = environments, clock

    @activity.defn(name="release-window")
    async def window(self, question: WindowQuestion) -> WindowAnswer:
        """See the port."""
        name = question.environment.partition("@")[0]  # `ENVIRONMENT@CLUSTER`, where it has several
        environment = await asyncio.to_thread(self._environments.get, name)
        both, now = [environment.calendar, question.calendar], self._clock()
        found = await asyncio.to_thread(standing, both, now, offset)  # what is never open takes a second
        return WindowAnswer(found.open, found.until, found.why, tzdata.IANA_VERSION)


def offset(zone: str, at: float) -> float:
    """A zone's offset from UTC in seconds, by the installed IANA database.

    Raises:
        ValueError: there is no such zone.
    """
    shift = datetime.fromtimestamp(at, UTC).astimezone(_zone(zone)).utcoffset()
    return shift.total_seconds() if shift is not None else 0.0


@cache
def _zone(name: str) -> ZoneInfo:
    parts = name.split("/")
    if not all(part and part.strip(".") for part in parts):
        raise ValueError(f"there is no time zone {name[:64]!r}")
    try:
        with resources.files("tzdata").joinpath("zoneinfo", *parts).open("rb") as file:
            return ZoneInfo.from_file(file, key=name)
    except (OSError, ValueError) as wrong:
        raise ValueError(f"there is no time zone {name[:64]!r}") from wrong
