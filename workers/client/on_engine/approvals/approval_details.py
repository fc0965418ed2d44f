"""Everything that a person looks at before signing, from what the command line shows too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from activities.core import serialization as serial
from domain.approvals import decisions
from domain.approvals.explained import explained
from domain.approvals.request import ApprovalSubject, EnvironmentRule, fingerprint
from domain.core import ids
from domain.core.documents import Manifest, Node, Object
from domain.core.errors import SluicewayError
from workers.client.on_engine.parts import EngineParts, temporal_path
from workers.client.ports.approvals import ApprovalDetails, ApprovalRow, CommitRow, DecisionRow

if TYPE_CHECKING:
    from activities.access.approval_lists import ListedApproval
    from activities.evidence.approval_review import Review
    from workflows.approvals.messages import ApprovalView

MOST_FILES = 500
MOST_DECISIONS = 200
MOST_TEXT = 2_000


def waits(one: ListedApproval) -> str:
    """What a request waits for, before anybody has decided."""
    return decisions.missing(one.opening.spec, [])


def unlisted(id_: str, view: ApprovalView) -> ApprovalRow:
    """A request that an earlier engine opened: its workflow alone knows it."""
    parts = id_.removeprefix("approval/").split("/")
    of = {"release": 4, "request": 3}.get(parts[0], 0)
    run = "/".join(parts[:of]) if of else ids.run_id(parts[0], 0).replace("/0", "/" + parts[1])
    why = "an earlier engine asked this: decide it with `sluiceway approve`"
    return ApprovalRow(
        id=id_, run=run, job=view.binding.job, environment=view.binding.environment, mine=False, why_not=why
    )


def details(
    parts: EngineParts, row: ApprovalRow, view: ApprovalView, subject: ApprovalSubject, rule: EnvironmentRule
) -> ApprovalDetails:
    """What the document says is read again from the store; what cannot be shown is told as evidence."""
    review, unseen = _review(parts, row.run, view)
    change = review.change if review else None
    return ApprovalDetails(
        row=row,
        subject=subject,
        digest=fingerprint(subject),
        message=view.message[:MOST_TEXT],
        outcome=view.outcome,
        decisions=tuple(_decisions(view)),
        authors=change.authors if change else view.people.authors,
        base=change.base if change else "",
        commit_count=change.commit_count if change else 0,
        file_count=change.file_count if change else 0,
        commits=tuple(CommitRow(one.sha, one.author, one.subject) for one in change.commits) if change else (),
        files=tuple(_file(one.path, one.added, one.removed) for one in change.files[:MOST_FILES]) if change else (),
        scope=_scope(review),
        live=_live(review),
        evidence=(*_evidence(review, view), *([unseen] if unseen else [])),
        unseen=unseen if view.binding.scope else "",
        rules=tuple(sentence for sentence, _ in explained(rule)) if rule.name else (),
        proof=rule.proof,
        temporal=temporal_path(row.id, parts.settings.namespace),
    )


def _review(parts: EngineParts, run: str, view: ApprovalView) -> tuple[Review | None, str]:
    from activities.access.environments import Environments
    from activities.evidence.approval_review import Reviewer
    from activities.source.mirrors import Mirrors

    if not view.binding.scope:
        return None, "an earlier engine asked this: it is bound to less"
    records, settings = parts.records, parts.settings
    environments = Environments(records.definitions, settings.open_environments)
    try:
        return Reviewer(records, parts.store, Mirrors(settings.mirrors), environments).review(
            view.binding.scope, run
        ), ""
    except SluicewayError as gone:
        return None, f"{gone.code}: {gone.what}"


def _decisions(view: ApprovalView) -> Iterator[DecisionRow]:
    for one in view.records[-MOST_DECISIONS:]:
        said = one.decision
        yield DecisionRow(said.approver, said.approve, said.comment, one.at, str(one.rule))


def _file(path: str, added: int, removed: int) -> str:
    return f"{'binary' if added < 0 else f'+{added} -{removed}'} {path}"


def _scope(review: Review | None) -> Object | None:
    return Node(serial.dump_plain(review.scope)).object() if review else None


def _live(review: Review | None) -> Object | None:
    """Of each deployment: the version that is live, and what differs from it."""
    if review is None or not any(one.live for one in review.deployments):
        return None
    told: Manifest = {}
    for one in review.deployments:
        differs = [[each.name, each.before, each.now] for each in one.differences]
        told[one.now.job] = {"live": one.live, "release": one.release, "differences": differs}
    if review.parameters:
        differs = [[each.name, each.before, each.now] for each in review.parameters]
        told["parameters"] = {"live": "", "release": "", "differences": differs}
    return told


def _evidence(review: Review | None, view: ApprovalView) -> Iterator[str]:
    if review is None:
        yield from view.binding.verdicts
        return
    for gate in review.gates:
        yield f"{gate.job}: {gate.status}"
        yield from (f"{gate.job}: {reason[:MOST_TEXT]}" for reason in gate.reasons[:50])
    if review.change.unknown:
        yield review.change.unknown
