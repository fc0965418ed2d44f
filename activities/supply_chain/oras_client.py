"""A client of one repository of a registry. Its library takes up to a second to load, so oci_registry.py imports it
only when it is needed.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from ipaddress import ip_address

import oras.provider
from oras.container import Container
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter

TIMEOUT_S = 30


def connected(name: str) -> tuple[Container, Client]:
    """The repository and its client, with this machine's Docker credentials."""
    container = Container(name)
    client = Client(insecure=on_this_machine(str(container.registry)))
    client.auth.load_configs(container)
    return container, client


class Client(oras.provider.Registry):  # type: ignore[misc]
    """Without the library's own retries, which sleep for minutes and ignore cancels; the activity retries instead."""

    do_request = oras.provider.Registry.do_request.__wrapped__

    def __init__(self, *, insecure: bool) -> None:
        super().__init__(insecure=insecure)
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, _Impatient())

    def asked(self, url: str, headers: dict[str, str]) -> Response:
        """The headers at an address, with a login where the registry wants one; a refusal is an answer."""
        answer: Response = self.session.request("HEAD", url, headers=headers, allow_redirects=False)
        if answer.status_code not in (401, 403):
            return answer
        more, can = self.auth.authenticate_request(answer, dict(headers))
        if not can:
            return answer
        again: Response = self.session.request("HEAD", url, headers=more, allow_redirects=False)
        return again


class _Impatient(HTTPAdapter):
    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> Response:
        return super().send(request, stream, timeout or TIMEOUT_S, verify, cert, proxies)


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
