"""The port of secret stores."""

from __future__ import annotations

from typing import Protocol

from domain.core.errors import SluicewayError

UNKNOWN = "SLW831"
"""The store has no such secret."""
UNAVAILABLE = "SLW043"
"""The store does not answer; later it may."""
REFUSED = "SLW044"
"""The store does not accept this worker."""
UNUSABLE = "SLW045"
"""The value cannot be the value of a variable."""
MAX_BYTES = 131_000
"""Of a value: the kernel takes little more as a variable (MAX_ARG_STRLEN)."""


class SecretStore(Protocol):
    """Where the values lie. Names have been checked: they are paths and labels."""

    where: str
    """For people: the kind and the place, without any credential."""

    def read(self, name: str) -> str:
        """The value of a secret.

        Raises:
            SluicewayError: SLW831, there is none; SLW043, the store does not answer; SLW044, it does not accept the
                worker's credentials; SLW045, the value is no text.
        """
        ...


class WritableSecretStore(SecretStore, Protocol):
    """One that `sluiceway secret set` can write to."""

    def write(self, name: str, value: str) -> None:
        """Replaces the value."""
        ...

    def remove(self, name: str) -> None:
        """Idempotent."""
        ...

    def names(self) -> list[str]:
        """The names of what it holds, sorted."""
        ...


def absent(name: str, where: str, fix: str = "") -> SluicewayError:
    """There is no such secret."""
    return SluicewayError(UNKNOWN, f"secret {name} does not exist in {where}", fix=fix)


def usable(name: str, data: bytes) -> str:
    """The value of a secret, from its bytes. The line end that an editor leaves is not part of it.

    Raises:
        SluicewayError: SLW045, no variable can hold it; says nothing of the value.
    """
    why = ""
    if len(data) > MAX_BYTES:
        why = f"it has {len(data):,} bytes, and a variable takes {MAX_BYTES:,}"
    elif b"\0" in data:
        why = "it has a NUL character"
    try:
        text = data.decode("utf-8").rstrip("\n")
    except UnicodeDecodeError:
        why, text = why or "it is not UTF-8", ""
    if not (why or text):
        why = "it is empty"
    if why:
        raise SluicewayError(UNUSABLE, f"secret {name} cannot be used", why=why)
    return text
