"""People, logins and machine tokens on the engine."""

from __future__ import annotations

import asyncio

from activities.access.addresses import Addresses
from activities.access.read_once import DefinitionsReadOnce, PeopleReadOnce
from activities.access.secret_values import TOKEN, hashed, new, new_id
from domain.access import scope
from domain.access.actions import Action
from domain.access.person import Credential, Person
from domain.access.principal import PrincipalKind
from domain.access.resource import ENGINE, Resource, ResourceKind
from domain.access.session import Session
from domain.access.token import Token, lifetime_complaint
from domain.core.errors import RefusedError, SluicewayError
from domain.core.values import Json
from workers.client.paging import after_of, limit_of, next_of
from workers.client.ports.access import KeyRow, PersonRow, SessionRow, TokenRow
from workers.client.ports.pages import Page, PageOf
from workers.client.rights.ground import RightsGround
from workers.client.unseen import unseen
from workers.core.records import Records

MOST_LABEL = 100


class PeopleOnEngine:
    """The part of `Access` about who people are. Everybody sees and ends what is their own."""

    def __init__(self, ground: RightsGround, records: Records) -> None:
        self._ground, self._records = ground, records

    async def people(self, page: PageOf) -> Page[PersonRow]:
        """See `Access`."""
        return await asyncio.to_thread(self._people, page)

    async def set_disabled(self, person: str, disabled: bool) -> None:
        """See `Access`. Nobody locks themself out."""
        nobody = SluicewayError("SLW428", f"there is nobody of the name {person[:64]!r}")
        if await asyncio.to_thread(self._records.people.get, person) is None:
            raise nobody
        about = of_person(person)
        async with (
            unseen(self._ground.guard, Action.PEOPLE_READ, about, nobody),
            self._ground.guard.use(Action.PEOPLE_WRITE, about, {"disabled": disabled}),
        ):
            if disabled and self._is_own(person):
                raise RefusedError("SLW433", "you cannot disable yourself", fix="let another administrator do it")
            await asyncio.to_thread(self._disabled, person, disabled)

    async def sessions(self, person: str = "") -> tuple[SessionRow, ...]:
        """See `Access`."""
        return await asyncio.to_thread(self._sessions, person)

    async def end_session(self, id_: str) -> None:
        """See `Access`.

        Raises:
            SluicewayError: SLW428, there is no such login.
        """
        found = await asyncio.to_thread(self._records.sessions.by_id, id_)
        none = SluicewayError("SLW428", f"there is no login {id_[:40]!r}")
        if found is None:
            raise none
        action, about = self._ending(found.person), of_person(found.person)
        async with (
            unseen(self._ground.guard, Action.PEOPLE_READ, about, none),
            self._ground.guard.use(action, about, {"session": found.id}),
        ):
            await asyncio.to_thread(self._records.sessions.end, found.id)

    async def tokens(self, page: PageOf) -> Page[TokenRow]:
        """See `Access`."""
        return await asyncio.to_thread(self._tokens, page)

    async def create_token(
        self, label: str, actions: tuple[str, ...], resources: tuple[str, ...], lifetime_s: float
    ) -> tuple[TokenRow, str]:
        """See `Access`.

        Raises:
            RefusedError: SLW427, its scope or its life is none, or the person has too many.
        """
        wrong = (*scope.complaints(actions, resources), lifetime_complaint(lifetime_s))
        if told := "; ".join(one for one in wrong if one):
            raise RefusedError("SLW427", "this token cannot be made", why=told)
        owner = self._owner()
        now = self._ground.clock()
        token = Token(
            id=new_id(),
            label="".join(one for one in label if one.isprintable())[:MOST_LABEL],
            owner=owner,
            scope=scope.asked(actions, resources),
            created_at=now,
            expires_at=now + lifetime_s,
        )
        secret = new(TOKEN)
        details: dict[str, Json] = {
            "token": token.id,
            "until": int(token.expires_at),
            "actions": sorted(token.scope.actions)[:100],
        }
        async with self._ground.guard.use(Action.TOKENS_CREATE, of_person(owner), details):
            await asyncio.to_thread(self._records.tokens.add, hashed(secret), token)
        return token_row(token), secret

    async def revoke_token(self, id_: str) -> None:
        """See `Access`. To take a right away needs no second factor.

        Raises:
            SluicewayError: SLW428, there is no such token.
        """
        found = await asyncio.to_thread(self._records.tokens.by_id, id_)
        none = SluicewayError("SLW428", f"there is no token {id_[:40]!r}")
        if found is None:
            raise none
        action, about = self._ending(found.owner), of_person(found.owner)
        async with (
            unseen(self._ground.guard, Action.PEOPLE_READ, about, none),
            self._ground.guard.use(action, about, {"token": found.id}),
        ):
            await asyncio.to_thread(self._records.tokens.end, found.id)

    def _disabled(self, person: str, disabled: bool) -> None:
        self._records.people.disable(person, self._ground.clock(), disabled=disabled)
        if disabled:
            self._records.sessions.end_all(person)
            self._records.logins.end_links(person)

    def _is_own(self, person: str) -> bool:
        return f"{PrincipalKind.PERSON}:{person}" == self._ground.who

    def _ending(self, person: str) -> Action:
        """What ending a login or a token of this person asks for. A token that may only read ends nothing, though its
        owner's own may be seen by it.
        """
        by_person = self._ground.caller.principal.kind is PrincipalKind.PERSON
        return Action.PEOPLE_READ if by_person and self._is_own(person) else Action.PEOPLE_WRITE

    def _owner(self) -> str:
        """The person who asks, and no token of theirs: it would make one that may more than itself."""
        if self._ground.caller.principal.kind is not PrincipalKind.PERSON:
            raise RefusedError("SLW427", "this token cannot be made", why="only a person makes one", fix="log in")
        return self._ground.caller.principal.name

    def _people(self, page: PageOf) -> Page[PersonRow]:
        self._ground.guard.need(Action.PEOPLE_READ, ENGINE)
        limit, after = limit_of(page), after_of(page, (str,), "people")
        found = self._records.people.page(str(after[0]) if after else "", limit + 1)
        more = next_of((found[limit - 1].name,), "people") if len(found) > limit else ""
        definitions, identities = self._records.definitions, self._records.identities
        book = Addresses(DefinitionsReadOnce(definitions), PeopleReadOnce(identities))
        return Page(tuple(self._row(one, book) for one in found[:limit]), more, self._ground.clock())

    def _row(self, person: Person, book: Addresses) -> PersonRow:
        kept = self._records.credentials.of(person.name)
        addresses = book.of(person.name)
        keys = tuple(map(key_row, kept))
        return PersonRow(
            name=person.name,
            groups=(*person.groups, *person.provider_groups),
            addresses=addresses,
            keys=keys,
            disabled=person.disabled,
        )

    def _sessions(self, person: str) -> tuple[SessionRow, ...]:
        name = person or self._ground.who.partition(":")[2]
        self._ground.guard.need(Action.PEOPLE_READ, of_person(name))
        found = self._records.sessions.of(name)
        return tuple(session_row(one, self._ground.caller.session) for one in found)

    def _tokens(self, page: PageOf) -> Page[TokenRow]:
        caller = self._ground.caller
        if caller.principal.kind in (PrincipalKind.TOKEN, PrincipalKind.WORKLOAD):
            own = self._records.tokens.by_id(caller.session)
            return Page((token_row(own),) if own else (), "", self._ground.clock())
        all_ = self._ground.guard.verdict(Action.PEOPLE_READ, ENGINE).allowed
        owner = "" if all_ else self._ground.who.partition(":")[2]
        limit, after = limit_of(page), after_of(page, (str,), "tokens", owner)
        found = self._records.tokens.page(owner, str(after[0]) if after else "", limit + 1)
        more = next_of((found[limit - 1].id,), "tokens", owner) if len(found) > limit else ""
        return Page(tuple(map(token_row, found[:limit])), more, self._ground.clock())


