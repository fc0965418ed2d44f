"""The Temporal connection of every process. Loads no workflows, and no pydantic."""

from __future__ import annotations

from dataclasses import replace

from temporalio.client import Client
from temporalio.converter import DataConverter
from temporalio.service import RPCError

from domain.core.errors import UnreachableError
from workers.core.keyring import Keyring
from workers.core.light_conversion import LIGHT
from workers.core.sealed_client import SealedAnswers, SealedCalls
from workers.core.settings import load


async def connect(
    address: str,
    namespace: str = "default",
    converter: DataConverter = LIGHT,
    *,
    ring: Keyring | None = None,
    fix: str = "sluiceway up",
    identity: str = "",
) -> Client:
    """A connected client, which seals what it sends. `ring`: the keys; default: those of this process's home.

    `converter` and `identity` (default `PID@HOST`): workers bring theirs. A home without keys has an engine
    of a version that knows no seals, and its worker hears what has none.

    Raises:
        UnreachableError: no Temporal answers at the address.
        SluicewayError: SLW003, the keys of the home are lost.
    """
    ring = ring or Keyring.of_home(load().home)
    calls = []
    if ring.made:
        calls = [SealedCalls(ring, namespace, converter.payload_converter)]
        converter = replace(converter, payload_codec=SealedAnswers(ring, namespace))
    try:
        return await Client.connect(
            address, namespace=namespace, data_converter=converter, interceptors=calls, identity=identity or None
        )
    except (RPCError, RuntimeError, OSError) as broken:
        why = str(broken).splitlines()[0][:200]
        raise UnreachableError("SLW902", f"no Temporal answers at {address}", why=why, fix=fix) from broken
