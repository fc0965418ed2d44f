"""A client of one repository of a registry. Its library takes up to a second to load, so oci_registry.py imports it
only when it is needed.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import oras.provider
from oras.container import Container
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests.exceptions import ConnectionError, InvalidURL
from requests.utils import select_proxy

from activities.supply_chain.checked_pools import checked_pools
from activities.supply_chain.registry_access import Credentials
from activities.supply_chain.registry_addresses import addresses_of
from activities.supply_chain.registry_login import RegistryLogin
from domain.core import addresses

TIMEOUT_S = 30
WHOLE_S = 120
"""For all of an answer that is kept in memory."""
MOST_BYTES = 8_000_000
"""Of such an answer: manifests have 4 MB at most (distribution-spec, "Pushing Manifests")."""
_EVERYWHERE = addresses.ranges(("0.0.0.0/0", "::/0"))


def connected(name: str, *, inside: bool = True, login: Credentials | None = None) -> tuple[Container, Client]:
    """The repository and its client, with a login, or with this machine's Docker credentials.

    `inside`: whether its registry may have an address that is not public; False where a stranger has named it.
    """
    container = Container(name)
    client = Client(str(container.registry), inside=inside, login=login)
    if login is None:
        client.auth.load_configs(container)
    return container, client


class Client(oras.provider.Registry):  # type: ignore[misc]
    """Without the library's own retries, which sleep for minutes and ignore cancels; the activity retries instead."""

    def __init__(self, registry: str, *, inside: bool = True, login: Credentials | None = None) -> None:
        super().__init__(insecure=on_this_machine(registry))
        self.auth = RegistryLogin(registry, login)
        self.auth.session, self.auth.prefix = self.session, self.prefix
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, _Wary(registry, inside=inside))

    def do_request(self, url: str, *args: Any, **more: Any) -> Response:
        """Without the token, where the registry has sent an upload to another host: what it is for, is here."""
        own, token = self.auth.is_own(url), self.auth.token
        self.auth.token = token if own else ""
        try:
            answer: Response = oras.provider.Registry.do_request.__wrapped__(self, url, *args, **more)
            return answer
        finally:
            self.auth.token = self.auth.token if own else token

    def asked(self, url: str, headers: dict[str, str]) -> Response:
        """The headers at an address, with a login where the registry wants one; a refusal is an answer."""
        answer: Response = self.session.request("HEAD", url, headers=headers, allow_redirects=False)
        if answer.status_code not in (401, 403):
            return answer
        try:
            more, can = self.auth.authenticate_request(answer, dict(headers))
        except (ValueError, AttributeError):  # it names no place for a login, or one that nobody may be sent to
            return answer
        if not can:
            return answer
        again: Response = self.session.request("HEAD", url, headers=more, allow_redirects=False)
        return again


class _Wary(HTTPAdapter):
    """Sends nothing further inside than the registry is, whatever its redirects and the places of its logins say; and
    waits, and keeps, within bounds.

    A name may mean another address a moment later, so the address that a connection has is looked at once more.
    """

    def __init__(self, registry: str, *, inside: bool) -> None:
        self._registry, self._inside = registry, inside
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Of direct connections; those to a proxy are the worker's own choice."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = checked_pools(self._of_peer)

    def _of_peer(self, address: str) -> str:
        return addresses.refusal(addresses.read(address), _opened(self._registry, inside=self._inside))

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> Response:
        url = str(request.url)
        resolves = not select_proxy(url, dict(proxies or {}))
        if why := refusal(url, self._registry, resolves=resolves, inside=self._inside):
            raise InvalidURL(f"nothing is sent to {urlsplit(url).netloc[:200]}: {why}")
        answer = super().send(request, True, timeout or TIMEOUT_S, verify, cert, proxies)
        if not stream:
            answer._content = _kept(answer)
            answer._content_consumed = True  # type: ignore[attr-defined]
        return answer


def _kept(answer: Response) -> bytes:
    kept, until = bytearray(), time.monotonic() + WHOLE_S
    for piece in answer.iter_content(1 << 16):
        kept += piece
        if len(kept) > MOST_BYTES or time.monotonic() > until:
            answer.close()
            raise ConnectionError(f"the answer has more than {MOST_BYTES} bytes, or takes longer than {WHOLE_S} s")
    return bytes(kept)


def refusal(url: str, registry: str, *, resolves: bool = True, inside: bool = True) -> str:
    """Why nothing is sent to an address on a registry's word; empty: it is its own, or as public as it.

    `resolves`: False where a proxy looks names up. `inside`: as of `connected`. Metadata is never asked.
    """
    to = urlsplit(url)
    own = to.netloc == registry
    if not own and to.scheme != "https" and not (on_this_machine(to.netloc) and on_this_machine(registry)):
        return "it is not https"
    if not resolves and not _is_literal(to.netloc):
        return ""
    opened = _EVERYWHERE if own and inside else _opened(registry, inside=inside)
    return next(filter(None, (addresses.refusal(one, opened) for one in _addresses(to.netloc))), "")


def _opened(registry: str, *, inside: bool) -> tuple[addresses.Range, ...]:
    """A public registry leads nowhere but to what is public."""
    return _EVERYWHERE if inside and any(addresses.refusal(one) for one in _addresses(registry)) else ()


def _is_literal(netloc: str) -> bool:
    """Whether it says where it leads without anybody's help."""
    name = urlsplit(f"//{netloc}").hostname or ""
    try:
        ip_address(name.partition("%")[0])
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")
    return True


def _addresses(netloc: str) -> list[addresses.Address]:
    try:
        return addresses_of(netloc)
    except OSError as unknown:
        raise ConnectionError(f"{netloc[:200]} has no address: {unknown}") from unknown


def on_this_machine(host: str) -> bool:
    """Whether a registry (`ADDRESS:PORT`) is asked by plain HTTP, as Docker does: what is sent leaves no machine."""
    name = host.rpartition(":")[0] or host
    try:
        address = ip_address(name.strip("[]"))
    except ValueError:
        return name == "localhost"
    return address.is_loopback or _is_ours(str(address))


def _is_ours(address: str) -> bool:
    """Whether it is an address of this machine: the kernel binds no other."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True
