"""A request as it is opened: what an inbox lists, and who may decide it, before anybody asks its workflow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from domain.approvals import decisions
from domain.approvals.request import (
    ApprovalSubject,
    ChangeAuthors,
    DecisionReason,
    EnvironmentRule,
    Request,
    VerifiedIdentity,
)
from domain.approvals.spec import ApprovalSpec


@dataclass(frozen=True, kw_only=True)
class Opening:
    """An approval that begins to wait."""

    run: str
    """Id of the run or of the release that asks."""
    job: str
    """The job or the step."""
    pipeline: str
    environment: str = ""
    commit: str = ""
    cluster: str = ""
    """What a request is asked of; empty: a run or a release asks."""
    spec: ApprovalSpec
    """What the pipeline asks for."""
    at: float
    """In seconds since the epoch."""

    def expires_at(self, rule: EnvironmentRule) -> float:
        """In seconds since the epoch."""
        return self.at + decisions.effective_policy(self.spec, rule).expires_s

    def request(self, rule: EnvironmentRule, people: ChangeAuthors) -> Request:
        """The request under the environment's rule as it is now."""
        return Request(
            spec=decisions.effective_policy(self.spec, rule),
            binding=ApprovalSubject(),
            people=people,
            opened_at=self.at,
            trust=rule.trust,
            must_users=rule.users,
            must_groups=rule.groups,
            proof=rule.proof,
            keys=rule.keys_asked(self.cluster),
        )


def why_not(request: Request, who: str, known: VerifiedIdentity, decided: Mapping[str, bool] | None = None) -> str:
    """Why a person may not decide, in the words of the rule; empty: they may. `decided`: whose decision counts."""
    if not known.known:
        return str(DecisionReason.UNKNOWN)
    if who in (decided or {}):
        return str(DecisionReason.REPEATED)
    rule = decisions.of_person(request, who, known)
    return "" if rule is DecisionReason.COUNTED else str(rule)
