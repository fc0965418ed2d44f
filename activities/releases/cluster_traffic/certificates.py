"""The certificates of the listeners that take a service's requests, as far as they may be read."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cryptography import x509

from activities.kubernetes.port import ObjectApi
from activities.releases.routers.port import Listened
from domain.core.documents import Node
from domain.core.errors import SluicewayError
from domain.releases.kubernetes.certificate import Certificate

FIX = "renew the certificate, or name another Secret at the listener; `kubectl describe gateway` shows both"
UNREADABLE = (401, 403)
UNNAMED = (x509.ExtensionNotFound, x509.DuplicateExtension, x509.UnsupportedGeneralNameType)
"""What certificates are that say nobody's name."""


@dataclass(frozen=True)
class Listener:
    """One that ends TLS for a host."""

    name: str
    """For people: of its Gateway, and its own."""
    secrets: tuple[str, ...]
    """Each `NAMESPACE/NAME`; the router chooses among them by the host that a client names."""
    why: str = ""
    """What its controller says is wrong with it; empty: nothing."""


def look(kube: ObjectApi, listeners: Iterable[Listener], host: str, now: float) -> Listened:
    """Blocking. `now`: seconds since the epoch."""
    refusals, notes = [], []
    for one in listeners:
        refusal, note = _of(kube, one, host, now)
        refusals += [f"SLW870: {one.name} does not serve {host}: {refusal}; to fix it: {FIX}"] if refusal else []
        notes += [f"{one.name}: {note}"] if note else []
    return Listened(tuple(refusals), tuple(notes))


def _of(kube: ObjectApi, listener: Listener, host: str, now: float) -> tuple[str, str]:
    """Why it is refused, and what is told. One of its certificates is enough."""
    if listener.why:
        return listener.why, ""
    wrong, hidden, serving = "", "", []
    for name in listener.secrets:
        found = _read(kube, name)
        if found is None:
            hidden = hidden or f"its Secret {name} may not be read here: only its controller's word says that it serves"
        elif why := found if isinstance(found, str) else found.complaint(host, now):
            wrong = wrong or f"Secret {name}: {why}"
        elif isinstance(found, Certificate):
            serving.append((found.ends, found.warning(now), name))
    if serving:
        _, soon, name = max(serving)
        return "", f"Secret {name}: {soon}" if soon else ""
    return ("", hidden) if hidden else (wrong, "")


def _read(kube: ObjectApi, name: str) -> Certificate | str | None:
    """A certificate, or why there is none; None: it may not be read."""
    space, _, short = name.partition("/")
    try:
        secret = kube.get("v1", "Secret", short, space)
    except SluicewayError as refused:
        if refused.status not in UNREADABLE:
            raise
        return None
    if secret is None:
        return "there is none of this name"
    try:
        first = next(_certificates(Node(secret).at("data", "tls.crt").text()))
    except (ValueError, StopIteration, *UNNAMED):
        return "`tls.crt` holds no certificate with names"
    return first


def _certificates(text: str) -> Iterator[Certificate]:
    """The one that is presented comes first; the rest is its chain."""
    for one in x509.load_pem_x509_certificates(base64.b64decode(text, validate=True)):
        names = one.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        begins, ends = one.not_valid_before_utc.timestamp(), one.not_valid_after_utc.timestamp()
        yield Certificate(tuple(names.get_values_for_type(x509.DNSName)), begins, ends)
