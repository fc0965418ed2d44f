"""What an approval is about, as lines for a terminal. Whoever prints them escapes what strangers wrote."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from activities.evidence.approval_review import DeploymentReview, Review
from domain.approvals.request import EnvironmentRule, fingerprint
from domain.core.values import number
from workflows.approvals.messages import ApprovalView

SHOWN = 20
"""Entries of a list on a terminal; the whole of it is in `--json` and in the document."""


def lines(review: Review, asked: ApprovalView) -> Iterator[str]:
    """One text for each line, most important first."""
    scope, change = review.scope, review.change
    yield f"{scope.job} of {scope.pipeline}: {asked.waiting_for}"
    if asked.message:
        yield f"  message      {asked.message}"
    yield f"  repository   {scope.repository or '-'}"
    yield f"  commit       {scope.commit or '-'}"
    yield from _changes(review)
    for deployment in review.deployments:
        yield from _deployment(deployment)
    for parameter in review.parameters:
        yield f"  parameter    {parameter.name}: {parameter.before} -> {parameter.now}"
    for name, value in () if review.parameters else scope.parameters.items():
        yield f"  parameter    {name}: {value}"
    yield from _listed("artifact", [f"{name} {digest}" for name, digest in scope.artifacts.items()])
    yield from _listed("image", [f"{job} {image}" for job, image in scope.images.items()])
    for gate in review.gates:
        yield f"  gate         {gate.job} {gate.status}"
        yield from (f"                 {reason}" for reason in gate.reasons[:SHOWN])
    yield from _listed("runs after", [f"{one.id} ({one.kind})" for one in scope.jobs])
    yield f"  environment  {scope.environment or '-'}: {rule(review.rule)}"
    expires = datetime.fromtimestamp(asked.expires_at, UTC)
    yield f"  expires      {expires:%Y-%m-%d %H:%M:%S} UTC"
    yield f"  document     {review.digest}"
    yield f"  fingerprint  {fingerprint(asked.binding)}"
    if change.unknown:
        yield f"  note         {change.unknown}"


def rule(of: EnvironmentRule) -> str:
    """The environment's rule in one line."""
    who = [*of.users, *(f"group {group}" for group in of.groups)]
    allowed = [name for name in ("author", "committer", "starter") if getattr(of, f"allow_{name}")]
    per_group = [f"{count} of group {group}" for group, count in of.per_group.items()]
    words = [f"quorum {of.quorum}", *per_group, f"by {', '.join(who)}" if who else "by anybody registered"]
    return "; ".join([*words, f"{', '.join(allowed)} may decide" if allowed else "four eyes"])


def _changes(review: Review) -> Iterator[str]:
    change = review.change
    since = f"since {change.base[:12]}, which is live" if change.base else "nothing is live to compare with"
    yield f"  commits      {number(change.commit_count, 'commit')}, {since}"
    for commit in change.commits[:SHOWN]:
        yield f"                 {commit.sha[:12]} {commit.author}: {commit.subject}"
    yield from _more(change.commit_count, min(len(change.commits), SHOWN))
    yield from _listed("author", change.authors)
    if change.base:
        yield f"  files        {number(change.file_count, 'file')} changed"
        for file in change.files[:SHOWN]:
            count = "binary" if file.added < 0 else f"+{file.added} -{file.removed}"
            yield f"                 {file.path} {count}"
        yield from _more(change.file_count, min(len(change.files), SHOWN))


def _deployment(of: DeploymentReview) -> Iterator[str]:
    now = of.now
    yield f"  deploys      {now.service} {now.version} to {now.environment} by {now.job}, {now.strategy}"
    if now.late:
        yield f"                 refused later: {now.late}"
    for name, value in (("image", now.image), ("artifact", now.artifact), ("command", " ".join(now.command))):
        if value:
            yield f"                 {name} {value}"
    yield f"                 live: {of.live or 'nothing'}"
    yield from (f"                 {each.name}: {each.before or '-'} -> {each.now or '-'}" for each in of.differences)


def _listed(word: str, entries: Sequence[str]) -> Iterator[str]:
    yield from (f"  {word:<11}  {entry}" for entry in entries[:SHOWN])
    yield from _more(len(entries), min(len(entries), SHOWN))


def _more(count: int, shown: int) -> Iterator[str]:
    if count > shown:
        yield f"                 and {count - shown:,} more"
