"""`kind: Suppressions`: the one file in which findings are let through, with reasons and an end."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from pipeline_defs.core.blocks import Block
from pipeline_defs.core.document import Document


class SuppressionBlock(Block):
    """A finding, or all that a rule says in some paths, let through until a day."""

    fingerprint: str = Field("", description="Of one finding, as the report shows it.")
    rule: str = Field("", description="Of a scanner; with `path` where possible.")
    path: str = Field("", description="A pattern of paths.")
    kind: Literal["", "sast", "secret", "misconfiguration", "vulnerability", "license", "suppression"] = ""
    package: str = Field("", description="A package URL without a version.")
    reason: str = Field(description="Why it is no problem, or not now.")
    owner: str = Field(description="Who looks after it.")
    approver: str = Field(description="Who has agreed; not the owner.")
    since: date = Field(description="When it was agreed.")
    expires: date = Field(description="The last day; at most 90 days after `since`.")


class Suppressions(Document):
    """Findings that are let through. Every entry has a reason, an owner, an approver and an end."""

    kind: Literal["Suppressions"]
    suppressions: list[SuppressionBlock]
