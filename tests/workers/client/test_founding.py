"""The first administrator, from the link on the host to the first key."""

from __future__ import annotations

from pathlib import Path

from activities.access.key_registry import enrolment
from domain.authority.registrations import ADMINISTRATOR
from tests.support.authenticator import Authenticator
from tests.support.link_codes import by_code
from tests.workers.api.logging_in import Server
from workers.client.founding import Founding


def test_a_second_link_for_the_first_administrator_keeps_the_groups_of_the_first(tmp_path: Path):
    server = Server(tmp_path)
    founding = Founding(server.records, server.logins.links, server.registry.register)
    founding.first(("release-managers",), "ann")
    link = founding.first(name="ann")  # as `up` makes one, while nobody has a key
    said = enrolment("ann", Authenticator().person_key)
    server.registry.register(said, by_code(said, link.partition("#")[2]))
    known = server.registry.person("ann")
    assert known is not None
    assert (known.groups, known.roles) == (("release-managers",), (ADMINISTRATOR,))
    assert len(known.keys) == 1
