"""Registers by hand in a home: the signer is told, or finds it waiting when it starts."""

from __future__ import annotations

from activities.access.registrar import Registrar, Tell
from activities.authority import log_parts
from activities.authority.client import AuthorityClient, Socket
from activities.authority.waiting import WaitingFile
from domain.authority.registrations import Registration
from domain.core.errors import SluicewayError
from workers.core.records import Records
from workers.core.settings import Settings


def registrar(settings: Settings, records: Records) -> Registrar:
    """For commands that the owner of a home gives in it."""
    return Registrar(records.identities, records.definitions, telling(settings))


def telling(settings: Settings) -> Tell:
    """Tells the signer of a home. A home that never had one tells nothing: its signer takes over what is there."""

    def tell(said: Registration) -> None:
        if log_parts.is_new(settings.signer_log):
            return
        if not settings.signer_socket.exists():
            WaitingFile(settings.signer_waiting).add(said)
            return
        try:
            AuthorityClient(Socket(settings.signer_socket, patience_s=0).ask, _nothing).register(said)
        except SluicewayError as away:
            if away.code != "SLW010":
                raise
            WaitingFile(settings.signer_waiting).add(said)

    return tell


def _nothing(digest: str) -> bytes:
    raise KeyError(digest)
