"""The document of an environment of which nothing is said but its name."""

from __future__ import annotations

import json

from domain.core.documents import Manifest
from pipeline_defs.approvals.model import Allow
from pipeline_defs.releases.environment_model import Environment, EnvironmentApproval


def plain(name: str, *, open_: bool = False) -> Manifest:
    """As `sluiceway apply` registers it. `open_`: author, committer and starter of a change may approve it, and with a
    key that nobody else has confirmed.
    """
    allow = Allow(author=open_, committer=open_, starter=open_)
    document = Environment(
        apiVersion="sluiceway/v1",
        kind="Environment",
        name="any",
        approval=EnvironmentApproval(allow=allow),
        keys="any" if open_ else "confirmed",
    )
    return {**json.loads(document.model_dump_json()), "name": name}
