"""How often a caller may sign and make tokens. Logins count for themselves (workers/client/logins)."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from litestar import Request

from domain.access.principal import Caller, PrincipalKind
from workers.client.logins.ground import Limiter

KINDS = (
    (re.compile(r"/api/v1/approvals/[^/]+/decisions|/approvals?/.+/(decide|decisions?)"), "signature"),
    (re.compile(r"/api/v1/me/(confirmations|invitations)|/api/v1/policies/[^/]+/steps"), "signature"),
    (re.compile(r"/api/v1/(tokens|keys|me/keys)(/.*)?|/(me|people)/.*(tokens?|keys?)"), "token"),
    (
        re.compile(
            r"(/api/v1)?/(pods(/.+/end)?|clusters/.+/(delete|restart|begin|changes))"
            r"|/api/v1/requests(/[^/]+/cancel)?|/requests/(new|.+/end)|/volumes/.+"
        ),
        "order",
    ),
)
"""What is counted, of the requests that change something: what ends in a signature, a token or a key of somebody, or
in an order for a cluster, which the signer's log keeps.
"""


def kind_of(method: str, path: str) -> str:
    """`signature`, `token`, `order` or, empty, what is not counted."""
    if method not in ("POST", "PUT"):
        return ""
    routed = "/" + "/".join(part for part in path.split("/") if part)  # as the router reads it: `//` is `/`
    return next((kind for pattern, kind in KINDS if pattern.fullmatch(routed)), "")


async def limited(request: Request[Any, Any, Any], caller: Caller, limiter: Limiter) -> None:
    """Counts what is to be counted, by the network and by the principal.

    Raises:
        RefusedError: SLW454, too many; the answer says when the next one is possible.
    """
    kind = kind_of(request.method, request.url.path)
    if not kind:
        return
    await counted(kind, caller, request.client.host if request.client else "", limiter)


async def counted(kind: str, caller: Caller, address: str, limiter: Limiter) -> None:
    """One try of `kind`. Raises as `limited`."""
    await asyncio.to_thread(limiter.take, kind, f"address:{address}")
    if caller.principal.kind is not PrincipalKind.ANONYMOUS:
        await asyncio.to_thread(limiter.take, kind, caller.on_behalf_of or caller.principal.id)
