"""Logins by an identity provider: there, back, and the logout that it sends."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from activities.access.identity_store import Identity
from activities.access.provider_client import Fetched, ProviderClient, ProviderError
from activities.access.provider_store import ProviderStore, secret_of
from domain.access import oidc
from domain.access.audit import AuditKind
from domain.access.oidc import IdentityProvider, LoginAsked
from domain.access.session import Session, Way
from domain.core import names
from domain.core.documents import Node, Object
from domain.core.errors import SluicewayError
from workers.client.logins.ground import Ground, Visitor
from workers.client.logins.sessions import Begun, Provider, Sessions

STATE = "oidc"
MOST_CODE = 4_096


@dataclass(frozen=True)
class Answered:
    """What comes back with the browser."""

    state: str
    code: str = ""
    issuer: str | None = None
    error: str = ""


@dataclass(frozen=True)
class ProviderLogins:
    """What a provider says is believed about who somebody is there, and about nothing here."""

    ground: Ground
    sessions: Sessions
    fetched: Fetched
    secret: Callable[[IdentityProvider], str] = secret_of

    @property
    def store(self) -> ProviderStore:
        """Those that administrators have registered."""
        return ProviderStore(self.ground.records.definitions)

    def back(self, name: str) -> str:
        """Where a provider sends the browser: one address each, so that two cannot be mixed up (RFC 9700, 4.4)."""
        return f"{self.ground.origin}/login/oidc/{name}/callback"

    def there(self, name: str, browser: str, onward: str, visitor: Visitor, session: Session | None = None) -> str:
        """Where to send the browser. `session`: that this is the second factor of.

        Raises:
            SluicewayError: SLW431, nobody registered the provider; SLW429, it does not answer.
        """
        self.ground.limit("login", visitor)
        client = self._client(name)
        asked = LoginAsked(
            provider=name,
            nonce=secrets.token_urlsafe(32),
            verifier=secrets.token_urlsafe(48),
            onward=onward,
            session=session.id if session else "",
            max_age=0 if session else -1,
        )
        endpoint = client.endpoint("authorization_endpoint")
        if not endpoint:
            raise ProviderError("its document has no authorization_endpoint")
        state = self.ground.records.logins.begin(STATE, browser, asked.plain(), self.ground.clock())
        return oidc.way_there(client.provider, endpoint, asked, state, self.back(name))

    def returned(
        self, name: str, browser: str, answered: Answered, visitor: Visitor, old: Session | None
    ) -> tuple[Begun, str]:
        """Logs in, or gives the second factor of `old`; and where the browser goes on to.

        Raises:
            RefusedError: SLW420, the answer does not log anybody in.
            SluicewayError: SLW429, the provider does not answer.
        """
        self.ground.limit("login", visitor)
        client = self._client(name)
        body = self.ground.records.logins.take(STATE, browser, answered.state, self.ground.clock())
        if body is None:
            raise self.ground.refused(Way.OIDC, "", "the state is unknown, used, over or of another browser", visitor)
        asked = oidc.asked_of(body)
        wrong = oidc.answer_complaint(client.provider, asked, answered.issuer, client.says_issuer())
        if wrong or answered.error or not 0 < len(answered.code) <= MOST_CODE:
            raise self.ground.refused(Way.OIDC, "", wrong or f"the provider says {answered.error[:100]!r}", visitor)
        claims, more = self._claims(client, asked, answered.code, visitor)
        return self._begun(client.provider, asked, claims, more, visitor, old), asked.onward

    def logged_out(self, name: str, token: str, visitor: Visitor) -> int:
        """A provider says that a session or a person there is over. How many sessions here ended.

        Raises:
            RefusedError: SLW420, it is no logout token of this provider.
        """
        self.ground.limit("login", visitor)
        client = self._client(name)
        try:
            claims = client.verified(token)
            wrong = oidc.logout_complaint(client.provider, claims, self.ground.clock())
        except ProviderError as refused:
            wrong, claims = refused.why, {}
        if wrong:
            raise self.ground.refused("backchannel", "", wrong, visitor)
        said = Node(claims)
        return self.ground.records.sessions.end_of_provider(
            client.provider.issuer, said["sid"].text(), said["sub"].text()
        )

    def _claims(self, client: ProviderClient, asked: LoginAsked, code: str, visitor: Visitor) -> tuple[Object, Object]:
        try:
            claims, more = client.exchange(code, asked.verifier, self.back(asked.provider))
        except ProviderError as refused:
            raise self.ground.refused(Way.OIDC, "", refused.why, visitor) from refused
        if wrong := oidc.id_token_complaint(client.provider, claims, asked, self.ground.clock()):
            raise self.ground.refused(Way.OIDC, "", f"the ID token: {wrong}", visitor)
        return claims, more

    def _begun(
        self,
        provider: IdentityProvider,
        asked: LoginAsked,
        claims: Object,
        more: Object,
        visitor: Visitor,
        old: Session | None,
    ) -> Begun:
        person = self._person(provider, claims, more, visitor)
        strong = oidc.proves_second_factor(provider, claims)
        if asked.session:
            if old is None or old.id != asked.session or old.person != person or not strong:
                why = "it is no second factor of this session"
                raise self.ground.refused(Way.OIDC, person, why, visitor)
            return self.sessions.renew(old, Way.OIDC, visitor)
        said = Node(claims)
        there = Provider(issuer=provider.issuer, session=said["sid"].text(), subject=said["sub"].text())
        return self.sessions.begin(person, Way.OIDC, visitor, provider=there, second_factor=strong, old=old)

    def _person(self, provider: IdentityProvider, claims: Object, more: Object, visitor: Visitor) -> str:
        """By the subject, never by a name or an address: these change hands. Their groups are those of now."""
        subject = Node(claims)["sub"].text()
        try:
            groups = oidc.groups_of(provider, claims, more)
        except ValueError as wrong:
            raise self.ground.refused(Way.OIDC, "", str(wrong), visitor) from wrong
        people = self.ground.records.people
        known = people.of_provider(provider.issuer, subject)
        name = known.name if known else self._admitted(provider, subject, claims, more, visitor)
        people.set_provider_groups(name, groups)
        return name

    def _admitted(
        self, provider: IdentityProvider, subject: str, claims: Object, more: Object, visitor: Visitor
    ) -> str:
        name = oidc.name_of(provider, subject, claims, more)
        if not provider.admits:
            raise self.ground.refused(
                Way.OIDC, name, "nobody registered this person, and nobody admits new ones", visitor
            )
        identities = self.ground.records.identities
        if any(names.looks_like(one.name, name) for one in identities.all()):
            raise self.ground.refused(Way.OIDC, name, "the name reads like that of somebody else", visitor)
        identities.save(Identity(name, ""))
        self.ground.records.people.add(name, self.ground.clock(), provider.issuer, subject)
        self.ground.record(AuditKind.PERSON, "admitted", name, visitor, {"issuer": provider.issuer, "subject": subject})
        return name

    def _client(self, name: str) -> ProviderClient:
        provider = self.store.get(name) if names.is_name(name) else None
        if provider is None:
            raise SluicewayError("SLW431", "there is no such identity provider")
        return ProviderClient(provider, self.fetched, lambda: self.secret(provider))
