"""The logins of one home."""

from __future__ import annotations

from activities.authority.client import ANSWER_S, AuthorityClient, Socket
from workers.client.founding import Founding
from workers.client.logins.ground import Ground, Limiter, Unlimited
from workers.client.logins.logins import Logins
from workers.core.records import Records
from workers.core.registering import telling
from workers.core.settings import Settings

PATIENCE_S = 3.0
"""How long a login waits for a signer that is being restarted."""


def logins_of(settings: Settings, records: Records, origin: str, limiter: Limiter | None = None) -> Logins:
    """For a server. The signer's socket for servers believes nothing that is not proven."""
    registry = registry_of(settings)
    return Logins(Ground(records=records, registry=registry, origin=origin, limiter=limiter or Unlimited()))


def registry_of(settings: Settings) -> AuthorityClient:
    """The signer, as a server speaks to it."""
    return AuthorityClient(Socket(settings.signer_server_socket, PATIENCE_S, ANSWER_S).ask, _nothing)


def founding_of(settings: Settings, records: Records, origin: str) -> Founding:
    """For commands that the owner of a home gives in it."""
    return Founding(records, logins_of(settings, records, origin).links, telling(settings))


def _nothing(digest: str) -> bytes:
    raise KeyError(digest)
