"""What exec sessions of a home are opened with."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from activities.authority.client import ANSWER_S, AuthorityClient, Socket
from activities.kubernetes.kubeconfigs import AddressBook
from activities.pods.cluster_terminals import ClusterTerminals
from domain.access.owner import is_owner
from domain.access.principal import Caller
from domain.core.errors import SluicewayError
from workers.client.on_engine.terminals.exec_opening import ExecGround
from workers.core.records import Records
from workers.core.settings import Settings

PATIENCE_S = 2.0
"""For a signer that does not run: then nobody gets into a container."""


def exec_ground(settings: Settings, records: Records) -> ExecGround:
    """Of this home. The owner asks at the signer's own socket, a server at the one where it is believed nothing."""
    addresses = AddressBook(settings.addresses)

    def entries(caller: Caller) -> AuthorityClient:
        socket = settings.signer_socket if is_owner(caller) else settings.signer_server_socket
        return AuthorityClient(partial(_asked, socket), _nothing)

    return ExecGround(records, ClusterTerminals(addresses, settings.clusters), entries, addresses)


def _asked(socket: Path, line: bytes) -> bytes:
    return Socket(socket, PATIENCE_S, ANSWER_S).ask(line)


def _nothing(digest: str) -> bytes:
    raise SluicewayError("SLW801", f"no object {digest} is needed for an exec session")
