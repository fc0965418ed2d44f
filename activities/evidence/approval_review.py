"""What an approver sees before signing, and a report afterwards: what would happen, beside what is live."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Protocol

from activities.access.environments import Environments
from activities.core import serialization as serial
from activities.evidence.records import Records
from activities.source.change_range import ChangeRange, of_mirror
from activities.source.mirrors import Mirrors
from activities.storage.port import Store
from domain.approvals.request import EnvironmentRule
from domain.approvals.scope import SUBJECT, BoundDeployment, Scope
from domain.core.documents import Node
from domain.core.errors import SluicewayError
from domain.jobs.result import JobResult
from domain.releases.record import ReleaseRecord
from domain.scans.gate import GateVerdict

COMPARED = ("version", "image", "content", "command", "strategy", "target")


@dataclass(frozen=True)
class Difference:
    """A value that is not what is live."""

    name: str
    before: str
    now: str


@dataclass(frozen=True, kw_only=True)
class DeploymentReview:
    """One deployment after the approval, beside what is live."""

    now: BoundDeployment
    live: str = ""
    """The version that is live; empty: none is recorded."""
    release: str = ""
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True)
class GateReview:
    """A gate before the approval, with everything that it left out."""

    job: str
    status: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Review:
    """Everything that an approval is about."""

    scope: Scope
    digest: str
    """SHA-256 of the scope's document, which is signed."""
    change: ChangeRange
    deployments: tuple[DeploymentReview, ...] = ()
    parameters: tuple[Difference, ...] = ()
    """Those that are not as in the run that is live."""
    gates: tuple[GateReview, ...] = ()
    rule: EnvironmentRule = EnvironmentRule()
    """The environment's rule, as it is now."""


class Fetched(Protocol):
    """Where the commits are read from."""

    def __call__(self, repository: str, base: str, head: str) -> ChangeRange: ...


@dataclass(frozen=True)
class Reviewer:
    """Reads records, store and mirrors; does not need Temporal."""

    records: Records
    store: Store
    mirrors: Mirrors
    environments: Environments

    def review(self, digest: str, run: str, before: float = 0.0) -> Review:
        """`run`: whose approval or release step asks. `before`: what was live then, in seconds since the epoch; 0: now.

        Raises:
            SluicewayError: SLW026, the document is gone or cannot be read.
        """
        try:
            scope = serial.load(Scope, self.store.get(digest))
        except (SluicewayError, ValueError) as gone:
            transient = isinstance(gone, SluicewayError) and gone.transient
            why = str(gone)[:300]
            raise SluicewayError(
                "SLW026", f"what is approved of {run} cannot be shown", why=why, transient=transient
            ) from gone
        live = {one.job: self._live(one, run, before) for one in scope.deployments}
        first = next((row for row in live.values() if row), None)
        past = self.records.runs.get(first["run"]) if first else None
        base = past["commit_id"] if past else ""
        return Review(
            scope=scope,
            digest=digest,
            change=self._change(scope, base),
            deployments=tuple(self._deployment(one, live[one.job]) for one in scope.deployments),
            parameters=tuple(self._parameters(scope, past["id"])) if past else (),
            gates=tuple(self._gates(run, scope)),
            rule=self.environments.get(scope.environment).approval,
        )

    def _live(self, one: BoundDeployment, run: str, before: float) -> ReleaseRecord | None:
        """The last release that made a version live, before the one that is asked for."""
        for row in self.records.releases.latest(one.service, 200):
            late = before and (row["ended_at"] or before) >= before
            if row["environment"] != one.environment or row["run"] == run or row["id"] == run or late:
                continue
            if Node(json.loads(row["result"]))["verdict"].text() == "live":
                return row
        return None

    def _change(self, scope: Scope, base: str) -> ChangeRange:
        if not (scope.repository and scope.commit):
            return ChangeRange(unknown="it is of no repository")
        try:
            mirror = self.mirrors.fetch(scope.repository, scope.commit)
        except SluicewayError as broken:
            return ChangeRange(head=scope.commit, unknown=broken.what)
        return of_mirror(mirror, base, scope.commit)

    def _deployment(self, now: BoundDeployment, live: ReleaseRecord | None) -> DeploymentReview:
        if live is None:
            return DeploymentReview(now=now)
        version = Node(json.loads(live["result"]))["live"].text()
        was = self._approved(live["run"], now)
        found: list[Difference] = []
        if was is not None:
            pairs = ((name, _text(was, name), _text(now, name)) for name in COMPARED)
            found = [Difference(*pair) for pair in pairs if pair[1] != pair[2]]
        elif version != now.version:
            found = [Difference("version", version, now.version)]
        if was is not None and not found and was.digest != now.digest:
            found = [Difference("settings", "as approved then", "changed: environment variables, probes or rollout")]
        return DeploymentReview(now=now, live=version, release=live["id"], differences=tuple(found))

    def _approved(self, run: str, like: BoundDeployment) -> BoundDeployment | None:
        """What was approved of the service in the run that is live."""
        for scope in self._scopes(run):
            for one in scope.deployments:
                if (one.service, one.environment) == (like.service, like.environment):
                    return one
        return None

    def _scopes(self, run: str) -> Iterator[Scope]:
        for result in self._results(run).values():
            if digest := result.artifacts.get(SUBJECT, ""):
                try:
                    yield serial.load(Scope, self.store.get(digest))
                except (SluicewayError, ValueError):
                    continue

    def _results(self, run: str) -> Mapping[str, JobResult]:
        rows = self.records.runs.jobs(run)
        return {row["job"]: serial.load(JobResult, row["result"]) for row in rows if row["result"] != "{}"}

    def _parameters(self, scope: Scope, past: str) -> Iterator[Difference]:
        before = next((one.parameters for one in self._scopes(past)), None)
        if before is None:
            return
        for name in sorted({*before, *scope.parameters}):
            was, now = before.get(name, "-"), scope.parameters.get(name, "-")
            if was != now:
                yield Difference(name, was, now)

    def _gates(self, run: str, scope: Scope) -> Iterator[GateReview]:
        results = self._results(run)
        for said in scope.verdicts:
            job, _, status = said.partition("=")
            result = results.get(job)
            yield GateReview(job, status, self._reasons(result) if result else ())

    def _reasons(self, result: JobResult) -> tuple[str, ...]:
        try:
            verdict = serial.load(GateVerdict, self.store.get(result.report)) if result.report else None
        except (SluicewayError, ValueError):
            verdict = None
        return verdict.reasons if verdict else (result.reason,)


def _text(one: BoundDeployment, name: str) -> str:
    values = {field.name: getattr(one, field.name) for field in fields(one)}
    value = values[name]
    return " ".join(value) if isinstance(value, tuple) else str(value)
