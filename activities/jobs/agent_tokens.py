"""Tokens of agents: each is good for one attempt of one job, by its permit, and for as long as the job has its file.

`KEY:SECRET`, where KEY is the job's. Of the secret only a digest is kept, beside the job; whoever ends the job removes
it, and the token is worth nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from pathlib import Path

from activities.core.files import read_bounded, write_atomically
from domain.core.documents import Node

FILE = "agent.json"
MOST_BYTES = 4_096
_TOKEN = re.compile(r"([0-9a-f]{32}):([0-9a-f]{64})", re.A)


def made(key: str) -> str:
    """A new token for a job."""
    return f"{key}:{secrets.token_hex(32)}"


def allow(folder: Path, token: str, permit: str) -> None:
    """From now on, until `end`. `permit`: the digest of what the signer has permitted."""
    write_atomically(folder / FILE, json.dumps({"secret": _digest(token), "permit": permit}))


def end(folder: Path) -> None:
    """The token of this job is worth nothing any more. Idempotent."""
    (folder / FILE).unlink(missing_ok=True)


def folder_of(jobs: Path, token: str) -> Path | None:
    """The folder of the job that a token is for. None: it is for none, or its job has ended."""
    found = _TOKEN.fullmatch(token)
    if not found:
        return None
    folder = jobs / found[1]
    try:
        known = Node(json.loads(read_bounded(folder / FILE, MOST_BYTES)))["secret"].text()
    except (OSError, ValueError):
        return None
    return folder if hmac.compare_digest(known, _digest(token)) else None


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
