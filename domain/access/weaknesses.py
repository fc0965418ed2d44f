"""What is weak about a server as it would start, in sentences that say what to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from domain.access.entrance import Entrance, is_loopback

SOON_S = 14 * 86_400
"""A certificate that ends within this time is told of."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known of the installation."""

    user: str = ""
    """That the server runs as."""
    embedded: bool = True
    """Whether Temporal is the one of this home, which knows no logins of its own."""
    temporal_open: str = ""
    """Why other users of this machine can reach Temporal; empty: they cannot."""
    encrypted: bool = False
    """Whether payloads in Temporal are encrypted from now on."""
    shared_records: bool = False
    """Whether the records are in a database server, so that several servers may run."""
    key_readers: str = ""
    """Who else may read the certificate's private key; empty: nobody."""
    certificate_ends: float | None = None
    """Seconds since the epoch."""
    certificate_names: tuple[str, ...] = ()
    administrators: tuple[str, ...] = ()
    """People who hold the role on everything."""
    by_password: tuple[str, ...] = ()
    """People who log in without a key."""
    open_environments: bool = False
    untold: tuple[str, ...] = ()
    """Rights in the database that the signer was never told of, in sentences."""


@dataclass(frozen=True)
class Weakness:
    """`weak`: something to do; otherwise something to know of this installation."""

    weak: bool
    text: str


def weaknesses(entrance: Entrance, facts: Facts, now: float) -> tuple[Weakness, ...]:
    """In the order of what is nearest to the outside."""
    return (*_entrance(entrance, facts, now), *_people(facts), *_engine(facts))


def _entrance(entrance: Entrance, facts: Facts, now: float) -> Iterator[Weakness]:
    if entrance.loopback and not entrance.secure:
        yield Weakness(weak=False, text="people of this machine only; what they send is not encrypted on its loopback")
        text = (
            f"cookies know no ports: whoever opens {entrance.url.rpartition(':')[0]} at another port logs that one in"
        )
        yield Weakness(weak=False, text=text)
    if entrance.trusted_proxy and not is_loopback(entrance.trusted_proxy):
        where = f"between the proxy {entrance.trusted_proxy} and this server"
        yield Weakness(weak=True, text=f"nothing is encrypted {where}: give it a certificate")
    if facts.key_readers:
        yield Weakness(weak=True, text=f"the certificate's private key can be read by {facts.key_readers}: chmod 600")
    if facts.certificate_ends is not None and facts.certificate_ends < now + SOON_S:
        days = max(0, int((facts.certificate_ends - now) / 86_400))
        yield Weakness(weak=True, text=f"the certificate ends in {days} days")
    host = entrance.authority.rpartition(":")[0] or entrance.authority
    if entrance.tls and facts.certificate_names and not any(_covers(one, host) for one in facts.certificate_names):
        yield Weakness(weak=True, text=f"the certificate is for {', '.join(facts.certificate_names)}, not for {host}")


def _covers(name: str, host: str) -> bool:
    """RFC 6125, 6.4.3: an asterisk is one whole label, the first."""
    if name.startswith("*."):
        return name[2:].lower() == host.partition(".")[2].lower()
    return name.lower() == host.lower()


def _people(facts: Facts) -> Iterator[Weakness]:
    if not facts.administrators:
        yield Weakness(weak=True, text="nobody is an administrator yet: whoever has the first one-time link becomes it")
    elif len(facts.administrators) == 1:
        text = "one administrator: when the key is lost, only `sluiceway recover` on this host lets anybody in again"
        yield Weakness(weak=True, text=text)
    for one in facts.untold:
        yield Weakness(weak=True, text=f"the database says what nobody has done through this engine: {one}")
    if facts.by_password:
        yield Weakness(weak=True, text=f"log in by a password, which can be phished: {', '.join(facts.by_password)}")


def _engine(facts: Facts) -> Iterator[Weakness]:
    if facts.user == "root":
        yield Weakness(weak=True, text="the server runs as root: whoever takes it over has the machine")
    text = (
        "the server runs as the engine's user: whoever takes it over reaches all of this home, the signer's files too"
    )
    yield Weakness(weak=False, text=text)
    if facts.temporal_open:
        yield Weakness(weak=True, text=f"other users of this machine reach Temporal: {facts.temporal_open}")
    elif facts.embedded:
        text = "Temporal and its UI have no login of their own: this user reaches them past the server"
        yield Weakness(weak=False, text=text)
    if facts.open_environments:
        yield Weakness(weak=True, text="SLUICEWAY_OPEN_ENVIRONMENTS: deployments need no registered environment")
    if not facts.encrypted:
        text = "messages in Temporal are sealed, not encrypted: whoever reaches it can read them"
        yield Weakness(weak=False, text=f"{text} (`sluiceway keys encrypt`)")
    if not facts.shared_records:
        yield Weakness(
            weak=False, text="the records are a file of this home, for one machine, until SLUICEWAY_DATABASE is set"
        )
