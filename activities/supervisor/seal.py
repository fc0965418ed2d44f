"""Shows that a status was written by the supervisor that the worker has started: no step knows its word."""

from __future__ import annotations

from activities.supervisor import fast_json as quick

TYPE_CHECKING = False  # as in typing, without importing it: a supervisor starts once per job
if TYPE_CHECKING:
    from domain.core.documents import Manifest, Object

FIELD = "seal"


def sealed(status: Manifest, word: str) -> Manifest:
    """`word`: secret, and of this attempt of this job alone; empty: nobody will ask for the seal."""
    return {**status, FIELD: _of(status, word)} if word else status


def is_sealed(status: Object, word: str) -> bool:
    """Whether the status is as the supervisor wrote it."""
    return status.get(FIELD) == _of({name: value for name, value in status.items() if name != FIELD}, word)


def _of(status: Object, word: str) -> str:
    try:
        from _sha256 import sha256  # type: ignore[import-not-found]  # hashlib takes longer to import than all else here
    except ImportError:
        from hashlib import sha256

    key, text = word.encode(), quick.dumps(status).encode()
    told: str = sha256(key + sha256(key + text).digest()).hexdigest()
    return told
