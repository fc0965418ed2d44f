"""The shape of an approval job."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from pipeline_defs.core.blocks import Block, Duration


class Allow(Block):
    """Who may approve their own change. Nobody, unless this block and the environment allow it."""

    author: bool = False
    committer: bool = False
    starter: bool = False


class Approval(Block):
    """Waits for people to approve. An environment can demand more, never less."""

    users: list[str] = Field([], description="Users who may approve.")
    groups: list[str] = Field([], description="Groups whose members may approve.")
    roles: list[str] = Field([], description="Roles whose holders may approve.")
    quorum: int = Field(1, ge=1, le=1000, description="Required approvals. One rejection rejects.")
    per_group: dict[str, Annotated[int, Field(ge=1, le=1000)]] = Field(
        {}, description="Group to required approvals from it."
    )
    expires: Duration = Field(86400.0, description="Time until it expires, which rejects it.")
    reminders: list[Duration] = Field([], description="Times after the start at which reminders are sent.")
    allow: Allow = Field(Allow(), description="Exceptions from the four-eyes rule.")
    message: str = Field("", description="Message for the approvers.")
