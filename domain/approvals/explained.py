"""The rules of an environment in sentences, each with where it comes from."""

from __future__ import annotations

from collections.abc import Iterator

from domain.approvals import registration
from domain.approvals.request import EnvironmentRule, Keys, Proof, Trust
from domain.core.values import duration_text, number

PIPELINES = "a pipeline may demand more, never less"


def explained(rule: EnvironmentRule) -> Iterator[tuple[str, str]]:
    """What holds, and why."""
    if refused := registration.refusal(rule):
        yield "nothing is deployed to it or approved for it", refused
        return
    named = [*rule.users, *(f"group {group}" for group in rule.groups)]
    if rule.quorum or rule.per_group:
        each = [f"{number(count, 'approval')} from group {group}" for group, count in sorted(rule.per_group.items())]
        asked = ", ".join([number(max(rule.quorum, 1), "approval"), *each])
        yield f"a deployment needs {asked}, granted earlier in the same run", PIPELINES
    else:
        yield "a deployment needs no approval", "its rules name nobody, and no quorum"
    yield f"approvals: {', '.join(named) if named else 'whoever the pipeline names'} may decide", PIPELINES
    for who, allowed in (
        ("authors", rule.allow_author),
        ("committers", rule.allow_committer),
        ("the starter", rule.allow_starter),
    ):
        if allowed:
            yield f"{who} may decide where the pipeline allows it too", "the environment says `allow`"
        else:
            yield f"{who} of a change may not decide, whatever the pipeline says", "four eyes"
    if rule.trust is Trust.OPEN:
        yield "unsigned decisions count, under the name that they claim", "the environment says `trust: open`"
    else:
        yield "only signed decisions count", "trust: signed"
    if rule.proof is Proof.ANY:
        yield "keys that are stored in a browser count too", "the environment says `proof: any`"
    if rule.keys is Keys.ANY:
        yield "first keys count without a second person's confirmation", "the environment says `keys: any`"
    else:
        yield "a key counts once somebody else has confirmed it", "keys: confirmed"
    if rule.max_expires_s:
        yield f"an approval is open for at most {duration_text(rule.max_expires_s)}", "max-expires"
