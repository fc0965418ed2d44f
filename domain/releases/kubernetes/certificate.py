"""Whether the certificate of a listener serves a host.

Source: RFC 9525, section 6.3: names are those of the extension subjectAltName, and `*` is a whole left-most label.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

SOON_S = 7 * 86_400
"""What ends earlier is told."""
MOST_SHOWN = 5


@dataclass(frozen=True)
class Certificate:
    """What is presented to clients; times in seconds since the epoch."""

    names: tuple[str, ...]
    """DNS names."""
    begins: float
    ends: float

    def complaint(self, host: str, now: float) -> str:
        """Why clients refuse it for a host; empty: they do not, for what can be seen of it."""
        if now >= self.ends:
            return f"it ended on {_day(self.ends)}"
        if now < self.begins:
            return f"it begins on {_day(self.begins)}"
        if not any(matches(name, host) for name in self.names):
            said = ", ".join(self.names[:MOST_SHOWN]) or "no name"
            return f"it is for {said[:200]}, and not for {host}"
        return ""

    def warning(self, now: float) -> str:
        """What people should know of one that is valid; empty: nothing."""
        return f"it ends on {_day(self.ends)}" if self.ends - now < SOON_S else ""


def matches(name: str, host: str) -> bool:
    """Whether a certificate's name is that of a host; `*.example.org` is of one label more, not of two."""
    name, host = name.lower().rstrip("."), host.lower().rstrip(".")
    first, _, rest = host.partition(".")
    return name == host or (name.startswith("*.") and bool(first) and bool(rest) and name[2:] == rest)


def _day(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d}"
