"""What the clients of a home work with: for the server, and for one command in the home."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workers.client.on_engine.parts import EngineParts
from workers.core.settings import Settings
from workers.worker.local_wiring import open_objects

if TYPE_CHECKING:
    from workers.client.findings import OpenFindings
    from workers.core.records import Records


def server_parts(settings: Settings) -> EngineParts:
    """One database for all threads. Raises like `open_records`."""
    from workers.core.records import open_records

    records = open_records(settings)
    return EngineParts(
        settings, records.database, lambda: open_objects(settings), lambda of: _findings(settings, of), opened=records
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
    )


def _findings(settings: Settings, records: Records) -> OpenFindings:
    from workers.worker.known_findings import open_findings

    return open_findings(settings, records)
