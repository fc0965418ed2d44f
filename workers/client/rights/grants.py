"""Grants and shares: who gives what to whom, and who may do something."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from activities.access.told_rights import revoked, statement
from domain.access.actions import Action
from domain.access.attributes import Change
from domain.access.audit import AuditKind
from domain.access.grants import (
    GROUP,
    Grant,
    GrantKind,
    holders_of,
    receiver_problem,
    resource_problem,
    share_problem,
)
from domain.access.principal import PrincipalKind
from domain.access.resource import ENGINE, Resource
from domain.access.role import ROLES, Role
from domain.access.verdict import Verdict
from domain.authority.rights import of_grant
from domain.core.documents import Manifest
from domain.core.errors import DefinitionError, RefusedError, SluicewayError
from workers.client.paging import after_of, limit_of, next_of
from workers.client.ports.access import GrantRow
from workers.client.ports.pages import Page, PageOf
from workers.client.rights.ground import RightsGround, caller_of, resource_of, row_of
from workers.client.rights.pushes import of_push

MOST_ASKED = 500
"""People that one page of `who_can` asks about: it may be short, and still not the last one."""


class GrantsOnEngine:
    """`can`, `who_can`, and grants of `Access`."""

    def __init__(self, ground: RightsGround) -> None:
        self._ground = ground

    async def can(self, action: Action, resource: Resource, principal: str = "") -> Verdict:
        """See `Access`."""
        return await asyncio.to_thread(self._can, action, resource, principal)

    async def can_each(self, pairs: Sequence[tuple[Action, Resource]]) -> tuple[Verdict, ...]:
        """See `Access`."""
        return await asyncio.to_thread(self._ground.guard.verdicts, pairs)

    async def who_can(self, action: Action, resource: Resource, page: PageOf) -> Page[Verdict]:
        """See `Access`."""
        return await asyncio.to_thread(self._who_can, action, resource, page)

    async def grants(self, principal: str, page: PageOf) -> Page[GrantRow]:
        """See `Access`. One's own need no right."""
        return await asyncio.to_thread(self._grants, principal, page)

    async def grant(self, principal: str, role: str, resource: str, until: float = 0) -> GrantRow:
        """See `Access`."""
        return await asyncio.to_thread(self._grant, principal, role, resource, until)

    async def share(self, principal: str, role: str, resource: str, until: float) -> GrantRow:
        """See `Access`."""
        return await asyncio.to_thread(self._share, principal, role, resource, until)

    async def revoke(self, id_: str) -> None:
        """See `Access`. Shares that somebody gave by what they lose end with it."""
        await asyncio.to_thread(self._revoke, id_)

    def _can(self, action: Action, resource: Resource, principal: str) -> Verdict:
        about = self._ground.about(principal, resource)
        change = of_push(self._ground.policies, about, action, resource)
        return self._ground.decider.decide(about, action, resource, change)

    def _who_can(self, action: Action, resource: Resource, page: PageOf) -> Page[Verdict]:
        ground, limit = self._ground, limit_of(page)
        ground.guard.need(Action.ACCESS_READ, resource)
        last, asked = _text(after_of(page, (str,), "who-can", action, resource.id)), 0
        found: list[Verdict] = []
        while len(found) < limit and asked < MOST_ASKED:
            people = ground.people.page(last, limit)
            for person in people:
                last, asked = person.name, asked + 1
                verdict = ground.decider.decide(caller_of(person, ground.clock()), action, resource)
                if verdict.allowed and not person.disabled:
                    found.append(verdict)
                if len(found) == limit or asked == MOST_ASKED:
                    break
            if len(people) < limit:
                return Page(tuple(found), as_of=ground.clock())
        return Page(tuple(found), next_of((last,), "who-can", action, resource.id), ground.clock())

    def _grants(self, principal: str, page: PageOf) -> Page[GrantRow]:
        ground, limit = self._ground, limit_of(page)
        if principal != ground.who:
            ground.guard.need(Action.ACCESS_READ, ENGINE)
        after = after_of(page, (int,), "grants", principal)
        rows = ground.rights.grants.page(principal, int(after[0]) if after else 0, limit + 1, ground.clock())
        more = next_of((rows[limit - 1].id,), "grants", principal) if len(rows) > limit else ""
        return Page(tuple(map(row_of, rows[:limit])), more, ground.clock())

    def _grant(self, principal: str, role: str, resource: str, until: float) -> GrantRow:
        ground, now = self._ground, self._ground.clock()
        wanted = self._wanted(GrantKind.ROLE, principal, role, resource, until)
        if until and until <= now:
            raise DefinitionError("SLW412", "its end is over already")
        change = Change(own=principal in holders_of(ground.caller), giving=role)
        verdict = ground.need(Action.ACCESS_GRANT, resource_of(resource), change)
        return self._kept(wanted, verdict)

    def _share(self, principal: str, role: str, resource: str, until: float) -> GrantRow:
        ground, about = self._ground, resource_of(resource)
        wanted = self._wanted(GrantKind.SHARE, principal, role, resource, until)
        verdict = ground.need(Action.ACCESS_SHARE, about)
        if problem := share_problem(wanted.role, until, ground.clock(), self._held(wanted, about)):
            raise RefusedError("SLW412", problem)
        return self._kept(wanted, verdict)

    def _held(self, wanted: Grant, about: Resource) -> frozenset[Action]:
        """What the giver may do with it, of what the role has."""
        actions = sorted(ROLES[wanted.role])
        verdicts = self._ground.decider.decide_each(self._ground.caller, [(one, about) for one in actions])
        return frozenset(one for one, verdict in zip(actions, verdicts, strict=True) if verdict.allowed)

    def _wanted(self, kind: GrantKind, principal: str, role: str, resource: str, until: float) -> Grant:
        problem = receiver_problem(principal) or resource_problem(resource)
        if not problem and role not in set(Role):
            problem = f"{role[:80]!r} is none of {', '.join(Role)}"
        if problem:
            raise DefinitionError("SLW412", problem)
        at = self._ground.clock()
        return Grant(
            id=0,
            kind=kind,
            principal=principal,
            role=Role(role),
            resource=resource,
            by=self._ground.who,
            at=at,
            until=until,
        )

    def _kept(self, wanted: Grant, verdict: Verdict) -> GrantRow:
        details: Manifest = {
            "to": wanted.principal,
            "role": str(wanted.role),
            "until": int(wanted.until),
            "kind": str(wanted.kind),
        }
        with self._ground.change(AuditKind.GRANT, verdict, details) as changing:
            made = self._ground.rights.grants.add(changing.connection, wanted)
            changing.details["grant"] = made.id
            changing.said.append(statement(of_grant(made)))
        return row_of(made)

    def _revoke(self, id_: str) -> None:
        ground, now = self._ground, self._ground.clock()
        found = ground.rights.grants.get(int(id_)) if id_.isascii() and id_.isdecimal() and len(id_) < 19 else None
        if found is None or not found.holds(now):
            raise _no_grant(id_)
        about = resource_of(found.resource)
        is_giver = found.kind == GrantKind.SHARE and found.by == ground.who
        action = Action.ACCESS_SHARE if is_giver else Action.ACCESS_GRANT
        verdict = self._needed(found, action, about)
        details: Manifest = {"grant": found.id, "from": found.principal, "role": str(found.role), "revoked": True}
        self._taken(found, verdict, details)
        self._end_shares(found, verdict)

    def _needed(self, grant: Grant, action: Action, about: Resource) -> Verdict:
        """Whoever may not know of a grant gets the same answer as for none."""
        try:
            return self._ground.need(action, about, Change(giving=grant.role))
        except RefusedError:
            is_own = grant.principal in holders_of(self._ground.caller)
            if is_own or self._ground.guard.verdict(Action.ACCESS_READ, about).allowed:
                raise
            raise _no_grant(str(grant.id)) from None

    def _end_shares(self, lost: Grant, verdict: Verdict) -> None:
        """A share gives at most what its giver has: those that gave more than is left to them end."""
        for share in self._shares_after(lost):
            giver, about = self._ground.as_if(share.by), resource_of(share.resource)
            pairs = [(one, about) for one in sorted(ROLES[share.role])]
            if all(one.allowed for one in self._ground.decider.decide_each(giver, pairs)):
                continue
            details: Manifest = {
                "grant": share.id,
                "from": share.principal,
                "revoked": True,
                "because": f"{lost.rule} is revoked",
            }
            self._taken(share, verdict, details)

    def _taken(self, lost: Grant, verdict: Verdict, details: Manifest) -> None:
        ground = self._ground
        with ground.change(AuditKind.GRANT, verdict, details) as changing:
            ground.rights.grants.revoke(changing.connection, lost.id, ground.who, ground.clock())
            changing.said.append(revoked(lost.id))

    def _shares_after(self, lost: Grant) -> list[Grant]:
        kind, _, name = lost.principal.partition(":")
        store, now = self._ground.rights.grants, self._ground.clock()
        if kind == PrincipalKind.PERSON:
            return list(store.shares_by(lost.principal, now))
        if kind != GROUP:
            return []
        givers = {one.by for one in store.shares(now)}
        return [
            share
            for giver in sorted(givers)
            if name in self._ground.as_if(giver).principal.groups
            for share in store.shares_by(giver, now)
        ]


def _no_grant(id_: str) -> SluicewayError:
    return SluicewayError("SLW415", f"there is no grant {id_[:40]}")


def _text(after: tuple[str | int | float, ...] | None) -> str:
    return str(after[0]) if after else ""