def forget(records: Records, name: str) -> None:
    """All that a person who was removed had: whoever gets the name later gets none of it."""
    records.sessions.end_all(name)
    records.tokens.end_all(name)
    records.credentials.remove_all(name)
    records.logins.end_links(name)
    records.people.remove(name)


def of_person(name: str) -> Resource:
    """A person as a resource: of whom they are the owner themself."""
    return Resource(kind=ResourceKind.PERSON, name=name)


def key_row(credential: Credential) -> KeyRow:
    """Without what it is compared with."""
    key = credential.key()
    return KeyRow(
        id=credential.id,
        kind=credential.kind.value,
        label=credential.label,
        fingerprint=key.fingerprint if key else "",
        created_at=credential.created_at,
        last_used_at=credential.last_used_at,
        confirmed=credential.confirmed,
    )


def session_row(session: Session, current: str) -> SessionRow:
    """`current`: id of the session that asks."""
    return SessionRow(
        id=session.id,
        person=session.person,
        address=session.address,
        agent=session.agent,
        began_at=session.began_at,
        seen_at=session.seen_at,
        current=session.id == current,
    )


def token_row(token: Token) -> TokenRow:
    """Without its secret."""
    return TokenRow(
        id=token.id,
        label=token.label,
        owner=token.owner,
        actions=tuple(sorted(token.scope.actions)),
        resources=tuple(sorted(token.scope.resources)),
        created_at=token.created_at,
        expires_at=token.expires_at,
        last_used_at=token.last_used_at,
    )
