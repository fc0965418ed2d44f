"""`Access` on the engine: rights, and who people are."""

from __future__ import annotations

from workers.client.people import PeopleOnEngine
from workers.client.rights.grants import GrantsOnEngine
from workers.client.rights.ground import RightsGround
from workers.core.records import Records


class EngineAccess(GrantsOnEngine, PeopleOnEngine):
    """Of one caller."""

    def __init__(self, ground: RightsGround, records: Records) -> None:
        GrantsOnEngine.__init__(self, ground)
        PeopleOnEngine.__init__(self, ground, records)
