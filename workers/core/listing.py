"""What commands list: runs and releases as they are recorded, read without what only an engine needs."""

from __future__ import annotations

from dataclasses import dataclass

from activities.releases.release_reader import ReleaseReader
from activities.runs.run_reader import RunReader
from activities.storage.sqlite_reader import SqliteReader
from workers.core.settings import Settings


@dataclass(frozen=True)
class Listing:
    """Runs and releases of a home, read-only; made by `open_listing`."""

    runs: RunReader
    releases: ReleaseReader
    reader: SqliteReader

    def check(self) -> None:
        """Migrates records of an older engine.

        Raises:
            SluicewayError: SLW806, a newer engine has made them; SLW807, they cannot be opened.
        """
        self.reader.rows("select 1")


def open_listing(settings: Settings) -> Listing:
    """Nothing is opened before the first question. Raises: as `Records.at`, when something is asked."""
    reader = SqliteReader(settings.records)
    return Listing(RunReader(reader), ReleaseReader(reader), reader)
