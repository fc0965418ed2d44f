"""An identity provider over HTTP: its document, its keys, and the exchange of a code. All that it says is bounded."""

from __future__ import annotations

import base64
import json
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import quote

import httpx2
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from activities.access.deadlines import Deadline
from domain.access.oidc import ALGORITHMS, IdentityProvider, endpoint_complaint
from domain.core.documents import Node, Object
from domain.core.errors import SluicewayError

MOST_BYTES = 1_048_576
"""Of one answer: 2,000 groups in an ID token are about 100 KB."""
TIMEOUT_S = 10.0
"""For one read."""
WITHIN_S = 20.0
"""For a whole answer, however slowly it comes."""
KEPT_S = 300.0
"""How long a document or a set of keys is used before it is asked for again."""
AGAIN_S = 10.0
"""A key that is not there is asked for again at most this often: strangers name keys."""
MOST_KEYS = 100
KINDS = frozenset({"RSA", "EC", "OKP"})


class ProviderError(SluicewayError):
    """The provider cannot be reached, or says something else than it has to."""

    def __init__(self, why: str) -> None:
        super().__init__("SLW429", "the identity provider does not answer as it has to", why=why[:500], status=502)


@dataclass
class Fetched:
    """JSON of some addresses, kept for a while."""

    client: httpx2.Client
    clock: Callable[[], float] = time.time
    _kept: dict[str, tuple[float, Object]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, url: str, younger_than_s: float = KEPT_S) -> Object:
        """Raises:
        ProviderError: it cannot be had.
        """
        with self._lock:
            at, body = self._kept.get(url, (0.0, {}))
        if self.clock() - at < younger_than_s:
            return body
        body = asked(self.client, "GET", url)
        with self._lock:
            self._kept = {**dict(list(self._kept.items())[-MOST_KEYS:]), url: (self.clock(), body)}
        return body


def new_client(transport: httpx2.BaseTransport | None = None) -> httpx2.Client:
    """No redirects: a provider that moves is registered again. No proxies or netrc of the environment's.

    Each request has a connection of its own, which its deadline may end.
    """
    limits = httpx2.Limits(max_keepalive_connections=0)
    return httpx2.Client(
        timeout=TIMEOUT_S,
        follow_redirects=False,
        trust_env=False,
        verify=_certificates(),
        transport=transport,
        limits=limits,
    )


@cache
def _certificates() -> ssl.SSLContext:
    """Loaded once: it takes longer than most requests."""
    return httpx2.create_ssl_context(trust_env=False)


def asked(
    client: httpx2.Client,
    method: str,
    url: str,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    *,
    within_s: float = WITHIN_S,
) -> Object:
    """An object in JSON, read no further than its bound, and for no longer than `within_s` seconds.

    Raises:
        ProviderError: another answer, or none.
    """
    if wrong := endpoint_complaint(url):
        raise ProviderError(wrong)
    by, late = Deadline(within_s), f"no answer within {within_s:g} s"
    try:
        with by:
            status, body = _read(client, method, url, form, headers, by)
    except httpx2.HTTPError as away:
        raise ProviderError(f"{url}: {late if by.over else away}") from away
    if by.over:  # it had no length, and ended when it was cut off
        raise ProviderError(f"{url}: {late}")
    if status != 200:
        raise ProviderError(f"{url} answers {status}: {_told(body)}")
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as wrong_text:
        raise ProviderError(f"{url} answers no JSON") from wrong_text
    if not isinstance(found, dict):
        raise ProviderError(f"{url} answers no object")
    return found


def _read(
    client: httpx2.Client,
    method: str,
    url: str,
    form: Mapping[str, str] | None,
    headers: Mapping[str, str] | None,
    by: Deadline,
) -> tuple[int, bytearray]:
    body = bytearray()
    sent = dict(form) if form else None
    with client.stream(method, url, data=sent, headers=dict(headers or {}), extensions=by.watch) as answer:
        for chunk in answer.iter_bytes():
            body += chunk
            if len(body) > MOST_BYTES:
                raise ProviderError(f"{url} answers with more than {MOST_BYTES} bytes")
        return answer.status_code, body


