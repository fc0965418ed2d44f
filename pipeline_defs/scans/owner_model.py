"""`kind: FindingOwners`: findings that were assigned one by one, beside the owners of paths in CODEOWNERS."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from pipeline_defs.core.blocks import Block
from pipeline_defs.core.document import Document

MAX_ASSIGNED = 10_000


class OwnerBlock(Block):
    """Who deals with a finding."""

    fingerprint: str = Field(min_length=1, max_length=64, description="Fingerprint of one finding, as reports have it.")
    owner: str = Field(min_length=1, max_length=200, description="A person, a team or an address.")
    note: str = Field("", max_length=500, description="Anything that helps whoever reads it.")


class FindingOwners(Document):
    """Assigned findings. Read from the default branch; the file changes nothing about what a gate lets through."""

    kind: Literal["FindingOwners"]
    owners: list[OwnerBlock] = Field(max_length=MAX_ASSIGNED)
