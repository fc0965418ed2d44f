"""Recorded runs and releases for commands that list, without loading the engine."""

from __future__ import annotations

from dataclasses import dataclass

from activities.releases.release_reader import ReleaseReader
from activities.runs.run_reader import RunReader
from activities.storage.reader import reader_of
from activities.storage.schema import Rows
from workers.core.settings import Settings


@dataclass(frozen=True)
class Listing:
    """Runs and releases of a home, read-only; made by `open_listing`."""

    runs: RunReader
    releases: ReleaseReader
    reader: Rows

    def check(self) -> None:
        """Migrates records of an older engine.

        Raises:
            SluicewayError: SLW806, created by a newer engine; SLW807, they cannot be opened.
        """
        self.reader.rows("select 1")


def open_listing(settings: Settings) -> Listing:
    """Opens lazily, at the first query, which raises like `Records.at`."""
    reader = reader_of(settings.records_place)
    return Listing(RunReader(reader), ReleaseReader(reader), reader)
