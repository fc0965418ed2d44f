"""The Temporal connection of every process, with one data converter. Loads no workflows."""

from __future__ import annotations

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError

from domain.core.errors import UnreachableError

CONVERTER = pydantic_data_converter


async def connect(address: str, namespace: str = "default") -> Client:
    """A connected client.

    Raises:
        UnreachableError: no Temporal answers at the address.
    """
    try:
        return await Client.connect(address, namespace=namespace, data_converter=CONVERTER)
    except (RPCError, RuntimeError, OSError) as broken:
        why = str(broken).splitlines()[0][:200]
        raise UnreachableError("SLW902", f"no Temporal answers at {address}", why=why, fix="sluiceway up") from broken
