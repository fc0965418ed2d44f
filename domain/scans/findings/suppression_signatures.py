"""What an approver signs to accept a risk, and where the signatures stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from domain.core.canonical import text_to_sign
from domain.core.documents import Node
from domain.core.values import Json
from domain.scans.findings.suppressions import Suppression

FILE = "sluiceway.signatures.json"
"""Beside the file of suppressions, in the root of the repository."""


@dataclass(frozen=True)
class Signed:
    """One signature, as it stands in the file. Untrusted until it was checked."""

    approver: str
    repository: str
    """As `repository_name` writes it."""
    signature: str
    """Base64 of ed25519, or an SSH signature, over `entry_text` or `statements_text`."""


def entry_text(one: Suppression, repository: str) -> bytes:
    """The bytes that the signature of a suppression covers: everything that decides what it hides, and where.

    Raises:
        ValueError: a text is no Unicode.
    """
    names = ("fingerprint", "rule", "path", "kind", "package", "reason", "owner", "approver")
    told: dict[str, Json] = {name: getattr(one, name) for name in names}
    told |= {"since": one.since.isoformat(), "expires": one.expires.isoformat(), "repository": repository}
    return text_to_sign("suppression/v1", told)


def statements_text(sha256: str, approver: str, repository: str) -> bytes:
    """The bytes that the signature of a VEX document covers. `sha256`: of the document's bytes."""
    return text_to_sign("vex/v1", {"sha256": sha256, "approver": approver, "repository": repository})


def read(document: Json) -> Iterator[Signed]:
    """The signatures of a file; what is none is left out."""
    for one in Node(document)["signatures"]:
        yield Signed(one["approver"].text(), one["repository"].text(), one["signature"].text())
