"""`kind: Suppressions`: the one file that suppresses findings, with reasons and an expiry date."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from pipeline_defs.core.blocks import Block
from pipeline_defs.core.document import Document


class SuppressionBlock(Block):
    """Suppresses one finding, or all findings of a rule in some paths, until a date."""

    fingerprint: str = Field("", description="Fingerprint of one finding, as shown in the report.")
    rule: str = Field("", description="Rule of a scanner; combine with `path` where possible.")
    path: str = Field("", description="Path pattern.")
    kind: Literal["", "sast", "secret", "misconfiguration", "vulnerability", "license", "suppression"] = ""
    package: str = Field("", description="Package URL (purl) without a version.")
    reason: str = Field(description="Why the finding is acceptable, or not fixed yet.")
    owner: str = Field(description="Who is responsible for it.")
    approver: str = Field(description="Who approved it; not the owner.")
    since: date = Field(description="When it was approved.")
    expires: date = Field(description="Last day it applies; at most 90 days after `since`.")


class Suppressions(Document):
    """Suppressed findings. Every entry has a reason, an owner, an approver and an expiry date."""

    kind: Literal["Suppressions"]
    suppressions: list[SuppressionBlock]
