"""The shape of environments: places to deploy, with their protection."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from pipeline_defs.approvals.model import Allow
from pipeline_defs.core.blocks import Block, Duration, Name
from pipeline_defs.core.document import Document
from pipeline_defs.scans.model import SeverityName


class EnvironmentApproval(Block):
    """What the environment demands of every approval and deployment."""

    users: list[str] = Field([], description="Only these, and members of the groups, may decide; empty: no limit.")
    groups: list[str] = []
    quorum: int = Field(0, ge=0, description="At least as many approvals.")
    per_group: dict[str, Annotated[int, Field(ge=1)]] = {}
    max_expires: Duration = Field(0, description="No approval stays open longer; 0: no limit.")
    allow: Allow = Allow(author=True, committer=True, starter=True)


class EnvironmentImages(Block):
    """What must be signed by this installation about an image before it is released here."""

    built_here: bool = Field(False, description="Where it comes from: a build of one of the pipelines.")
    gate_passed: bool = Field(False, description="The last gate that judged it let it through.")
    scanned_within: Duration = Field(0, description="A complete scan of it is no older; 0: none is asked for.")


class EnvironmentWatch(Block):
    """What a new vulnerability in what runs here leads to."""

    severity: SeverityName = Field("critical", description="The lowest that is an alarm.")
    unknown_as: SeverityName = Field("high", description="What one without a severity counts as.")
    then: list[Literal["notify", "block", "rebuild", "rollback"]] = Field(
        ["notify"],
        description="notify: people are told; block: the image is not released again; rebuild: its pipeline runs;"
        " rollback: the version before is released again, when it has nothing that would be an alarm.",
    )


class Environment(Document):
    """A place to deploy, with its protection. Registered by `sluiceway apply`, never read from a pushed commit."""

    kind: Literal["Environment"]
    name: Name
    description: str = ""
    target: Literal["local", "docker"] = Field("local", description="How it is reached.")
    trust: Literal["signed", "open"] = Field("signed", description="open: unsigned signals count.")
    approval: EnvironmentApproval = EnvironmentApproval()
    images: EnvironmentImages = EnvironmentImages()
    watch: EnvironmentWatch = EnvironmentWatch()
