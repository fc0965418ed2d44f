"""The Temporal connection of every process. Loads no workflows, and no pydantic."""

from __future__ import annotations

from temporalio.client import Client
from temporalio.converter import DataConverter
from temporalio.service import RPCError

from domain.core.errors import UnreachableError
from workers.core.light_conversion import LIGHT


async def connect(
    address: str,
    namespace: str = "default",
    converter: DataConverter = LIGHT,
    *,
    fix: str = "sluiceway up",
    identity: str = "",
) -> Client:
    """A connected client. `converter` and `identity` (default `PID@HOST`): workers bring theirs.

    Raises:
        UnreachableError: no Temporal answers at the address.
    """
    try:
        return await Client.connect(address, namespace=namespace, data_converter=converter, identity=identity or None)
    except (RPCError, RuntimeError, OSError) as broken:
        why = str(broken).splitlines()[0][:200]
        raise UnreachableError("SLW902", f"no Temporal answers at {address}", why=why, fix=fix) from broken
