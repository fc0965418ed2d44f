"""What an approval is about, as lines for a terminal. Whoever prints them escapes what strangers wrote."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from domain.core.documents import Node
from domain.core.values import number
from workers.client.ports.approvals import ApprovalDetails

SHOWN = 20
"""Entries of a list on a terminal; the whole of it is in `--json` and in the document."""


def lines(found: ApprovalDetails) -> Iterator[str]:
    """One text for each line, most important first."""
    row, subject, scope = found.row, found.subject, Node(dict(found.scope or {}))
    yield f"{row.job} of {row.run}: {row.waiting_for}"
    if found.message:
        yield f"  message      {found.message}"
    yield f"  repository   {subject.repository or '-'}"
    yield f"  commit       {subject.commit or '-'}"
    yield from _changes(found)
    for one in scope["deployments"]:
        yield from _deployment(one, Node(dict(found.live or {}))[one["job"].text()])
    yield from _parameters(found, scope)
    yield from _listed("artifact", _pairs(scope["artifacts"]) if scope else subject.digests)
    yield from _listed("image", _pairs(scope["images"]))
    yield from _listed("evidence", found.evidence)
    yield from _listed("runs after", [f"{one['id'].text()} ({one['kind'].text()})" for one in scope["jobs"]])
    yield f"  environment  {subject.environment or '-'}"
    yield from (f"                 {rule}" for rule in found.rules)
    for decision in found.decisions[-SHOWN:]:
        said = "approved" if decision.approve else "rejected"
        yield f"  decision     {decision.approver} {said}: {decision.rule} {decision.comment}".rstrip()
    yield f"  expires      {datetime.fromtimestamp(row.expires_at, UTC):%Y-%m-%d %H:%M:%S} UTC"
    yield f"  document     {subject.scope or '-'}"
    yield f"  fingerprint  {found.digest}"


def _changes(found: ApprovalDetails) -> Iterator[str]:
    if not found.commit_count:
        return
    since = f"since {found.base[:12]}, which is live" if found.base else "nothing is live to compare with"
    yield f"  commits      {number(found.commit_count, 'commit')}, {since}"
    for commit in found.commits[:SHOWN]:
        yield f"                 {commit.id[:12]} {commit.author}: {commit.subject}"
    yield from _more(found.commit_count, min(len(found.commits), SHOWN))
    yield from _listed("author", found.authors)
    if found.base:
        yield f"  files        {number(found.file_count, 'file')} changed"
        yield from (f"                 {file}" for file in found.files[:SHOWN])
        yield from _more(found.file_count, min(len(found.files), SHOWN))


def _deployment(now: Node, live: Node) -> Iterator[str]:
    service, version, environment = (now[name].text() for name in ("service", "version", "environment"))
    yield f"  deploys      {service} {version} to {environment} by {now['job'].text()}, {now['strategy'].text()}"
    if now["late"]:
        yield f"                 refused later: {now['late'].text()}"
    command = " ".join(part.text() for part in now["command"])
    for name, value in (("image", now["image"].text()), ("artifact", now["artifact"].text()), ("command", command)):
        if value:
            yield f"                 {name} {value}"
    yield f"                 live: {live['live'].text() or 'nothing'}"
    yield from (f"                 {text}" for text in _differences(live))


def _differences(live: Node) -> Iterator[str]:
    for each in live["differences"]:
        name, before, now = (part.text() for part in each)
        yield f"{name}: {before or '-'} -> {now or '-'}"


def _parameters(found: ApprovalDetails, scope: Node) -> Iterator[str]:
    """Those that differ from the run that is live; all, where none does."""
    differ = list(_differences(Node(dict(found.live or {}))["parameters"]))
    values = [f"{name}: {value.text()}" for name, value in scope["parameters"].fields()]
    yield from (f"  parameter    {text}" for text in differ or values)


def _pairs(of: Node) -> list[str]:
    return [f"{name} {value.text()}" for name, value in of.fields()]


def _listed(word: str, entries: Sequence[str]) -> Iterator[str]:
    yield from (f"  {word:<11}  {entry}" for entry in entries[:SHOWN])
    yield from _more(len(entries), min(len(entries), SHOWN))


def _more(count: int, shown: int) -> Iterator[str]:
    if count > shown:
        yield f"                 and {count - shown:,} more"
