"""Handles of work that is given away: a text that only this installation can make, and that fits one cluster only.

A task token of the orchestration server is no secret and carries no proof: whoever knows how it is made could answer
for any workflow. So nobody outside is given one without a MAC over it and over the cluster that it was given to.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

from domain.authority.seals import framed

MOST = 8_000
"""Characters of a handle."""


@dataclass(frozen=True, kw_only=True)
class Given:
    """An activity that was given to the worker in a cluster."""

    cluster: str
    token: str
    """The server's own, in Base64."""
    type: str
    workflow_id: str
    run_id: str
    activity_id: str


def handle_of(secret: bytes, given: Given) -> str:
    """What its worker tells about it with. `secret`: a key of the installation."""
    body = json.dumps([getattr(given, field.name) for field in fields(given)]).encode()
    return f"{base64.urlsafe_b64encode(body).decode()}.{_mac(secret, body)}"


def given_of(secrets: Iterable[bytes], cluster: str, handle: str) -> Given | None:
    """What a stranger's text is a handle of; None: of nothing that this installation has given to this cluster."""
    text, dot, mac = handle.partition(".")
    if len(handle) > MOST or not dot:
        return None
    try:
        body = base64.b64decode(text, b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    if not any(hmac.compare_digest(_mac(one, body).encode(), mac.encode("utf-8", "replace")) for one in secrets):
        return None
    given = _read(json.loads(body))
    return given if given.cluster == cluster else None


def _read(values: Sequence[str]) -> Given:
    return Given(**{field.name: value for field, value in zip(fields(Given), values, strict=True)})


def _mac(secret: bytes, body: bytes) -> str:
    return hmac.digest(secret, framed([b"sluiceway/handle/v1", body]), hashlib.sha256).hex()
