"""Which versions work with which schema of the data, and how far back one may go.

A version needs a schema, which its `expand` makes, and says which earlier schemas' versions go on working beside it.
Its `contract` takes away what only those need: from then on there is a barrier that no release goes below.
"""

from __future__ import annotations

from domain.releases.deploy_spec import DeploySpec
from domain.releases.kubernetes.place import Schema


def schema_of(spec: DeploySpec | None) -> Schema:
    """Of a version that says nothing: schema 0, beside which no other works."""
    return spec.kubernetes.schema if spec and spec.kubernetes else Schema()


def refusal(new: DeploySpec, live: DeploySpec | None, barrier: int) -> str:
    """Why a version may not go out beside or after the live one, back or forth; empty: it may.

    `barrier`: the schema below which nothing works any more; 0: nothing was taken away.
    """
    wanted, there = schema_of(new), schema_of(live)
    if wanted.needs < barrier:
        return f"{new.version} needs schema {wanted.needs}, and a contract has taken away what is below {barrier}"
    if live is None or wanted.needs == there.needs:
        return ""
    newer, older = (wanted, there) if wanted.needs > there.needs else (there, wanted)
    forward = newer is wanted
    if older.needs in newer.works_with or (forward and new.strategy == "recreate"):
        return ""
    works = ", ".join(str(one) for one in newer.works_with) or "none"
    whose = f"the live version {live.version}" if forward else f"version {new.version}"
    return f"{whose} needs schema {older.needs}, and schema {newer.needs} works with versions of {works}"


def no_way_back(new: DeploySpec, previous: DeploySpec | None) -> str:
    """Why the version before cannot be started on the schema that the new one has made; empty: it can."""
    made, before = schema_of(new).needs, schema_of(previous).needs
    if previous is None or made <= before or before in schema_of(new).works_with:
        return ""
    return f"version {previous.version} needs schema {before}, which schema {made} does not work with"
