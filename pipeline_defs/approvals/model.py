"""The shape of a job that waits for people."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from pipeline_defs.core.blocks import Block, Duration


class Allow(Block):
    """Who may decide on their own change. Nobody, unless said here and by the environment."""

    author: bool = False
    committer: bool = False
    starter: bool = False


class Approval(Block):
    """Waits for people. An environment may demand more, never less."""

    users: list[str] = Field([], description="Who may decide.")
    groups: list[str] = Field([], description="Whose members may decide.")
    roles: list[str] = Field([], description="Whose holders may decide.")
    quorum: int = Field(1, ge=1, description="Approvals in all. One rejection refuses.")
    per_group: dict[str, Annotated[int, Field(ge=1)]] = Field({}, description="Group to approvals from it.")
    expires: Duration = Field(86400.0, description="After that it is refused.")
    reminders: list[Duration] = Field([], description="Times after the start at which people are reminded.")
    allow: Allow = Field(Allow(), description="Exceptions from four eyes.")
    message: str = Field("", description="What the approver should look at.")
