"""The public halves of the signer's keys, beside them in its folder: for whoever verifies and signs nothing."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from activities.authority.port import Signer
from activities.core.files import write_atomically
from domain.access.checkpoint import origin_of, short
from domain.core.errors import SluicewayError

FILE = "public.json"


def known(folder: Path) -> dict[str, bytes]:
    """By name; empty: this home has signed nothing yet.

    Raises:
        SluicewayError: SLW017, they cannot be read.
    """
    try:
        found: dict[str, str] = json.loads((folder / FILE).read_text())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as broken:
        raise lost(folder / FILE, str(broken)) from broken
    return {name: base64.b64decode(key) for name, key in found.items()}


def home(folder: Path) -> str:
    """What tells this installation from others in names and labels of objects; empty: its signer has never run. Raises
    like `known`.
    """
    public = known(folder).get("permits", b"")
    return short(origin_of(public)) if public else ""


def needed(folder: Path, name: str) -> bytes:
    """One of them.

    Raises:
        SluicewayError: SLW017, this home has signed nothing yet.
    """
    found = known(folder)
    if name not in found:
        raise lost(folder / FILE, "this home has signed nothing yet", "sluiceway up")
    return found[name]


def remember(folder: Path, keys: dict[str, bytes]) -> None:
    """Writes them once; later they must stay what they are.

    Raises:
        SluicewayError: SLW017, one is another key than before.
    """
    before = known(folder)
    for name, key in keys.items():
        if before.get(name, key) != key:
            raise lost(folder / FILE, f"the key of {name} is not the one that has signed until now")
    if before != keys:
        said = {name: base64.b64encode(key).decode() for name, key in keys.items()}
        write_atomically(folder / FILE, json.dumps(said).encode())


def lost(path: Path, why: str, fix: str = "") -> SluicewayError:
    """The error of a key that is not there: nothing makes a new one in its place."""
    return SluicewayError("SLW017", "a key of the signer is not there", where=str(path), why=why, fix=fix)


class PublishedKey(Signer):
    """This installation's key as the command line verifies with it; it signs nothing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def sign(self, data: bytes) -> bytes:
        """Raises:
        SluicewayError: SLW010, only the signer's process signs.
        """
        raise SluicewayError("SLW010", "only the signer's process signs", fix="sluiceway up")

    def public_key(self) -> bytes:
        """PEM of the key of attestations.

        Raises:
            SluicewayError: SLW017, this home has signed nothing yet.
        """
        return needed(self._folder, "attestations")
