"""Workload identity: a job's JWT is exchanged for a token of a quarter of an hour."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass

from activities.access.provider_client import Fetched, ProviderError, verified
from activities.access.secret_values import TOKEN, hashed, new, new_id
from domain.access import scope as scopes
from domain.access.audit import AuditKind, AuditOutcome, event_of
from domain.access.principal import Principal, PrincipalKind, Scope
from domain.access.token import WORKLOAD_S, Token
from domain.access.workload import Trust, refusal, trust_complaint
from domain.core.documents import Node, Object
from domain.core.errors import DefinitionError
from workers.client.logins.ground import Ground, Visitor, visitor_caller

KIND = "WorkloadTrust"
MOST_JWT = 20_000


@dataclass(frozen=True)
class Workloads:
    """Keys are fetched from registered issuers alone, whatever a token names."""

    ground: Ground
    fetched: Fetched

    def save(self, trust: Trust) -> None:
        """Raises:
        DefinitionError: SLW432, it trusts too much, or nobody.
        """
        told = tuple(trust.scope.actions), tuple(trust.scope.resources)
        wrong = trust_complaint(trust) or "; ".join(scopes.complaints(*told))
        if not wrong and self.ground.records.people.get(trust.owner) is None:
            wrong = f"{trust.owner!r} is nobody who could answer for it"
        if wrong:
            raise DefinitionError("SLW432", "this issuer is not trusted", why=wrong)
        lists = {name: sorted(getattr(trust.scope, name)) for name in ("actions", "resources")}
        body = {key: value for key, value in vars(trust).items() if key != "scope"}
        self.ground.records.definitions.save(KIND, trust.name, json.dumps({**body, **lists}))

    def all(self) -> Iterator[Trust]:
        """By name."""
        return (_trust(body) for _, body in sorted(self.ground.records.definitions.every(KIND).items()))

    def remove(self, name: str) -> None:
        """Tokens that it gave end within a quarter of an hour."""
        self.ground.records.definitions.remove(KIND, name)

    def exchange(self, jwt: str, visitor: Visitor) -> tuple[Token, str]:
        """A token, and its secret.

        Raises:
            RefusedError: SLW420, no trust fits it, or it is not its issuer's.
            SluicewayError: SLW429, the issuer's keys cannot be had.
        """
        self.ground.limit("login", visitor)
        said = _unverified(jwt)
        now = self.ground.clock()
        why = "no issuer of that name is trusted"
        for trust in self.all():
            if trust.issuer != said.get("iss") or (why := refusal(trust, said, now)):
                continue
            try:
                claims = verified(self.fetched, self._keys(trust), jwt)
            except ProviderError as refused:
                raise self.ground.refused("workload", "", refused.why, visitor) from refused
            if why := refusal(trust, claims, now):
                break
            return self._given(trust, claims, visitor)
        raise self.ground.refused("workload", "", why, visitor)

    def _given(self, trust: Trust, claims: Object, visitor: Visitor) -> tuple[Token, str]:
        now, secret = self.ground.clock(), new(TOKEN)
        name = f"{trust.issuer}#{Node(claims)['sub'].text()}"
        token = Token(
            id=new_id(),
            label=trust.name,
            owner=trust.owner,
            scope=trust.scope,
            workload=name,
            created_at=now,
            expires_at=min(now + WORKLOAD_S, Node(claims)["exp"].number() + 60),
        )
        self.ground.records.tokens.add(hashed(secret), token)
        who = Principal(kind=PrincipalKind.WORKLOAD, name=name)
        event = event_of(
            visitor_caller(who, visitor, token.id),
            AuditKind.LOGIN,
            AuditOutcome.DONE,
            action="login:workload",
            resource=who.id,
            details={"token": token.id, "trust": trust.name},
        )
        self.ground.records.audit.record(event)
        return token, secret

    def _keys(self, trust: Trust) -> str:
        if trust.jwks:
            return trust.jwks
        document = self.fetched.get(f"{trust.issuer.rstrip('/')}/.well-known/openid-configuration")
        if document.get("issuer") != trust.issuer:
            raise ProviderError("its document is of another issuer")
        return Node(document)["jwks_uri"].text()


def _unverified(jwt: str) -> Object:
    """The claims of a text, to find who would have to have signed it."""
    parts = jwt.split(".")
    if len(jwt) > MOST_JWT or len(parts) != 3:
        return {}
    try:
        found = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _trust(body: Object) -> Trust:
    node = Node(body)
    lists = {name: frozenset(node[name].texts()) for name in ("actions", "resources")}
    texts = {name: node[name].text() for name in ("name", "issuer", "audience", "subject", "owner", "jwks")}
    return Trust(**texts, scope=Scope(**lists))
