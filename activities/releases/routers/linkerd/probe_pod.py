"""Requests from inside of a mesh: a pod of the service's namespace sends them through its own proxy.

Each is a command in that pod, by the cluster's API: nobody else can make it send anything.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from activities.kubernetes.client import Kube
from activities.kubernetes.exec import hang_up, open_exec
from activities.releases.cluster_traffic.counter_pages import CounterApi
from activities.releases.cluster_traffic.data_plane import ATTEMPT_S, MAX_TEXT, RouterAddress
from activities.releases.routers.port import Answer
from domain.core.errors import SluicewayError
from domain.releases.kubernetes.http_route import VERSION_HEADER
from domain.releases.kubernetes.mesh_route import PROBE
from domain.releases.request_path import path_complaint

WAIT_S = 0.05
CLOSED = b"\x04closed"
"""After the answer, from the shell that has read all of it."""
_SCRIPT = f"""timeout {ATTEMPT_S:g} nc "$1" "$2"; printf '\\004closed'"""
"""`nc` and `timeout` are in every busybox, which the image needs."""


class Says(Protocol):
    """Sends bytes to a host's port from inside of a pod, and returns what came back."""

    def __call__(self, pod: str, host: str, port: int, sent: bytes) -> bytes:
        """`pod`: `NAMESPACE/NAME`; blocking.

        Raises:
            SluicewayError: the pod is not there, or does not run.
        """
        ...


@dataclass(frozen=True)
class ProbePod:
    """Implements `Requests`; the address's host is the pod, its port that of the Services."""

    say: Says

    async def __call__(self, to: RouterAddress, host: str, path: str, version: str = "") -> Answer:
        if wrong := path_complaint(path):
            return Answer(error=wrong)
        lines = [f"GET {path or '/'} HTTP/1.1", f"Host: {host}:{to.port}", "Connection: close", "Accept: */*"]
        if version:
            lines.append(f"{VERSION_HEADER}: {version}")
        sent = ("\r\n".join(lines) + "\r\n\r\n").encode("ascii", "replace")
        try:
            return answer(await asyncio.to_thread(self.say, to.host, host, to.port, sent))
        except (SluicewayError, OSError) as broken:
            return Answer(error=str(broken)[:300] or type(broken).__name__)


def answer(came: bytes) -> Answer:
    """Of HTTP/1.1 (RFC 9112), with a redirect's location as its text; a chunked body stays as it came."""
    head, ended, body = came[:MAX_TEXT].partition(b"\r\n\r\n")
    first, *fields = head.decode("latin-1").split("\r\n")
    words = first.split(" ", 2)
    if not ended or len(words) < 2 or not words[0].startswith("HTTP/1.") or not _is_code(words[1]):
        return Answer(error="it does not answer by HTTP" if came else "it does not answer")
    code = int(words[1])
    if 300 <= code < 400:
        named = (one.partition(":") for one in fields)
        return Answer(code, next((value.strip() for name, _, value in named if name.lower() == "location"), ""))
    return Answer(code, body.decode("utf-8", "replace"))


def _is_code(text: str) -> bool:
    return len(text) == 3 and text.isascii() and text.isdigit() and text >= "100"


def through_exec(kube: CounterApi) -> ProbePod:
    """Of a cluster, by the API server's `exec`."""
    if not isinstance(kube, Kube):
        raise SluicewayError("SLW943", "commands in pods need a cluster's own API")
    return ProbePod(by_exec(kube))


def by_exec(kube: Kube, clock: Callable[[], float] = time.monotonic) -> Says:
    """One command for each request."""

    def say(pod: str, host: str, port: int, sent: bytes) -> bytes:
        space, _, name = pod.partition("/")
        command = ["/bin/sh", "-c", _SCRIPT, "sh", host, str(port)]
        stream = open_exec(kube, space, name, PROBE, command, stdin=True)
        came, deadline = b"", clock() + 2 * ATTEMPT_S
        try:
            stream.write_channel(0, sent)
            while stream.is_open() and CLOSED not in came and len(came) < MAX_TEXT and clock() < deadline:
                stream.update(timeout=WAIT_S)
                if stream.peek_channel(1):
                    came += stream.read_channel(1)
        finally:
            hang_up(stream)
        return came.partition(CLOSED)[0]

    return say
