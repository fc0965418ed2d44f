"""Rules that nobody can meet: such an approval only ever expires."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from domain.approvals.spec import ApprovalSpec
from domain.core.values import number


@dataclass(frozen=True)
class Person:
    """A registered identity."""

    name: str
    groups: Collection[str] = ()
    roles: Collection[str] = ()


def contradictions(spec: ApprovalSpec) -> Iterator[tuple[str, str]]:
    """Key, and why it can never be met, whoever is registered."""
    if spec.expires_s <= 0:
        yield "expires", "it expires at once, so nobody can approve it"
    if not spec.users or spec.groups or spec.roles:
        return
    users = len(set(spec.users))
    for group, quorum in sorted(spec.per_group.items()):
        if quorum > users:
            wants = f"{number(quorum, 'approval')} from group {group} are required"
            yield "per-group", f"{wants}, but only {number(users, 'user')} may approve"


def unmet(spec: ApprovalSpec, people: Sequence[Person]) -> Iterator[tuple[str, str]]:
    """Key, and why today's identities cannot meet it. Nobody is registered: nothing is known."""
    if not people:
        return
    may = [one for one in people if _may(spec, one)]
    names = {one.name for one in people}
    if missing := [user for user in dict.fromkeys(spec.users) if user not in names]:
        yield "users", f"no identity is registered for {', '.join(missing)}"
    for key, wanted, have in (("groups", spec.groups, "groups"), ("roles", spec.roles, "roles")):
        for one in dict.fromkeys(wanted):
            if not any(one in getattr(person, have) for person in people):
                yield key, f"no registered identity has {key.removesuffix('s')} {one}"
    quorum = max(spec.quorum, 1)
    if len(may) < quorum:
        yield "quorum", f"{number(quorum, 'approval')} needed, but {_who(len(may))} may approve"
    for group, wanted_of in sorted(spec.per_group.items()):
        members = sum(1 for one in may if group in one.groups)
        if members < wanted_of:
            of = f"{number(wanted_of, 'approval')} from group {group} needed"
            yield "per-group", f"{of}, but {_who(members)} of it may approve"


def _who(count: int) -> str:
    return f"only {count} of those registered" if count else "nobody registered"


def _may(spec: ApprovalSpec, one: Person) -> bool:
    if not (spec.users or spec.groups or spec.roles):
        return True
    return one.name in spec.users or bool({*one.groups} & {*spec.groups}) or bool({*one.roles} & {*spec.roles})
