"""An identity provider in this process, which tells whatever a test wants it to."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from activities.access.provider_client import Fetched
from domain.access.oidc import IdentityProvider, challenge_of

ISSUER = "https://idp.example"


@dataclass
class StubProvider:
    """`claims` are those of the next ID token, over the right ones; None takes one away."""

    clock: Callable[[], float] = time.time
    name: str = "corp"
    issuer: str = ISSUER
    client_id: str = "sluiceway"
    claims: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=lambda: {"sub": "u1"})
    document: dict[str, Any] = field(default_factory=dict)
    keys: list[ECKey] = field(default_factory=lambda: [new_key("k1")])
    asked: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    token: Callable[[dict[str, Any]], str] | None = None
    """Makes the ID token in its own way."""

    def registered(self, **changes: Any) -> IdentityProvider:
        told = {"label": "Corp", "issuer": self.issuer, "client_id": self.client_id, "admits": True, **changes}
        return IdentityProvider(name=self.name, **told)

    def fetched(self) -> Fetched:
        client = httpx2.Client(transport=httpx2.MockTransport(self._answer))
        return Fetched(client, clock=self.clock)

    def approve(self, there: str) -> dict[str, str]:
        """What a person's yes makes of the way there: the query of the way back."""
        query = {key: value[0] for key, value in parse_qs(urlsplit(there).query).items()}
        code = f"code-{len(self.codes)}"
        self.codes[code] = query
        return {"code": code, "state": query["state"], "iss": self.issuer}

    def signed(self, claims: dict[str, Any]) -> str:
        """By the newest key."""
        key = self.keys[-1]
        return jwt.encode({"alg": "ES256", "kid": key.kid}, claims, key)

    def logout_token(self, **changes: Any) -> str:
        event: dict[str, dict[str, str]] = {"http://schemas.openid.net/event/backchannel-logout": {}}
        now = int(self.clock())
        said = {"iss": self.issuer, "aud": self.client_id, "iat": now, "exp": now + 60, "jti": "x", "events": event}
        return self.signed(_without_none({**said, **changes}))

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        path = request.url.path
        self.asked.append(path)
        if path.endswith("openid-configuration"):
            places = {f"{one}_endpoint": f"{self.issuer}/{one}" for one in ("authorization", "token", "userinfo")}
            said = {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/jwks", **places, **self.document}
            return httpx2.Response(200, json=said)
        if path == "/jwks":
            return httpx2.Response(200, json=KeySet(list(self.keys)).as_dict(private=False))
        if path == "/userinfo":
            return httpx2.Response(200, json=self.userinfo)
        return self._exchanged({key: value[0] for key, value in parse_qs(request.content.decode()).items()})

    def _exchanged(self, form: dict[str, str]) -> httpx2.Response:
        query = self.codes.pop(form["code"], None)
        if query is None or challenge_of(form["code_verifier"]) != query["code_challenge"]:
            return httpx2.Response(400, json={"error": "invalid_grant"})
        now = int(self.clock())
        claims = {"iss": self.issuer, "aud": self.client_id, "sub": "u1", "iat": now, "exp": now + 300, "sid": "s1"}
        claims |= {"nonce": query["nonce"], "auth_time": now, "preferred_username": "ann"}
        token = (self.token or self.signed)(_without_none({**claims, **self.claims}))
        return httpx2.Response(200, json={"id_token": token, "access_token": "access", "token_type": "Bearer"})


def new_key(kid: str) -> ECKey:
    return ECKey.generate_key("P-256", {"kid": kid, "use": "sig"})


def unsigned(claims: dict[str, Any]) -> str:
    """`alg: none`."""
    return f"{_part({'alg': 'none'})}.{_part(claims)}."


def by_public_key(provider: StubProvider) -> Callable[[dict[str, Any]], str]:
    """HMAC with the public key as its secret: what a verifier takes that believes the header."""
    key = provider.keys[-1]

    def make(claims: dict[str, Any]) -> str:
        text = f"{_part({'alg': 'HS256', 'kid': key.kid})}.{_part(claims)}"
        made = hmac.new(key.as_pem(private=False), text.encode(), hashlib.sha256).digest()
        return f"{text}.{urlsafe_b64encode(made).decode().rstrip('=')}"

    return make


def _part(value: dict[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def _without_none(claims: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in claims.items() if value is not None}
