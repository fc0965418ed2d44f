"""Encrypted payloads: what stands beside the ciphertext, and what it is bound to.

A sealed payload is encrypted whole, with its seal. Beside the ciphertext stands whose it is, so that a reader can be
asked for a right before anything is decrypted; namespace and execution are associated data (RFC 5116, 2.1), so what is
copied beside another name does not open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.authority.seals import framed

ENCODING = b"binary/encrypted"
KEY = "encryption-key-id"
OWNER = "of"
MOST_NAME = 4_000
"""Bytes of an execution's id, of what a stranger says."""
NONCE_BYTES, TAG_BYTES = 12, 16


class Hiding(StrEnum):
    """Whether payloads are encrypted."""

    NEVER = "never"
    NOW = "now"
    BEFORE = "before"
    """No more: what was encrypted stays so, and is still read."""


@dataclass(frozen=True)
class Hidden:
    """What stands beside a ciphertext."""

    key: str
    """Id of the installation's key."""
    workflow_id: str
    """Whose payload it is: of the execution that is told, or that tells."""

    def associated(self, namespace: str) -> bytes:
        """What is authenticated along with the ciphertext."""
        texts = ("sluiceway/payload/v1", namespace, self.workflow_id, self.key)
        return framed([text.encode("utf-8", "surrogatepass") for text in texts])

    def metadata(self) -> Mapping[str, bytes]:
        """As it is sent."""
        return {
            "encoding": ENCODING,
            KEY: self.key.encode(),
            OWNER: self.workflow_id.encode("utf-8", "surrogatepass"),
        }


def read(metadata: Mapping[str, bytes]) -> Hidden | None:
    """What a stranger's metadata says; None: the payload is not encrypted by any of us."""
    if metadata.get("encoding") != ENCODING or not all(
        0 < len(metadata.get(n, b"")) <= MOST_NAME for n in (KEY, OWNER)
    ):
        return None
    try:
        return Hidden(metadata[KEY].decode("ascii"), metadata[OWNER].decode("utf-8", "surrogatepass"))
    except UnicodeDecodeError:
        return None
