"""Commands in containers by the API server's WebSocket (Kubernetes, "exec" subresource of pods).

The protocol: each binary message begins with the number of its channel; v5.channel.k8s.io adds the close of a channel.
https://github.com/kubernetes/enhancements/tree/master/keps/sig-api-machinery/4006-transition-spdy-to-websockets
"""

from __future__ import annotations

import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode, urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.typing import Subprotocol

from activities.kubernetes.client import Kube
from activities.kubernetes.impersonation import headers_of
from domain.clusters.impersonation import Impersonated, refusal
from domain.core.documents import Node
from domain.core.errors import RefusedError, SluicewayError

if TYPE_CHECKING:
    from kubernetes.client import ApiClient

PROTOCOLS = (Subprotocol("v5.channel.k8s.io"), Subprotocol("v4.channel.k8s.io"))
INPUT, OUTPUT, ERRORS, STATUS, SIZE = range(5)
MOST_MESSAGE = 1 << 20
OPEN_S = 15.0
END_S = 2.0
_CAUSE = "ExitCode"


class _Straight(connect):
    """Follows no redirect: the command, and the certificate of its caller, are for this cluster."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        """The answer is the refusal that it is."""
        return exc


class ExecSocket:
    """A command under way; implements `Terminal` of activities/pods/terminals.py."""

    def __init__(self, socket: ClientConnection, *, tty: bool) -> None:
        self._socket, self._tty = socket, tty
        self.code: int | None = None

    async def read(self) -> tuple[int, bytes] | None:
        """The next output; None: it has ended."""
        try:
            async for message in self._socket:
                data = message.encode() if isinstance(message, str) else message
                if not data:
                    continue
                if data[0] == STATUS:
                    self.code = exit_code(data[1:])
                    if self.code is None and (why := _message(data[1:])):
                        return ERRORS, f"{why}\r\n".encode()
                elif data[0] in (OUTPUT, ERRORS) and len(data) > 1:
                    return data[0], data[1:]
        except ConnectionClosed:
            pass  # without a status its exit code stays unknown
        return None

    async def write(self, data: bytes) -> None:
        """What comes after its end goes nowhere."""
        await self._send(INPUT, data)

    async def resize(self, columns: int, rows: int) -> None:
        """Columns and rows of its terminal."""
        if self._tty:
            await self._send(SIZE, json.dumps({"Width": columns, "Height": rows}).encode())

    async def _send(self, channel: int, data: bytes) -> None:
        try:
            await self._socket.send(bytes((channel,)) + data)
        except ConnectionClosed:
            return


def exit_code(status: bytes) -> int | None:
    """Of a `Status` of the API (meta/v1). None: it says none."""
    try:
        said = Node(json.loads(status))
    except (ValueError, RecursionError):
        return None
    if said["status"].text() == "Success":
        return 0
    for cause in said.at("details", "causes"):
        if cause["reason"].text() == _CAUSE and cause["message"].text().isdecimal():
            return min(int(cause["message"].text()[:10]), 255)
    return None


def _message(status: bytes) -> str:
    """Why a command did not even begin: no such program, for one."""
    try:
        return Node(json.loads(status))["message"].text()[:1_000]
    except (ValueError, RecursionError):
        return ""


@asynccontextmanager
async def open_exec_socket(
    kube: Kube, namespace: str, pod: str, container: str, command: tuple[str, ...], *, tty: bool
) -> AsyncIterator[ExecSocket]:
    """A command in a container, in the name of the client's person where it has one. The cluster is verified, and what
    is needed to speak to it goes to it alone.

    Raises:
        RefusedError: SLW974, SLW975, the cluster's RBAC does not let the person do it.
        SluicewayError: SLW943, the server refuses or does not answer.
    """
    where = f"exec in {namespace}/{pod}"
    address, sent = _address(kube.api, namespace, pod, container, command, tty=tty)
    try:
        socket = await _Straight(
            address,
            ssl=_tls(kube.api) if address.startswith("wss:") else None,
            additional_headers=[*sent, *headers_of(kube.person)],
            subprotocols=PROTOCOLS,
            compression=None,
            proxy=None,
            user_agent_header="sluiceway",
            open_timeout=OPEN_S,
            close_timeout=END_S,
            max_size=MOST_MESSAGE,
            max_queue=2,
        )
    except InvalidStatus as refused:
        raise _refused(where, refused, kube.person) from refused
    except (OSError, WebSocketException, TimeoutError) as away:
        why = f"{type(away).__name__}: {away}"[:300]
        raise SluicewayError("SLW943", where, why=why, transient=True) from away
    try:
        yield ExecSocket(socket, tty=tty)
    finally:
        await socket.close()


def _refused(where: str, refused: InvalidStatus, person: Impersonated | None) -> RefusedError:
    body = (refused.response.body or b"")[:2_000].decode("utf-8", "replace")
    try:
        why = Node(json.loads(body))["message"].text()
    except (ValueError, RecursionError):
        why = ""
    if person is not None and refused.response.status_code == 403 and (by_rbac := refusal(person, where, why[:600])):
        return by_rbac
    return RefusedError("SLW943", where, why=(why or f"the API server answers {refused.response.status_code}")[:300])


def _address(
    api: ApiClient, namespace: str, pod: str, container: str, command: tuple[str, ...], *, tty: bool
) -> tuple[str, list[tuple[str, str]]]:
    parts = urlsplit(str(api.configuration.host))
    query: list[tuple[str, str]] = [("container", container), *(("command", word) for word in command)]
    query += [
        ("stdin", str(tty).lower()),
        ("stdout", "true"),
        ("stderr", str(not tty).lower()),
        ("tty", str(tty).lower()),
    ]
    token = api.configuration.auth_settings().get("BearerToken")
    path = f"{parts.path.rstrip('/')}/api/v1/namespaces/{quote(namespace, safe='')}/pods/{quote(pod, safe='')}/exec"
    scheme = "wss" if parts.scheme == "https" else "ws"
    return f"{scheme}://{parts.netloc}{path}?{urlencode(query)}", [("Authorization", token["value"])] if token else []


def _tls(api: ApiClient) -> ssl.SSLContext:
    settings = api.configuration
    context = ssl.create_default_context(cafile=settings.ssl_ca_cert)
    if settings.cert_file:
        context.load_cert_chain(settings.cert_file, settings.key_file)
    if not settings.verify_ssl:  # as its kubeconfig says, and so do all other calls to it
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context