def verified(fetched: Fetched, jwks: str, token: str) -> Object:
    """The claims of a JWT that is signed by one of these keys. Keys that are new are fetched once.

    Raises:
        ProviderError: it is not.
    """
    if len(token) > MOST_BYTES:
        raise ProviderError("the token is too long")
    for age in (KEPT_S, AGAIN_S):
        keys = fetched.get(jwks, age)
        try:
            return jwt.decode(token, _keys(keys), algorithms=list(ALGORITHMS)).claims
        except (JoseError, ValueError, TypeError, KeyError) as wrong:
            failed = wrong
    raise ProviderError(f"the token is not signed by the issuer: {type(failed).__name__} {failed}")


def _keys(body: Object) -> KeySet:
    signing = (one for one in Node(body)["keys"] if one["kty"].value in KINDS and one["use"].value != "enc")
    listed = [one.strings() for one in signing]
    if not 0 < len(listed) <= MOST_KEYS:
        raise ValueError("no keys, or too many")
    return KeySet.import_key_set({"keys": [{**one} for one in listed]})


@dataclass(frozen=True)
class ProviderClient:
    """One registered provider."""

    provider: IdentityProvider
    fetched: Fetched
    secret: Callable[[], str]
    """The client's; empty: it has none."""

    def endpoint(self, name: str) -> str:
        """An address of the provider's document; empty: it has none.

        Raises:
            ProviderError: the document is of another issuer, or sends somewhere that is not https.
        """
        found = Node(self._document())[name].text()
        if found and (wrong := endpoint_complaint(found)):
            raise ProviderError(wrong)
        return found

    def says_issuer(self) -> bool:
        """Whether its answers name it (RFC 9207)."""
        return Node(self._document())["authorization_response_iss_parameter_supported"].value is True

    def exchange(self, code: str, verifier: str, back: str) -> tuple[Object, Object]:
        """The claims of the ID token, and those of userinfo where there is one. The code counts once.

        Raises:
            ProviderError: the code is none, the token is not signed by the provider, or they are of two people.
        """
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
        told = Node(asked(self.fetched.client, "POST", self._needed("token_endpoint"), *self._as_client(form)))
        claims = self.verified(told["id_token"].text())
        place, access = self.endpoint("userinfo_endpoint"), told["access_token"].text()
        if not place or not access:
            return claims, {}
        more = asked(self.fetched.client, "GET", place, None, {"Authorization": f"Bearer {access}"})
        if more.get("sub") != claims.get("sub"):  # Core 1.0, 5.3.2
            raise ProviderError("userinfo is of another person")
        return claims, more

    def verified(self, token: str) -> Object:
        """The claims of a token of the provider. Raises like `verified`."""
        return verified(self.fetched, self._needed("jwks_uri"), token)

    def _as_client(self, form: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
        """RFC 6749, 2.3.1: by Basic where the provider takes it, else in the form."""
        name, secret = self.provider.client_id, self.secret()
        if not secret:
            return {**form, "client_id": name}, {}
        methods = Node(self._document())["token_endpoint_auth_methods_supported"].texts()
        if methods and "client_secret_basic" not in methods:
            return {**form, "client_id": name, "client_secret": secret}, {}
        pair = f"{quote(name, safe='')}:{quote(secret, safe='')}"
        return form, {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}

    def _needed(self, name: str) -> str:
        found = self.endpoint(name)
        if not found:
            raise ProviderError(f"its document has no {name}")
        return found

    def _document(self) -> Object:
        found = self.fetched.get(f"{self.provider.issuer.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != self.provider.issuer:  # Discovery 1.0, 4.3
            raise ProviderError("its document is of another issuer")
        return found


def _told(body: bytearray) -> str:
    """What an error says, for people and not at length."""
    return body[:200].decode("utf-8", "replace").replace("\n", " ")
