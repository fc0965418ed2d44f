"""What the clients of a home work with: for the server, and for one command in the home."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workers.client.on_engine.parts import EngineParts
from workers.core.settings import Settings
from workers.worker.local_wiring import open_objects

if TYPE_CHECKING:
    from domain.authority.registrations import Registration
    from workers.client.findings import OpenFindings
    from workers.core.records import Records


def server_parts(settings: Settings) -> EngineParts:
    """One database for all threads. Raises like `open_records`."""
    from workers.client.logins.of_home import registry_of
    from workers.core.records import open_records

    records, signer = open_records(settings), registry_of(settings)
    return EngineParts(
        settings,
        records.database,
        lambda: open_objects(settings),
        lambda of: _findings(settings, of),
        opened=records,
        tell=signer.register,
        order=signer.order,
    )


def command_parts(settings: Settings) -> EngineParts:
    """Lists load no database library."""
    from activities.storage.reader import reader_of

    return EngineParts(
        settings,
        reader_of(settings.records_place),
        lambda: open_objects(settings),
        lambda of: _findings(settings, of),
        in_threads=False,
        tell=lambda said, proof: _by_hand(settings, said),
    )


def _by_hand(settings: Settings, said: Registration) -> None:
    from workers.core.registering import telling

    telling(settings)(said)


def _findings(settings: Settings, records: Records) -> OpenFindings:
    from workers.worker.known_findings import open_findings

    return open_findings(settings, records)
