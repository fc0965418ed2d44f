"""The visitor of a demo: the first administrator of its home."""

from __future__ import annotations

from workers.client.logins.of_home import founding_of
from workers.core.records import open_records
from workers.core.settings import Settings
from workers.views.output import out_lines, styled


def invite(settings: Settings, why: str) -> str:
    """Prints a link that logs them in once, and returns it; where they have a key already, the server's address.

    Empty: this home has no server.
    """
    if not settings.serves:
        return ""
    address = settings.engine()["server"]
    link = founding_of(settings, open_records(settings), address).first(("release-managers",)) or address
    out_lines(styled(f"\n{why}; the link logs you in once, then register a passkey there:", bold=True))
    out_lines(styled(f"  {link}\n", "cyan"))
    return link
