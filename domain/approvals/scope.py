"""What an approval lets happen: everything after it in the plan, with the values and artifacts that it gets.

The document is canonical JSON in the store; its SHA-256 is signed with each decision. Whoever has the document can
compute the digest again, and whoever has the digest can fetch the document.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from domain.core.canonical import canonical
from domain.core.digests import plain

SUBJECT = "subject"
"""The artifact of an approval that holds its scope."""
LATE, CHANGED, TIGHTENED = "SLW021", "SLW022", "SLW023"
SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class BoundJob:
    """A job that runs after the approval; `digest` covers its whole definition."""

    id: str
    kind: str
    environment: str = ""
    digest: str


@dataclass(frozen=True, kw_only=True)
class BoundDeployment:
    """What a deploy job after the approval makes live."""

    job: str
    service: str = ""
    environment: str = ""
    version: str = ""
    image: str = ""
    artifact: str = ""
    """`job.name`."""
    content: str = ""
    """Digest of the artifact."""
    command: tuple[str, ...] = ()
    strategy: str = ""
    target: str = ""
    digest: str = ""
    """Covers all of it: environment variables, probes and rollout too. Empty: `late` says why."""
    late: str = ""
    """What is not known before the approval is granted."""


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Everything that is bound besides the request itself."""

    repository: str = ""
    commit: str = ""
    pipeline: str = ""
    job: str = ""
    """The job or release step that asks."""
    environment: str = ""
    parameters: dict[str, str] = field(default_factory=dict)
    """Name to the JSON of its value."""
    artifacts: dict[str, str] = field(default_factory=dict)
    """`job.name` to digest, of all jobs before."""
    images: dict[str, str] = field(default_factory=dict)
    """Job to the image that it built."""
    outputs: dict[str, str] = field(default_factory=dict)
    """Job before to the digest of its outputs."""
    verdicts: tuple[str, ...] = ()
    """Gates, as `job=passed`."""
    run: str = ""
    """The run whose release asks, between its steps or to pass its windows: a number may be given twice."""
    jobs: tuple[BoundJob, ...] = ()
    deployments: tuple[BoundDeployment, ...] = ()


def document(scope: Scope) -> bytes:
    """The canonical JSON (RFC 8785) whose SHA-256 is signed."""
    return canonical(plain(scope))


def uncovered(scopes: Sequence[Scope], now: BoundDeployment) -> str:
    """Why no approval let this deployment happen, with its code; empty: one did. Without scopes nothing is asked."""
    whys = [_uncovered(scope, now) for scope in scopes]
    return whys[-1] if whys and all(whys) else ""


def _uncovered(scope: Scope, now: BoundDeployment) -> str:
    was = next((one for one in scope.deployments if one.job == now.job), None)
    if was is None:
        return f"{CHANGED}: {now.job} is none of the deployments that {scope.job} approved"
    if was.digest and was.digest == now.digest:
        return ""
    what = f"{now.job} of {now.service} to {now.environment}"
    if now.artifact and not was.content:
        return f"{LATE}: {what}: artifact {now.artifact} was made after {scope.job}, which approved nothing of it"
    if was.late:
        return f"{LATE}: {what}: {was.late}, so {scope.job} approved nothing of it"
    differs = [name for name in ("content", "image", "version", "command") if getattr(was, name) != getattr(now, name)]
    words = {"content": f"artifact {now.artifact}"}
    said = ", ".join(words.get(name, name) for name in differs) or "its settings"
    return f"{CHANGED}: {what}: {said} is not what {scope.job} approved"


def changed(before: Scope, now: Scope) -> str:
    """What of a plan differs from what an approval was granted for, for people; empty: nothing.

    Compared is what a plan alone says: parameters and jobs. What the jobs before gave is compared when it is asked.
    """
    words = [
        *_differences("parameter", before.parameters, now.parameters),
        *_differences("job", {one.id: one.digest for one in before.jobs}, {one.id: one.digest for one in now.jobs}),
    ]
    more = f" and {len(words) - SHOWN} more" if len(words) > SHOWN else ""
    return f"after it, {', '.join(words[:SHOWN])}{more} changed since it was granted" if words else ""


def _differences(kind: str, before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    names = (name for name in sorted({*before, *now}) if before.get(name) != now.get(name))
    return [f"{kind} {name}" for name in islice(names, 100)]
