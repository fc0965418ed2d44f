"""What an identity provider has to say before somebody is logged in (OpenID Connect Core 1.0; RFC 9207, RFC 9700)."""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from domain.access.entrance import is_loopback
from domain.access.person import group_complaint
from domain.core import names
from domain.core.documents import Node, Object

ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA", "Ed25519")
"""Of ID tokens and logout tokens: asymmetric ones alone. `none`, and HMAC with a public key as its secret, are not."""
LEEWAY_S = 60
"""Between two clocks."""
FRESH_S = 60
"""How old a login at the provider may be that is to be a second factor."""
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
MOST_SUBJECT = 255
FACTORS = frozenset({"mfa", "hwk", "swk", "otp", "fpt", "face", "iris", "pop", "sc", "phr", "phrh"})
"""Values of `amr` (RFC 8176) that stand for more than a password."""


@dataclass(frozen=True, kw_only=True)
class IdentityProvider:
    """A provider that an administrator has registered."""

    name: str
    label: str
    issuer: str
    client_id: str
    secret_from: str = ""
    """`env:NAME` or `file:PATH` of the client's secret; empty: a public client, by PKCE alone."""
    groups_claim: str = "groups"
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    admits: bool = False
    """Whether somebody who logs in for the first time becomes a person without rights of their own."""
    second_factor: bool = False
    """Whether each login there is one; else its `amr` says so."""


@dataclass(frozen=True, kw_only=True)
class LoginAsked:
    """What is remembered between the way there and the way back."""

    provider: str
    nonce: str
    verifier: str
    onward: str = "/"
    session: str = ""
    """Id of the session that this is the second factor of; empty: it is a login."""
    max_age: int = -1
    """Seconds that the login there may be old; -1: any."""

    def plain(self) -> dict[str, str | int]:
        """As the database has it."""
        return dict(vars(self))


def asked_of(body: Object) -> LoginAsked:
    """From `plain`."""
    node = Node(body)
    return LoginAsked(
        provider=node["provider"].text(),
        nonce=node["nonce"].text(),
        verifier=node["verifier"].text(),
        onward=node["onward"].text(),
        session=node["session"].text(),
        max_age=node["max_age"].whole(-1),
    )


def way_there(provider: IdentityProvider, endpoint: str, asked: LoginAsked, state: str, back: str) -> str:
    """Where the browser is sent: code flow with PKCE (RFC 7636, S256)."""
    query = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": back,
        "scope": " ".join(provider.scopes),
        "state": state,
        "nonce": asked.nonce,
        "code_challenge": challenge_of(asked.verifier),
        "code_challenge_method": "S256",
    }
    if asked.max_age >= 0:
        query |= {"max_age": str(asked.max_age), "prompt": "login"}
    return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(query)}"


def challenge_of(verifier: str) -> str:
    """PKCE's S256."""
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def endpoint_complaint(url: str) -> str:
    """Why nothing is sent there; empty: it is https, or a provider on this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return f"{url[:100]!r} is no address"
    if parts.username or parts.password or parts.fragment or not host:
        return f"{url[:100]!r} is no address of an endpoint"
    local = host == "localhost" or host.endswith(".localhost") or is_loopback(host)
    return "" if parts.scheme == "https" or (parts.scheme == "http" and local) else f"{url[:100]!r} is not https"


def answer_complaint(provider: IdentityProvider, asked: LoginAsked, issuer: str | None, must_say: bool) -> str:
    """Why an answer is not this provider's (mix-up: RFC 9207); empty: it may be. `issuer`: the parameter `iss`."""
    if asked.provider != provider.name:
        return "the answer came by the address of another provider"
    if issuer is None:
        return "the provider does not say that it answers" if must_say else ""
    return "" if issuer == provider.issuer else "another provider answers"


def id_token_complaint(provider: IdentityProvider, claims: Object, asked: LoginAsked, now: float) -> str:
    """Why an ID token logs nobody in (Core 1.0, 3.1.3.7); empty: it does. Its signature was verified before."""
    said = Node(claims)
    if wrong := _of_provider(provider, claims) or _of_now(claims, now):
        return wrong
    if not hmac.compare_digest(said["nonce"].text().encode("utf-8", "replace"), asked.nonce.encode()):
        return "its nonce is of another login"
    if asked.max_age >= 0:
        at = said["auth_time"].number(-1)
        if at < 0 or not -LEEWAY_S <= now - at <= asked.max_age + FRESH_S:
            return "the login at the provider is not a new one"
    return ""


def logout_complaint(provider: IdentityProvider, claims: Object, now: float) -> str:
    """Why a logout token ends nothing (Back-Channel Logout 1.0, 2.6); empty: it does."""
    said = Node(claims)
    if wrong := _of_provider(provider, claims, needs_subject=False) or _of_now(claims, now):
        return wrong
    if not isinstance(said["events"][LOGOUT_EVENT].value, Mapping):
        return "it is no logout token"
    if "nonce" in claims:
        return "an ID token is no logout token"
    return "" if said["sub"].text() or said["sid"].text() else "it names no session and no subject"


def _of_provider(provider: IdentityProvider, claims: Object, *, needs_subject: bool = True) -> str:
    said = Node(claims)
    if said["iss"].value != provider.issuer:
        return "it is of another issuer"
    audience = said["aud"].value
    every = [audience] if isinstance(audience, str) else said["aud"].texts()
    if provider.client_id not in every:
        return "it is for another client"
    party = said["azp"].value
    if (len(every) > 1 or party is not None) and party != provider.client_id:
        return "it was given to another client"
    subject = said["sub"].value
    if needs_subject and not (isinstance(subject, str) and 0 < len(subject) <= MOST_SUBJECT):
        return "it names no subject"
    return ""


def _of_now(claims: Object, now: float) -> str:
    said = Node(claims)
    if said["exp"].number() <= now - LEEWAY_S:
        return "its time is over"
    made = said["iat"].number(-1)
    return "" if 0 <= made <= now + LEEWAY_S else "it was made in the future, or does not say when"


def groups_of(provider: IdentityProvider, *claims: Object) -> tuple[str, ...]:
    """The groups of the ID token and of userinfo, as `PROVIDER/GROUP`: no provider says that one is in a local group.

    Raises:
        ValueError: they are no bounded list of texts.
    """
    found: set[str] = set()
    for said in claims:
        value = said.get(provider.groups_claim)
        if value is None:
            continue
        if wrong := group_complaint(value):
            raise ValueError(wrong)
        found |= {f"{provider.name}/{one}" for one in Node(value).texts()}
    return tuple(sorted(found))


def proves_second_factor(provider: IdentityProvider, claims: Object) -> bool:
    """Whether the login there was more than a password."""
    return provider.second_factor or not FACTORS.isdisjoint(Node(claims)["amr"].texts())


def name_of(provider: IdentityProvider, subject: str, *claims: Object) -> str:
    """What a new person is called: `ann@PROVIDER`, which no local person is; unreadable names become a hash."""
    for said in claims:
        wanted = Node(said)["preferred_username"].text().partition("@")[0]
        plain = re.sub(r"[^A-Za-z0-9._-]", "-", wanted, flags=re.ASCII)[:32]
        if names.is_person(plain):
            return f"{plain}@{provider.name}"
    return f"{hashlib.sha256(subject.encode()).hexdigest()[:16]}@{provider.name}"
