"""Where entries of the audit go."""

from __future__ import annotations

from typing import Protocol

from sqlalchemy import Connection

from domain.access.entry import Entry


class Recorder(Protocol):
    """Appends to the audit."""

    def record(self, entry: Entry, connection: Connection | None = None) -> int:
        """The entry's number. `connection`: the transaction of the change that it is about; None: one of its own.

        Raises:
            SluicewayError: it could not be written. What it is about must not happen then.
        """
        ...
