"""The shape of what starts a pipeline."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from pipeline_defs.core.blocks import Block, Texts


class PushFilter(Block):
    """Which pushes start a run. Patterns are `*`, `**`, `?`, and `!` takes back; the last that matches decides."""

    branches: Texts = Field([], description="Branches; empty lets all through.")
    tags: Texts = Field([], description="Tags; with branches and no tags, tags start nothing.")
    paths: Texts = Field([], description="Changed files; at least one must match.")


class PullFilter(Block):
    """Which pull requests start a run."""

    branches: Texts = Field([], description="Target branches; empty lets all through.")
    paths: Texts = Field([], description="Changed files; at least one must match.")


class ScheduleEntry(Block):
    """One time table."""

    cron: str = Field(description="Five fields: minute, hour, day of month, month, day of week.")
    time_zone: str = Field("UTC", description="A name from the IANA time zone database.")


class On(Block):
    """What starts the pipeline; by hand it can always be started."""

    push: PushFilter | None = Field(None, description="A push to the repository.")
    pull_request: PullFilter | None = Field(None, description="A proposed change.")
    schedule: list[ScheduleEntry] = Field([], description="Times.")
    manual: dict[str, Any] | None = Field(None, description="`sluiceway run`; always on, written down for readers.")
