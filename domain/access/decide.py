"""The one decision: may a principal do something with a resource, now, and which rule says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from domain.access.engine import Answer, PolicyEngine, Question
from domain.access.role import roles_with
from domain.access.verdict import STEP_UP, Layer, Verdict

_ORDER = (Layer.MAC, Layer.PBAC, Layer.ABAC, Layer.RBAC, Layer.DAC)
_LAYERS = {"grant": Layer.RBAC, "share": Layer.DAC, "mac": Layer.MAC, "rbac": Layer.RBAC, "dac": Layer.DAC} | {
    "abac": Layer.ABAC,
    "pbac": Layer.PBAC,
    "policy": Layer.PBAC,
}


def decide(engine: PolicyEngine, question: Question, now: float) -> Verdict:
    """Forbid wins, nothing is permitted by default, and a rule that cannot be evaluated forbids.

    `now`: seconds since the epoch.
    """
    return decide_all(engine, [question], now)[0]


def decide_all(engine: PolicyEngine, questions: Sequence[Question], now: float) -> tuple[Verdict, ...]:
    """A decision about each question, asked at once."""
    found, digest = answers(engine, questions), engine.digest
    return tuple(verdict_of(one, answer, digest, now) for one, answer in zip(questions, found, strict=True))


def answers(engine: PolicyEngine, questions: Sequence[Question]) -> tuple[Answer, ...]:
    """Of the engine, and of the registered policies: what either of them forbids is forbidden."""
    return tuple(_joined(one, answer) for one, answer in zip(questions, engine.ask(questions), strict=True))


def _joined(question: Question, answer: Answer) -> Answer:
    said = {one.rule for one in question.objections}
    return replace(answer, forbids=tuple(sorted({*answer.forbids, *said}))) if said else answer


def closed(questions: Sequence[Question], rule: str, now: float) -> tuple[Verdict, ...]:
    """Everything is refused, by a rule that could not be evaluated."""
    return tuple(verdict_of(one, Answer(errors=(rule,)), "", now) for one in questions)


def layer_of(rule: str) -> Layer:
    """The model that a rule belongs to, by the first part of its id."""
    return _LAYERS.get(rule.partition("/")[0], Layer.PBAC)


def verdict_of(question: Question, answer: Answer, digest: str, now: float) -> Verdict:
    """The answer of an engine, with the rule that people are told, why, and what is missing."""
    rule = _rule(answer)
    return Verdict(
        allowed=answer.allowed,
        action=question.action,
        principal=question.asker.principal.id,
        resource=question.resource.id,
        layer=Layer.DEFAULT if rule == "default/deny" else layer_of(rule),
        rule=rule,
        reason=_reason(question, answer, rule),
        missing="" if answer.allowed else _missing(question, answer),
        policy_digest=digest,
        at=now,
    )


def _rule(answer: Answer) -> str:
    if answer.errors:
        return answer.errors[0]
    firm = [one for one in answer.forbids if one != STEP_UP]
    if firm:
        return min(firm, key=_rank)
    if not answer.permits:
        return "default/deny"
    return STEP_UP if answer.forbids else min(answer.permits, key=_plainness)


def _rank(rule: str) -> tuple[int, str]:
    """Of what forbids, the model that nothing passes first."""
    return _ORDER.index(layer_of(rule)), rule


def _plainness(rule: str) -> tuple[int, str]:
    """Of what permits, a person's grant first."""
    return (Layer.RBAC, Layer.DAC, Layer.ABAC, Layer.PBAC, Layer.MAC).index(layer_of(rule)), rule


_REASONS = {
    "mac/no-read-up": "it is labelled above your clearance",
    "mac/no-write-down": "what the run holds is labelled above where it would go",
    "mac/run-no-read-up": "the secret is labelled above the run",
    "mac/integrity": "the run comes from a fork or from a stranger",
    "mac/own-label": "nobody sets their own label",
    "mac/label-keeper": "labels are kept by security administrators alone",
    "rbac/anonymous": "you are not logged in",
    "rbac/scope": "the token was not made for this",
    "rbac/own-grant": "nobody gives rights to themselves or to a group of their own",
    "rbac/keeper-grant": "the role security-admin is given by security administrators alone",
    STEP_UP: "your last second factor is more than five minutes ago, or there was none",
    "default/deny": "nothing permits it",
}


def _reason(question: Question, answer: Answer, rule: str) -> str:
    if rule in answer.errors:
        return "this policy could not be evaluated, and what cannot be evaluated is refused"
    if rule in _REASONS:
        return _REASONS[rule]
    said = next((one.why for one in question.objections if one.rule == rule), "")
    if said:
        return said
    grant = next((one for one in question.grants if one.rule == rule), None)
    if grant:
        return f"{grant.principal} has the role {grant.role} on {grant.resource}"
    if rule == "dac/owner":
        return "it is yours"
    if rule == "rbac/lint":
        return "whoever is logged in may check a text"
    if rule == "rbac/repository":
        return "a registered repository runs its own pipelines"
    return f"the policy {rule} {'permits' if answer.allowed else 'forbids'} it"


def _missing(question: Question, answer: Answer) -> str:
    """Each layer alone: what else is in the way, so that nobody asks for a role that would not help."""
    wanted = []
    if not answer.permits:
        wanted.append(f"the role {_or(roles_with(question.action)[:3])} on {_or(question.resource.above)}")
    wanted += [f"that {one} no longer forbids it ({_REASONS.get(one, 'a policy')})" for one in answer.forbids]
    wanted += [f"a policy {one} that can be evaluated" for one in answer.errors]
    return "; ".join(wanted)


def _or(words: Sequence[str]) -> str:
    return ", ".join(words[:-1]) + (" or " if len(words) > 1 else "") + words[-1] if words else "nobody has"
