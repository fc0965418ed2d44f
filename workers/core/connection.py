"""How every process of the engine speaks to Temporal: one converter. Workflows are not loaded for it."""

from __future__ import annotations

from temporalio.client import Client
from temporalio.converter import DataConverter
from temporalio.service import RPCError

from domain.core.errors import UnreachableError
from workers.core.payloads import PayloadConverter

CONVERTER = DataConverter(payload_converter_class=PayloadConverter)


async def connect(address: str, namespace: str = "default") -> Client:
    """Raises:
    UnreachableError: no Temporal answers at the address.
    """
    try:
        return await Client.connect(address, namespace=namespace, data_converter=CONVERTER)
    except (RPCError, RuntimeError, OSError) as broken:
        why = str(broken).splitlines()[0][:200]
        raise UnreachableError("SLW902", f"no Temporal answers at {address}", why=why, fix="sluiceway up") from broken
