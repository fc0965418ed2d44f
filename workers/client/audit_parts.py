"""What the audit of a home is made of, and who has kept what of it."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from activities.access.audit_store import damaged
from activities.access.checkpoint_archive import archived
from activities.access.checkpoints import Checkpoints
from activities.authority import log_parts, public_keys
from activities.authority.client import ANSWER_S, AuthorityClient, Socket
from activities.storage.port import Store
from domain.access.verification import Mark
from domain.core.documents import Node
from domain.core.errors import SluicewayError, UnreachableError
from workers.client import audit_witness
from workers.client.audit import AuditParts
from workers.client.client import Engine
from workers.core.records import Records
from workers.core.settings import Settings

SIGNER = "the signer"
PATIENCE_S = 2.0
"""How long a question waits for a signer that may not run: the checkpoints that are there are shown then."""


def audit_parts(
    settings: Settings, records: Records, store: Store, engine: Callable[[], Awaitable[Engine]]
) -> AuditParts:
    """Of this home. `engine`: its connection, when it is needed.

    Raises:
        SluicewayError: SLW017, the file of the signer's public keys cannot be read.
    """
    public = public_keys.known(settings.signer).get("permits", b"")
    signer = AuthorityClient(partial(_asked, settings.signer_server_socket), _nothing)

    async def witnesses() -> Sequence[Mark]:
        kept = await asyncio.to_thread(lambda: [*signed(settings), *(archived(store, public) if public else ())])
        try:
            return [*kept, *await audit_witness.seen((await engine()).client)]
        except UnreachableError:
            return kept

    checkpoints = Checkpoints(records.database, signer)
    return AuditParts(records.database, records.audit, public, witnesses, checkpoints, lambda: untold(settings))


def untold(settings: Settings) -> tuple[str, ...]:
    """What the database says of rights that the signer was never told; nothing, where it does not answer."""
    try:
        return AuthorityClient(partial(_asked, settings.signer_server_socket), _nothing).rights_differ()
    except SluicewayError as away:
        if away.code != "SLW010":
            raise
        return ()


def signed(settings: Settings) -> Iterator[Mark]:
    """What the signer's own log says that it has signed of the audit.

    Raises:
        SluicewayError: SLW018, that log is damaged.
    """
    for entry, _ in log_parts.entries(settings.signer_log):
        if entry.kind == "checkpoint":
            said = Node(entry.body)
            try:
                yield Mark(SIGNER, said["size"].whole(), base64.b64decode(said["root"].text(), validate=True))
            except ValueError as broken:
                raise damaged("a checkpoint in the signer's log is none") from broken


def _asked(socket: Path, line: bytes) -> bytes:
    """Without waiting for a signer that was never started, or was stopped.

    Raises:
        SluicewayError: SLW010, it does not answer.
    """
    if not socket.exists():
        raise SluicewayError(
            "SLW010", "the signer does not answer", where=str(socket), fix="sluiceway up", transient=True
        )
    return Socket(socket, PATIENCE_S, ANSWER_S).ask(line)


def _nothing(digest: str) -> bytes:
    raise SluicewayError("SLW801", f"no object {digest} is needed for a checkpoint")
