"""What the owner of a home says about people, in the home itself: everything here is audited as done by hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from activities.access.login_store import LinkKind
from activities.access.provider_client import ProviderClient
from activities.access.provider_store import secret_of
from domain.access.audit import AuditKind, AuditOutcome, event_of
from domain.access.keys import PersonKey
from domain.access.oidc import IdentityProvider
from domain.access.principal import OWNER, Caller
from domain.access.workload import Trust
from domain.authority.registrations import ADMINISTRATOR, Registration, Topic
from domain.core.documents import Node
from domain.core.errors import DefinitionError, SluicewayError, UnreachableError
from domain.core.values import Json
from workers.client.founding import Founding
from workers.client.logins.ground import Visitor
from workers.client.logins.logins import Logins
from workers.client.logins.of_home import founding_of, logins_of
from workers.core.records import Records, open_records
from workers.core.settings import Settings

HERE = Visitor(browser=False)
MOST_ATTRIBUTES, MOST_TEXT = 50, 200


@dataclass(frozen=True)
class HomeLogins:
    """Of one home."""

    records: Records
    logins: Logins
    founding: Founding

    def invite(self, name: str, groups: Sequence[str], roles: Sequence[str]) -> str:
        """The address of a one-time link. Raises like `Founding.link`; UnreachableError: SLW901, there is no server."""
        self._served()
        return self.founding.link(name, LinkKind.INVITATION, groups, roles)

    def recover(self, name: str, *, keep_keys: bool) -> str:
        """A link for a registered person, who is an administrator from then on.

        Raises:
            SluicewayError: SLW876, nobody of that name is registered.
        """
        self._needed(name)
        self._served()
        if not keep_keys:
            known = self.logins.ground.registry.person(name)
            for key in known.keys if known else ():
                self.founding.tell(Registration(topic=Topic.LOST, name=name, body={"fingerprint": key.fingerprint}))
            self.records.credentials.remove_all(name)
            self.records.sessions.end_all(name)
            self.records.tokens.end_all(name)
        self.records.people.disable(name, self.logins.ground.clock(), disabled=False)
        return self.founding.link(name, LinkKind.RECOVERY, (), (ADMINISTRATOR,))

    def unconfirmed(self, name: str) -> tuple[PersonKey, ...]:
        """Keys of a person that nobody else has confirmed yet. Raises like `recover`."""
        self._needed(name)
        known = self.logins.ground.registry.person(name)
        return tuple(one for one in known.keys if one.fingerprint not in known.confirmed) if known else ()

    def confirm(self, name: str, fingerprint: str) -> None:
        """Says by hand that a key is the person's. RefusedError: SLW435, they have no such key."""
        self.founding.tell(Registration(topic=Topic.CONFIRMED, name=name, body={"fingerprint": fingerprint}))
        for one in self.records.credentials.of(name):
            if (key := one.key()) is not None and key.fingerprint == fingerprint:
                self.records.credentials.confirm(name, one.id)
        self._said("confirm", name, {"fingerprint": fingerprint})

    def set_attributes(self, name: str, pairs: Sequence[str]) -> None:
        """`KEY=VALUE`; `yes` and `no` are booleans, digits are numbers.

        Raises:
            DefinitionError: SLW501, that is no pair.
        """
        self._needed(name)
        found = dict(map(_pair, pairs[:MOST_ATTRIBUTES]))
        self.records.people.set_attributes(name, found, self.logins.ground.clock())
        self._said("attributes", name, {"attributes": list(pairs[:MOST_ATTRIBUTES])})

    def set_password(self, name: str, password: str) -> None:
        """Raises like `PasswordLogins.set`."""
        self.logins.passwords.set(name, password, HERE)

    def add_provider(self, provider: IdentityProvider) -> str:
        """Its redirect URI, once it has answered. Raises like `ProviderStore.save` and `ProviderClient.endpoint`."""
        ProviderClient(provider, self.logins.fetched, lambda: "").endpoint("authorization_endpoint")
        self.logins.providers.store.save(provider)
        self._said("provider", provider.name, {"issuer": provider.issuer, "client": provider.client_id})
        return self.logins.providers.back(provider.name)

    def check_provider(self, name: str) -> str:
        """What a provider has. Raises like `ProviderLogins.there`."""
        provider = self.logins.providers.store.get(name)
        if provider is None:
            raise SluicewayError("SLW431", "there is no such identity provider")
        secret_of(provider)
        client = ProviderClient(provider, self.logins.fetched, lambda: "")
        keys = self.logins.fetched.get(client.endpoint("jwks_uri"))
        return f"{client.endpoint('authorization_endpoint')}, {len(list(Node(keys)['keys']))} keys"

    def add_trust(self, trust: Trust) -> None:
        """Raises like `Workloads.save`."""
        named = Trust(**{**vars(trust), "audience": trust.audience or self.logins.ground.origin})
        self.logins.workloads.save(named)
        told: dict[str, Json] = {"issuer": named.issuer, "subject": named.subject, "owner": named.owner}
        self._said("trust", named.name, told)

    def _served(self) -> None:
        """A link needs a server that it leads to, and a signer that remembers its code."""
        if not self.logins.ground.origin:
            raise UnreachableError("SLW901", "this home has no server yet", fix="sluiceway up")

    def _needed(self, name: str) -> None:
        if self.records.people.get(name) is None:
            raise SluicewayError("SLW876", f"no identity '{name}' is registered", fix="sluiceway people list")

    def _said(self, action: str, name: str, details: dict[str, Json]) -> None:
        event = event_of(
            Caller(principal=OWNER, channel="cli"),
            AuditKind.PERSON,
            AuditOutcome.DONE,
            action=f"people:{action}",
            resource=f"person:{name}",
            details=details,
        )
        self.records.audit.record(event)


@contextmanager
def open_logins(settings: Settings) -> Iterator[HomeLogins]:
    """Of a home whose records can be opened. Raises like `open_records`."""
    records = open_records(settings)
    origin = settings.engine().get("server", "")
    try:
        yield HomeLogins(records, logins_of(settings, records, origin), founding_of(settings, records, origin))
    finally:
        records.close()


def _pair(text: str) -> tuple[str, str | int | bool]:
    key, sign, value = text.partition("=")
    if not sign or not key.isidentifier() or len(text) > MOST_TEXT:
        raise DefinitionError("SLW501", f"{text[:MOST_TEXT]!r} is no KEY=VALUE")
    if value in ("yes", "no"):
        return key, value == "yes"
    return key, int(value) if value.isascii() and value.isdecimal() and len(value) < 10 else value
