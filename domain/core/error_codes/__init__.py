"""Every error code with its meaning: for `sluiceway explain`, docs/errors.md and error reports.

A code never changes its meaning: scripts and histories rely on it. A new situation gets a new code.
"""

from __future__ import annotations

from domain.core.error_codes import (
    access,
    authority,
    clusters,
    command_line,
    definitions,
    deployment,
    engine,
    fixes,
    kubernetes,
    language,
    pods,
    rendering,
    scans,
    work,
)
from domain.core.error_codes.code import ErrorCode

__all__ = ["BY_CODE", "DEFINITION", "GROUPS", "ErrorCode"]

GROUPS: dict[str, tuple[ErrorCode, ...]] = {
    "Documents": definitions.DOCUMENT,
    "Keys and values": definitions.SHAPE,
    "References inside a definition": definitions.REFERENCES,
    "Expressions": language.EXPRESSIONS,
    "The command line and settings": command_line.ALL,
    "Components, templates and other files": language.REUSE,
    "Strategies, tools and targets": language.CAPABILITIES,
    "The object store": work.STORE,
    "Repositories": work.SOURCE,
    "Jobs": work.JOBS,
    "Scans": scans.ALL,
    "Rules and fixes": fixes.ALL,
    "Releases": deployment.RELEASES,
    "Releases in a cluster": kubernetes.ALL,
    "Sources of releases": rendering.ALL,
    "Approvals, identities and signatures": deployment.TRUST,
    "Authority": authority.ALL,
    "Access": access.ALL,
    "The engine": engine.PROCESSES,
    "Runs": engine.RUNS,
    "Clusters, pods and volumes": (*clusters.ALL, *pods.PODS),
}
"""The groups of docs/errors.md, in its order."""

BY_CODE: dict[str, ErrorCode] = {one.code: one for group in GROUPS.values() for one in group}

DEFINITION: dict[str, str] = {
    code: one.title
    for code, one in sorted(BY_CODE.items())
    if (code[3] in "123467" or code == "SLW501") and one not in access.ALL
}
"""What linting a definition can report, by code."""
