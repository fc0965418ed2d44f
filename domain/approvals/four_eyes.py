"""Who made a change may not decide about it. People are told apart by the addresses that identities own."""

from __future__ import annotations

from domain.approvals.request import ChangeAuthors, DecisionReason, VerifiedIdentity
from domain.approvals.spec import ApprovalSpec


def objection(spec: ApprovalSpec, people: ChangeAuthors, who: str, checked: VerifiedIdentity) -> DecisionReason | None:
    """The rule that keeps an approver from deciding about this change; None: none does.

    Fails closed: who made a change must be known, and somebody must own each of their addresses. A starter that no
    channel knows is not believed to be somebody else than the authors.
    """
    if not people.asked:
        return _by_names(spec, people, who)
    starter_known = bool(people.starter_from) and people.starter not in checked.unowned
    starters = (people.starter,) if starter_known else (people.starter, *people.authors)
    banned = (
        (spec.allow_author, people.authors, DecisionReason.AUTHOR),
        (spec.allow_committer, people.committers, DecisionReason.COMMITTER),
        (spec.allow_starter, starters, DecisionReason.STARTER),
    )
    for allowed, persons, rule in banned:
        if not allowed and any(owns(who, checked, person) for person in persons):
            return rule
    asked = {person for allowed, persons, _ in banned[:2] if not allowed for person in persons}
    asked.update(people.authors if not (spec.allow_starter or starter_known) else ())
    if people.unknown and not (spec.allow_author and spec.allow_committer and spec.allow_starter):
        return DecisionReason.UNTOLD
    return DecisionReason.UNOWNED if asked.intersection(checked.unowned) else None


def owns(who: str, checked: VerifiedIdentity, person: str) -> bool:
    """Whether an address or a login is the approver's. Unsigned approvers own what looks like their name."""
    if not person:
        return False
    if not checked.known:
        return same_person(who, person)
    return person.casefold() in checked.addresses or person.casefold() == who.casefold()


def _by_names(spec: ApprovalSpec, people: ChangeAuthors, who: str) -> DecisionReason | None:
    """As engines before decided, for what they began: by the names that the last commit says."""
    banned = (
        (spec.allow_author, people.author, DecisionReason.AUTHOR),
        (spec.allow_committer, people.committer, DecisionReason.COMMITTER),
        (spec.allow_starter, people.starter, DecisionReason.STARTER),
    )
    for allowed, person, rule in banned:
        if not allowed and same_person(who, person):
            return rule
    return None


def same_person(approver: str, person: str) -> bool:
    """Whether two names mean one person: `ada`, `Ada <ada@example.org>` and `ada@example.org` are the same, in any
    case.
    """
    if not person or not approver:
        return False
    address = person[person.find("<") + 1 : person.rfind(">")] if "<" in person else person
    name = person.split("<")[0].strip()
    names = {part.casefold() for part in (person, address, address.split("@")[0], name) if part}
    return approver.casefold() in names
