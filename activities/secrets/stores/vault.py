"""HashiCorp Vault or OpenBao: a KV store, over HTTP. The value of a secret is its field `value`.

Source: the HTTP API of the KV secrets engine, versions 1 and 2, and of the auth methods AppRole and Kubernetes
(https://developer.hashicorp.com/vault/api-docs).
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote, urlsplit

import httpx2

from activities.secrets.port import REFUSED, UNAVAILABLE, absent, usable
from domain.core.documents import Manifest, Node
from domain.core.errors import DefinitionError, SluicewayError

TIMEOUT_S = 10
LEAST_LIFE_S = 30
"""A token with less time left is not used any more."""
SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount/token")
LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True)
class Login:
    """How the worker shows who it is: one of the three."""

    token: Callable[[], str] | None = None
    role_id: str = ""
    secret_id: Callable[[], str] | None = None
    """Of an AppRole."""
    role: str = ""
    """Of the auth method for Kubernetes: the pod's own service account."""
    mount: str = ""
    """Where the auth method is mounted; empty: `approle` or `kubernetes`."""


@dataclass
class VaultSecrets:
    """`address`: `https://HOST:PORT/MOUNT/FOLDER`; the folder may be empty."""

    address: str
    login: Login = field(repr=False)
    namespace: str = ""
    authority: Path | None = None
    """PEM of the certificate authority; None: those of the system."""
    service_account: Path = SERVICE_ACCOUNT
    version: int = 2
    """Of the KV store: 1 keeps only the last value of each secret."""
    transport: httpx2.BaseTransport | None = None
    _token: tuple[str, float] = field(default=("", 0.0), repr=False)

    def __post_init__(self) -> None:
        """Raises DefinitionError: SLW503, the address is none, or the way to it is not encrypted."""
        parts = urlsplit(self.address)
        mount, _, folder = parts.path.strip("/").partition("/")
        if parts.scheme not in ("http", "https") or not parts.hostname or not mount:
            raise DefinitionError("SLW503", f"vault:{self.address} is not vault:https://HOST:PORT/MOUNT/FOLDER")
        if parts.scheme == "http" and parts.hostname not in LOOPBACK:
            why = "tokens and secrets would go over the network in the clear"
            raise DefinitionError("SLW503", f"vault:{self.address} is not https", why=why)
        self._server = f"{parts.scheme}://{parts.netloc}"
        versioned = "data/" if self.version > 1 else ""
        self._data = f"/v1/{quote(mount)}/{versioned}" + (f"{quote(folder)}/" if folder else "")
        self.where = f"Vault at {self._server}, {mount}/{folder}"

    def read(self, name: str) -> str:
        """A login that has expired is renewed, once."""
        answer = self._get(name)
        if answer.status_code == 403 and self.login.token is None and self._token[0]:
            self._token = ("", 0.0)
            answer = self._get(name)
        if answer.status_code == 404:
            raise absent(name, self.where)
        self._check(answer, f"secret {name} cannot be read")
        held = Node(answer.json())["data"]
        value = (held["data"] if self.version > 1 else held)["value"].value
        if not isinstance(value, str):
            raise absent(name, self.where, "store it in the field `value`")
        return usable(name, value.encode())

    def _get(self, name: str) -> httpx2.Response:
        return self._send("GET", self._data + quote(name), {"X-Vault-Token": self._current()})

    def _current(self) -> str:
        if self.login.token is not None:
            return self.login.token()
        token, until = self._token
        if time.monotonic() < until:
            return token
        way, body = self._proof()
        answer = self._send("POST", f"/v1/auth/{quote(self.login.mount or way)}/login", {}, body)
        self._check(answer, "the worker cannot log in")
        auth = Node(answer.json())["auth"]
        life = auth["lease_duration"].number() or 3600
        self._token = (auth["client_token"].text(), time.monotonic() + life - min(LEAST_LIFE_S, life / 2))
        return self._token[0]

    def _proof(self) -> tuple[str, Manifest]:
        if self.login.secret_id is not None:
            return "approle", {"role_id": self.login.role_id, "secret_id": self.login.secret_id()}
        return "kubernetes", {"role": self.login.role, "jwt": text_of(self.service_account)}

    def _send(
        self, method: str, path: str, headers: Mapping[str, str], body: Manifest | None = None
    ) -> httpx2.Response:
        headers = {**headers, "X-Vault-Request": "true"}
        if self.namespace:
            headers["X-Vault-Namespace"] = self.namespace
        try:
            with httpx2.Client(
                timeout=TIMEOUT_S, trust_env=False, verify=_trust(self.authority), transport=self.transport
            ) as client:
                return client.request(method, self._server + path, headers=headers, json=body)
        except httpx2.HTTPError as broken:
            raise self._away(str(broken) or type(broken).__name__) from None

    def _check(self, answer: httpx2.Response, what: str) -> None:
        """Its errors are texts for people, and hold no value."""
        if answer.status_code == 200:
            return
        why = "; ".join(_errors(answer))[:300] or f"it answers {answer.status_code}"
        if answer.status_code >= 500 or answer.status_code == 429:
            raise self._away(why)
        raise SluicewayError(REFUSED, what, where=self.where, why=why, status=answer.status_code)

    def _away(self, why: str) -> SluicewayError:
        return SluicewayError(
            UNAVAILABLE, "the store of the secrets does not answer", where=self.where, why=why, transient=True
        )


def text_of(path: Path) -> str:
    """The text of a credential, read each time: it is replaced while the worker runs.

    Raises:
        SluicewayError: SLW044, it cannot be read.
    """
    try:
        return path.read_text().strip()
    except (OSError, UnicodeDecodeError) as broken:
        why = broken.strerror if isinstance(broken, OSError) else "it is not text"
        raise SluicewayError(REFUSED, f"the credential {path} cannot be read", why=why or "") from None


def _errors(answer: httpx2.Response) -> list[str]:
    try:
        return Node(answer.json())["errors"].texts()
    except ValueError:
        return []


@lru_cache
def _trust(authority: Path | None) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(authority) if authority else None)
