"""A client of one repository of a registry. Its library takes up to a second to load, so oci_registry.py imports it
only when it is needed.
"""

from __future__ import annotations

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
    client = Client(insecure=_loopback(str(container.registry)))
    client.auth.load_configs(container)
    return container, client


class Client(oras.provider.Registry):  # type: ignore[misc]
    """Without the library's own retries, which sleep for minutes and ignore cancels; the activity retries instead."""

    do_request = oras.provider.Registry.do_request.__wrapped__

    def __init__(self, *, insecure: bool) -> None:
        super().__init__(insecure=insecure)
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, _Impatient())


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


def _loopback(host: str) -> bool:
    """Uses plain HTTP for a registry on this machine, as Docker does."""
    name = host.rpartition(":")[0] or host
    try:
        return ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return name == "localhost"
