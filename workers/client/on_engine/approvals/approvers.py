"""Whether the caller may decide a request: by their rights, and by the rule of the request itself."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from domain.access.actions import Action
from domain.access.keys import KeyKind
from domain.access.principal import PrincipalKind
from domain.access.resource import Resource
from domain.approvals.opening import why_not
from domain.approvals.request import ChangeAuthors, EnvironmentRule, VerifiedIdentity
from domain.authority.registrations import RegisteredPerson
from domain.core.errors import SluicewayError
from workers.client.guard import Guard
from workers.client.on_engine.orders import home_of
from workers.client.on_engine.parts import EngineParts

if TYPE_CHECKING:
    from activities.access.addresses import Addresses
    from activities.access.approval_lists import ListedApproval
    from activities.access.environments import Environments
    from activities.authority.client import AuthorityClient

NOT_READ = ChangeAuthors()
PATIENCE_S = 0.1
"""A page does not wait for a signer that is away: what is listed is shown until it is back, and decides nothing."""
OWNER = "the owner of a home has no key: sign with `sluiceway approve --as NAME`"
NOBODY = "only a person with a key decides"


class Signer(Protocol):
    """What the signer knows."""

    def person(self, name: str) -> RegisteredPerson | None:
        """None: nobody of that name."""
        ...

    def rule(self, environment: str) -> EnvironmentRule:
        """Of an environment."""
        ...


class Approvers:
    """Of one caller; what it reads is kept for one request."""

    def __init__(self, parts: EngineParts, guard: Guard, signer: Signer | None = None) -> None:
        """`signer`: None, that of the home."""
        self._parts, self._guard, self._told = parts, guard, signer
        self._rules: dict[str, EnvironmentRule] = {}

    @property
    def person(self) -> str:
        """The caller's name, if a person asks; else empty. A token signs nothing."""
        who = self._guard.caller.principal
        return who.name if who.kind is PrincipalKind.PERSON else ""

    def why_not(self, one: ListedApproval, about: Resource) -> str:
        """Why the caller may not decide it, with the rule; empty: they may. The request's own rule is asked first: it
        costs less than their rights, and most requests of an inbox are somebody else's.
        """
        if not self.person:
            return OWNER if self._guard.caller.principal.kind is PrincipalKind.OWNER else NOBODY
        people = one.people or NOT_READ
        known = self._known(people.addresses if people.asked else ())
        request = one.opening.request(self.rule(one.opening.environment), people)
        return why_not(request, self.person, known) or self._lacking(about)

    def _lacking(self, about: Resource) -> str:
        verdict = self._guard.verdict(Action.APPROVALS_DECIDE, about)
        if verdict.allowed:
            return ""
        return f"{verdict.rule}: {verdict.reason}" if verdict.reason else verdict.rule

    def rule(self, environment: str) -> EnvironmentRule:
        """The environment's rule as it is now: the signer's, or where it is away, what is listed."""
        if environment not in self._rules:
            self._rules[environment] = self._rule(environment)
        return self._rules[environment]

    def _rule(self, environment: str) -> EnvironmentRule:
        try:
            return self._signer.rule(environment)
        except SluicewayError:
            listed = self._environments.get(environment).approval
            return replace(listed, home=home_of(self._parts.settings))

    def _known(self, addresses: tuple[str, ...]) -> VerifiedIdentity:
        found, owned = self._registered, self._owned
        unowned = self._addresses.unowned(addresses) if addresses else ()
        if found is None:
            return VerifiedIdentity(addresses=owned, unowned=unowned)
        confirmed = bool(found.confirmed)
        return VerifiedIdentity(True, found.groups, found.roles, True, owned, unowned, confirmed=confirmed)

    @property
    def passkeys(self) -> tuple[str, ...]:
        """Ids of those of the caller."""
        found = self._registered if self.person else None
        return tuple(key.id for key in found.keys if key.kind is KeyKind.PASSKEY and key.id) if found else ()

    @cached_property
    def _registered(self) -> RegisteredPerson | None:
        """As the signer has them, if they have a key; while it is away, what is listed: that decides nothing."""
        try:
            found = self._signer.person(self.person)
        except SluicewayError:
            kept = self._parts.records.identities.get(self.person)
            return RegisteredPerson(kept.name, kept.groups, kept.roles, confirmed=("unknown",)) if kept else None
        return found if found and found.keys else None

    @cached_property
    def _signer(self) -> Signer:
        return self._told or _client(self._parts)

    @cached_property
    def _environments(self) -> Environments:
        from activities.access.environments import Environments

        return Environments(self._parts.records.definitions, self._parts.settings.open_environments)

    @cached_property
    def _owned(self) -> tuple[str, ...]:
        return self._addresses.of(self.person)

    @cached_property
    def _addresses(self) -> Addresses:
        """As they are listed now, read once: an inbox has many requests."""
        from activities.access.addresses import Addresses
        from activities.access.read_once import DefinitionsReadOnce, PeopleReadOnce

        records = self._parts.records
        return Addresses(DefinitionsReadOnce(records.definitions), PeopleReadOnce(records.identities))


def _client(parts: EngineParts) -> AuthorityClient:
    from activities.authority.client import ANSWER_S, AuthorityClient, Socket

    return AuthorityClient(Socket(parts.settings.signer_server_socket, PATIENCE_S, ANSWER_S).ask, parts.store.get)
