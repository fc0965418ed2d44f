"""Logins at servers, in a file of the person's own: a secret for each origin, and nothing of it for another one."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from domain.core.errors import SluicewayError

MOST_BYTES = 2**20


@dataclass(frozen=True, kw_only=True)
class Login:
    """At one server."""

    token: str
    who: str = ""
    """Id of the principal, as the server says."""
    key: str = ""
    """File of the key that it was made with, for a second factor; empty: a token was given."""
    home: str = ""
    """The installation that was logged in to: what the key signs there names it, whatever the server says later. Empty:
    of an earlier version, or a token of the environment.
    """

    def __repr__(self) -> str:
        return f"Login(who={self.who!r})"


@dataclass(frozen=True)
class Logins:
    """Of one person. `last`: the origin of the latest one."""

    last: str = ""
    servers: Mapping[str, Login] = field(default_factory=dict)

    def with_login(self, origin: str, login: Login) -> Logins:
        """With another login at this server."""
        return Logins(origin, {**self.servers, origin: login})

    def without(self, origin: str) -> Logins:
        """Without the login at this server."""
        kept = {one: login for one, login in self.servers.items() if one != origin}
        return replace(self, servers=kept, last="" if self.last == origin else self.last)


def folder() -> Path:
    """`sluiceway` in XDG_CONFIG_HOME, by default in ~/.config."""
    root = os.environ.get("XDG_CONFIG_HOME", "")
    return (Path(root) if os.path.isabs(root) else Path.home() / ".config") / "sluiceway"


def load(file: Path | None = None) -> Logins:
    """The logins that are kept; none without a file.

    Raises:
        SluicewayError: SLW476, others may read the file, or it is damaged.
    """
    file = file or folder() / "servers.json"
    try:
        with file.open("rb") as opened:
            found = os.fstat(opened.fileno())
            if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o077:
                raise _unsafe(file, "others may read or write it", f"chmod 600 {file}")
            return msgspec.json.decode(opened.read(MOST_BYTES), type=Logins)
    except FileNotFoundError:
        return Logins()
    except (OSError, msgspec.MsgspecError) as wrong:
        raise _unsafe(file, str(wrong)[:200], f"remove {file} and log in again") from wrong


def save(logins: Logins, file: Path | None = None) -> None:
    """Replaces the file at once; only its owner may read it.

    Raises:
        SluicewayError: SLW476, it cannot be written.
    """
    file = file or folder() / "servers.json"
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, made = tempfile.mkstemp(dir=file.parent, prefix=".servers")  # with mode 0600
        try:
            with os.fdopen(handle, "wb") as opened:
                opened.write(msgspec.json.encode(logins))
            os.replace(made, file)
        except BaseException:
            os.unlink(made)
            raise
    except OSError as wrong:
        raise _unsafe(file, str(wrong)[:200], "choose another folder in XDG_CONFIG_HOME") from wrong


def _unsafe(file: Path, why: str, fix: str) -> SluicewayError:
    return SluicewayError("SLW476", f"the logins in {file} cannot be used", why=why, fix=fix)
