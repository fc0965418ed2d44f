"""A client of one repository of a registry. Its library takes up to a second to load, so oci_registry.py imports it
only when it is needed.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

import oras.provider
from oras.container import Container
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests.exceptions import ConnectionError, InvalidURL
from requests.utils import select_proxy

from domain.core import addresses

TIMEOUT_S = 30
WHOLE_S = 120
"""For all of an answer that is kept in memory."""
MOST_BYTES = 8_000_000
"""Of such an answer: manifests have 4 MB at most (distribution-spec, "Pushing Manifests")."""
_EVERYWHERE = addresses.ranges(("0.0.0.0/0", "::/0"))


def connected(name: str) -> tuple[Container, Client]:
    """The repository and its client, with this machine's Docker credentials."""
    container = Container(name)
    client = Client(str(container.registry))
    client.auth.load_configs(container)
    return container, client


class Client(oras.provider.Registry):  # type: ignore[misc]
    """Without the library's own retries, which sleep for minutes and ignore cancels; the activity retries instead."""

    do_request = oras.provider.Registry.do_request.__wrapped__

    def __init__(self, registry: str) -> None:
        super().__init__(insecure=on_this_machine(registry))
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, _Wary(registry))

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
    """

    def __init__(self, registry: str) -> None:
        super().__init__()
        self._registry = registry

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
        if why := refusal(url, self._registry, resolves=not select_proxy(url, dict(proxies or {}))):
            raise InvalidURL(f"the registry sends to {urlsplit(url).netloc[:200]}: {why}")
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


def refusal(url: str, registry: str, *, resolves: bool = True) -> str:
    """Why a registry's word is not enough to send something to an address; empty: it is its own, or as public as it.

    `resolves`: False where a proxy looks names up.
    """
    to = urlsplit(url)
    if to.netloc == registry:
        return ""
    if to.scheme != "https" and not (on_this_machine(to.netloc) and on_this_machine(registry)):
        return "it is not https"
    if not resolves:
        return ""
    inside = any(addresses.refusal(one) for one in _addresses(registry))
    found = (addresses.refusal(one, _EVERYWHERE if inside else ()) for one in _addresses(to.netloc))
    return next(filter(None, found), "")


def _addresses(netloc: str) -> list[addresses.Address]:
    try:
        found = socket.getaddrinfo(urlsplit(f"//{netloc}").hostname, None, type=socket.SOCK_STREAM)
    except (OSError, ValueError) as unknown:
        raise ConnectionError(f"{netloc[:200]} has no address: {unknown}") from unknown
    return [addresses.read(str(one[4][0])) for one in found]


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
