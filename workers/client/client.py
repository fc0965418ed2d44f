"""The connection to a running engine, used by every call of this package. Loads no workflow."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from temporalio.client import Client

from domain.authority.cluster_orders import Order
from workers.core import connection
from workers.core.settings import TASK_QUEUE, Settings


@dataclass(frozen=True)
class Engine:
    """A connected engine: its Temporal client, and the task queue of its workers."""

    client: Client
    queue: str = TASK_QUEUE
    order: Callable[[Order], None] | None = None
    """Tells the signer what somebody wants of a cluster; None: nobody gives commands for clusters here."""


async def connect(settings: Settings) -> Engine:
    """The engine of these settings.

    Raises:
        UnreachableError: SLW901, this home has no engine; SLW902, it does not answer.
    """
    fix = "check SLUICEWAY_ADDRESS and the server" if settings.address else "sluiceway up"
    client = await connection.connect(settings.temporal_address(), settings.namespace, fix=fix)
    return Engine(client, order=lambda order: _tell(settings, order))


def _tell(settings: Settings, order: Order) -> None:
    """Raises:
    SluicewayError: SLW010, the signer of this home does not answer here.
    """
    from activities.authority.client import AuthorityClient, Socket

    def nothing(digest: str) -> bytes:
        raise KeyError(digest)

    AuthorityClient(Socket(settings.signer_socket).ask, nothing).order(order)


def new_delivery_id(kind: str) -> str:
    """A new unique id, `manual-` and 16 hex digits."""
    return f"{kind}-{secrets.token_hex(8)}"
