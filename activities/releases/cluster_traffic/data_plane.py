"""Requests to the router processes of a cluster: what shows that a change of traffic is in force.

What the API says of a route is necessary and never enough: a controller reports it before its processes have loaded it.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

import httpx2

from activities.releases.clock import Clock, RealClock
from activities.releases.routers.port import Answer
from domain.core.errors import SluicewayError
from domain.releases.kubernetes.http_route import SIGN_DOMAIN, VERSION_HEADER
from domain.releases.request_path import path_complaint

LIMIT_S = 60.0
"""How long a change may take: a restarted API server has needed 14 seconds."""
POLL_S = 0.05
IN_A_ROW = 20
"""Answers through an address that may stand for several processes."""
ATTEMPT_S = 2.0
MAX_TEXT = 1_000_000
AWAY = frozenset({502, 503, 504})
"""What routers answer for a version whose endpoints they do not know or reach."""


@dataclass(frozen=True)
class RouterAddress:
    """Where routers take requests in."""

    host: str
    port: int
    tls: bool = False
    shared: bool = True
    """Several processes may answer behind it; False: this is one process."""

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class Requests(Protocol):
    """Sends one request to a router process; a test puts another one in its place."""

    async def __call__(self, to: RouterAddress, host: str, path: str, version: str = "") -> Answer:
        """The answer, with redirects as they are: `text` is the location of one."""
        ...


def unverified() -> ssl.SSLContext:
    """A sign is no secret, and addresses of processes are in no certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


async def request(to: RouterAddress, host: str, path: str, version: str = "") -> Answer:
    """One GET on a connection of its own: a kept one may lead to a process that is about to end."""
    if wrong := path_complaint(path):
        return Answer(error=wrong)
    name = f"[{to.host}]" if ":" in to.host else to.host
    url = f"{'https' if to.tls else 'http'}://{name}:{to.port}{path or '/'}"
    headers = {"Host": host, **({VERSION_HEADER: version} if version else {})}
    try:
        async with (
            httpx2.AsyncClient(trust_env=False, verify=unverified(), timeout=ATTEMPT_S) as client,
            client.stream("GET", url, headers=headers, extensions={"sni_hostname": host}) as answer,
        ):
            if answer.is_redirect:
                return Answer(answer.status_code, answer.headers.get("location", ""))
            return Answer(answer.status_code, await _text(answer))
    except (httpx2.HTTPError, OSError, ValueError) as broken:
        return Answer(error=str(broken) or type(broken).__name__)


async def _text(answer: httpx2.Response) -> str:
    parts, size = [], 0
    async for part in answer.aiter_bytes():
        parts.append(part)
        size += len(part)
        if size > MAX_TEXT:
            break
    return b"".join(parts)[:MAX_TEXT].decode("utf-8", "replace")


Addresses = Callable[[], Awaitable[list[RouterAddress]]]
"""The router processes as they are now; asked again while waiting, since they come and go."""


@dataclass(frozen=True)
class _Seen:
    """What one address showed; with `away` it did not answer at all."""

    why: str = ""
    away: bool = False


_Look = Callable[[RouterAddress], Awaitable[_Seen]]


@dataclass(frozen=True)
class DataPlane:
    """Waits until every router process shows a change."""

    requests: Requests = request
    clock: Clock = field(default_factory=RealClock)
    limit_s: float = LIMIT_S

    async def shows(self, addresses: Addresses, host: str, path: str, sign: str) -> None:
        """Returns when every process has loaded the state with this sign.

        Raises:
            SluicewayError: SLW878, one did not show it in time.
        """

        async def look(to: RouterAddress) -> _Seen:
            answer = await self.requests(to, host, path)
            if answer.error:
                return _Seen(answer.error, away=True)
            shown = answer.status == 302 and f"//{sign}.{SIGN_DOMAIN}" in answer.text
            return _Seen("" if shown else f"it answers {answer.status} instead of the sign {sign}")

        await self._everywhere(addresses, look, f"the routers do not show the new route of {host}")

    async def reaches(self, addresses: Addresses, host: str, path: str, version: str) -> None:
        """Returns when every process reaches this version's endpoints.

        Raises:
            SluicewayError: SLW878, one did not reach it in time.
        """

        async def look(to: RouterAddress) -> _Seen:
            answer = await self.requests(to, host, path, version)
            if answer.error:
                return _Seen(answer.error, away=True)
            return _Seen(f"it answers {answer.status} for it" if answer.status in AWAY else "")

        await self._everywhere(addresses, look, f"the routers do not reach {version} of {host}")

    async def _everywhere(self, addresses: Addresses, look: _Look, what: str) -> None:
        deadline = self.clock.now() + self.limit_s
        while why := await self._missing(await addresses(), look):
            if self.clock.now() > deadline:
                raise SluicewayError("SLW878", what, why=why, transient=True)
            await self.clock.sleep(POLL_S)

    async def _missing(self, addresses: list[RouterAddress], look: _Look) -> str:
        """Why it is not shown yet, or empty. Processes count one by one where they can be reached from here."""
        own = [to for to in addresses if not to.shared]
        seen = await asyncio.gather(*(look(to) for to in own))
        if all(one.away for one in seen):
            own = [to for to in addresses if to.shared]
            seen = await asyncio.gather(*(_in_a_row(to, look) for to in own))
        if not seen:
            return "there is no router"
        return next((f"{to}: {one.why}" for to, one in zip(own, seen, strict=True) if one.why), "")


async def _in_a_row(to: RouterAddress, look: _Look) -> _Seen:
    """The first answer that is not as wanted, or the last of `IN_A_ROW`."""
    seen = _Seen()
    for _ in range(IN_A_ROW):
        seen = await look(to)
        if seen.why:
            break
    return seen
