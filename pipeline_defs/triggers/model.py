"""The shape of triggers."""

from __future__ import annotations

from pydantic import Field

from pipeline_defs.core.blocks import Block, Fields, Texts


class PushFilter(Block):
    """Which pushes start a run. Patterns use `*`, `**`, `?` and `!` (exclude); the last match decides."""

    branches: Texts = Field([], description="Branches; empty: all.")
    tags: Texts = Field([], description="Tags; if only branches are given, tags start no run.")
    paths: Texts = Field([], description="Changed files; at least one must match.")


class PullFilter(Block):
    """Which pull requests start a run."""

    branches: Texts = Field([], description="Target branches; empty: all.")
    paths: Texts = Field([], description="Changed files; at least one must match.")


class ScheduleEntry(Block):
    """A schedule."""

    cron: str = Field(
        description="Five fields: minute, hour, day of month, month, day of week. With both days, either starts a run."
    )
    time_zone: str = Field(
        "UTC",
        description="A name from the IANA database. What the clock skips in spring is left out; what comes twice in"
        " autumn starts one run.",
    )


class On(Block):
    """Events that start the pipeline. It can always be started manually."""

    push: PushFilter | None = Field(None, description="A push to the repository.")
    pull_request: PullFilter | None = Field(None, description="A pull request.")
    schedule: list[ScheduleEntry] = Field([], description="Schedules.")
    manual: Fields | None = Field(None, description="`sluiceway run`; always enabled, listed for readers.")
