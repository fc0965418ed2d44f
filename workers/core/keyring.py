"""The installation's keys for seals on messages: a private file of the home, read again when it changes."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from activities.core.files import write_atomically
from domain.authority import seals
from domain.authority.hiding import Hiding
from domain.authority.seals import Message, Seal, Sealed
from domain.core.documents import Node
from domain.core.errors import SluicewayError
from workers.core.starts import Starts

FILE = "messages.json"
MADE = "messages.made"
"""Beside the keys, empty: the home has had keys. If they are gone, new ones must not replace them unseen."""
KEY_BYTES = 32
LOOK_S = 0.1
"""How long a process may still seal with the key before, after another one has rotated it."""


@dataclass(frozen=True)
class Key:
    """One key. `made_at` is in seconds since the epoch."""

    id: str
    secret: bytes
    made_at: float


@dataclass(frozen=True)
class Keys:
    """All keys that verify; the last one signs. `before`: executions that ran when the home got its first key."""

    keys: tuple[Key, ...]
    before: frozenset[str] = frozenset()
    before_until_ms: int = 0
    hiding: Hiding = Hiding.NEVER


class Keyring:
    """Seals and verifies. One for each process; all of them read the same file."""

    def __init__(self, folder: Path | None, keys: Keys | None = None) -> None:
        self._folder, self._keys, self._seen = folder, keys, -1
        self._looked_at = 0.0
        self.starts = Starts(folder / "starts" if folder else None)
        self.ages = folder is not None
        """Whether messages have an age: a simulation skips time, and its clients do not."""

    @classmethod
    def ephemeral(cls) -> Keyring:
        """Keys of this process only, for simulations."""
        return cls(None, Keys((_new_key(),)))

    @classmethod
    def of_home(cls, home: Path) -> Keyring:
        """The keys in a home; they may not exist yet: see `made`."""
        return cls(home / "keys")

    @property
    def made(self) -> bool:
        """Whether there are keys.

        Raises:
            SluicewayError: SLW003, there were keys, and they are gone or damaged.
        """
        return self._current() is not None

    def check(self) -> None:
        """Raises:
        SluicewayError: SLW003, there were keys, and they are gone or damaged.
        """
        self._current()

    def make(self, running: Sequence[str] = (), grace_s: float = 60) -> None:
        """The first key. `running`: the run ids of executions that an engine without keys has begun.

        What such an execution was told until `grace_s` from now may lack a seal.

        Raises:
            SluicewayError: SLW003, there were keys.
        """
        assert self._folder is not None, "an ephemeral ring has its keys"
        if self.made:
            (self._folder / MADE).touch(mode=0o600)  # a process that made them was killed before this
            return
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        until = int((time.time() + grace_s) * 1000) if running else 0
        text = _written(Keys((_new_key(),), frozenset(running), until))
        new = self._folder / f".{FILE}.{secrets.token_hex(4)}"
        write_atomically(new, text)
        try:
            os.link(new, self._folder / FILE)  # of processes that race, one makes it
        except FileExistsError:
            pass
        finally:
            new.unlink()
        (self._folder / MADE).touch(mode=0o600)

    def rotate(self) -> str:
        """Adds a key, which signs from now on in every process; returns its id.

        Raises:
            SluicewayError: SLW003, the keys are gone.
        """
        new = _new_key()
        self._change(lambda known: replace(known, keys=(*known.keys, new)))
        return new.id

    def forget(self, id_: str) -> None:
        """Removes a key that nothing needs any more; never the one that signs."""

        def without(known: Keys) -> Keys:
            return replace(known, keys=(*(one for one in known.keys[:-1] if one.id != id_), known.keys[-1]))

        self._change(without)

    def close_upgrade(self) -> None:
        """Forgets the executions of an engine without keys: none of them runs any more."""
        self._change(lambda known: replace(known, before=frozenset(), before_until_ms=0))

    def all(self) -> Keys:
        """Everything in the file.

        Raises:
            SluicewayError: SLW003, the keys are gone.
        """
        return self._needed()

    def every_secret(self) -> Sequence[bytes]:
        """Of every key, the newest one last; none: the home has no keys yet."""
        found = self._current()
        return tuple(one.secret for one in found.keys) if found else ()

    def seal(self, message: Message, parts: Sequence[Sealed], nonce: str, at_ms: int) -> list[Seal]:
        """Seals each part with the newest key."""
        key = self.newest
        return seals.sealed(key.id, key.secret, message, parts, nonce, at_ms)

    def refusal(self, message: Message, found: Sequence[Seal | None], parts: Sequence[Sealed]) -> str:
        """Why a message is not one of ours; empty: it is."""
        return seals.refusal(self.secret, message, found, parts)

    def answers(self, workflow_id: str, namespace: str, seal: Seal, part: Sealed) -> bool:
        """See `seals.answers`."""
        return seals.answers(self.secret, workflow_id, namespace, seal, part)

    def is_older(self, run_id: str, at_ms: int) -> bool:
        """Whether what an execution was told at a time may lack a seal: it began before the home had a key."""
        keys = self._keys or self._needed()
        return run_id in keys.before and at_ms <= keys.before_until_ms

    @property
    def hiding(self) -> Hiding:
        """Whether payloads are encrypted: a choice of the home, for every process at once."""
        return self._lately().hiding

    def hide(self, hides: bool) -> None:
        """Encrypts payloads from now on, or no more."""

        def change(known: Keys) -> Keys:
            off = Hiding.NEVER if known.hiding is Hiding.NEVER else Hiding.BEFORE
            return replace(known, hiding=Hiding.NOW if hides else off)

        self._change(change)

    @property
    def newest(self) -> Key:
        """The key that seals and encrypts."""
        return self._lately().keys[-1]

    def secret(self, id_: str) -> bytes | None:
        """Of a key that is known already the file need not be asked: it is, for each message that is sealed."""
        found = next((key.secret for key in self._keys.keys if key.id == id_), None) if self._keys else None
        return found or next((key.secret for key in self._needed().keys if key.id == id_), None)

    def _lately(self) -> Keys:
        """As they are, or were a moment ago: to look at the file for each message is a third of the cost of a seal."""
        if self._keys is None or time.monotonic() > self._looked_at + LOOK_S:
            self._looked_at = time.monotonic()
            return self._needed()
        return self._keys

    def _needed(self) -> Keys:
        keys = self._current()
        if keys is None:
            raise SluicewayError("SLW003", "this home has no key for messages", fix="sluiceway up")
        return keys

    def _current(self) -> Keys | None:
        if self._folder is None:
            return self._keys
        path = self._folder / FILE
        try:
            found = path.stat()
        except OSError:
            if (self._folder / MADE).exists():
                raise _lost(path, "the file is gone") from None
            return None
        mark = found.st_mtime_ns ^ found.st_ino
        if mark != self._seen:
            self._keys, self._seen = _read(path), mark
        return self._keys

    def _change(self, change: Callable[[Keys], Keys]) -> None:
        """Of two processes that change the keys at once, the second one sees what the first one wrote."""
        assert self._folder is not None, "an ephemeral ring does not change"
        self._needed()
        with open(self._folder / f".{FILE}.lock", "a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            write_atomically(self._folder / FILE, _written(change(_read(self._folder / FILE))))
        self._keys, self._seen = None, -1


def _new_key() -> Key:
    return Key(secrets.token_hex(4), secrets.token_bytes(KEY_BYTES), time.time())


def _written(keys: Keys) -> str:
    listed = [{"id": key.id, "secret": key.secret.hex(), "made_at": key.made_at} for key in keys.keys]
    before = {"before": sorted(keys.before), "before_until_ms": keys.before_until_ms}
    return json.dumps({"keys": listed, **before, "hiding": keys.hiding})


def _read(path: Path) -> Keys:
    try:
        found = Node(json.loads(path.read_text()))
        keys = tuple(
            Key(one.need_text("id"), bytes.fromhex(one.need_text("secret")), one.need_number("made_at"))
            for one in found.need_list("keys")
        )
        before = frozenset(one.need_text() for one in found.need_list("before"))
        until = found.need_whole("before_until_ms")
        hiding = Hiding(found["hiding"].text() or Hiding.NEVER)
    except (OSError, ValueError, SluicewayError) as broken:
        raise _lost(path, str(broken)) from broken
    if not keys or any(len(key.secret) != KEY_BYTES for key in keys):
        raise _lost(path, "it holds no key")
    return Keys(keys, before, until, hiding)


def _lost(path: Path, why: str) -> SluicewayError:
    what, fix = f"the keys for messages in {path} cannot be used", "restore the file from a backup of the home"
    return SluicewayError("SLW003", what, why=why, fix=fix)
