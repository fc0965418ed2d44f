"""The private keys of people, in a folder of their own and not in the engine's home."""

from __future__ import annotations

import base64
import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from activities.core.files import write_atomically
from domain.core.errors import RefusedError


def file_of(folder: Path, name: str) -> Path:
    """Where a person's key lies."""
    return folder / f"{name}.key"


def made(folder: Path, name: str) -> str:
    """A key in the folder, with rights for its owner alone; an existing one is taken, never replaced.

    Returns the public half: Base64 of the raw ed25519 key.
    """
    _folder(folder)
    try:
        handle = os.open(file_of(folder, name), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return public_half(load(folder, name))
    with os.fdopen(handle, "wb") as file:
        file.write(_generated())
    return public_half(load(folder, name))


def replaced(folder: Path, name: str) -> str:
    """A new key in place of the one before, if there was one; returns its public half."""
    _folder(folder)
    write_atomically(file_of(folder, name), _generated())
    return public_half(load(folder, name))


def load(folder: Path, name: str) -> Ed25519PrivateKey:
    """The private key of a person.

    Raises:
        RefusedError: SLW871, the folder has none; SLW024, the file is no ed25519 key.
    """
    file = file_of(folder, name)
    try:
        key = load_pem_private_key(file.read_bytes(), None)
    except OSError:
        fix = f"sluiceway identity add {name} --group GROUP"
        raise RefusedError("SLW871", f"no private key of '{name}' in {folder}", fix=fix) from None
    except (ValueError, TypeError) as wrong:
        raise RefusedError("SLW024", f"{file} is no private key", why=str(wrong)[:200]) from wrong
    if not isinstance(key, Ed25519PrivateKey):
        fix = "sign with your own program: sluiceway decision text RUN --approve"
        raise RefusedError("SLW024", f"{file} is no ed25519 key", fix=fix)
    return key


def public_half(key: Ed25519PrivateKey) -> str:
    """Base64 of the raw public key."""
    return base64.b64encode(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


def forget(folder: Path, name: str, public_key: str) -> bool:
    """Deletes a person's key, if it is the one of `public_key`; returns whether it did."""
    if not file_of(folder, name).exists() or public_half(load(folder, name)) != public_key:
        return False
    file_of(folder, name).unlink()
    return True


def move(source: Path, target: Path) -> list[str]:
    """Moves the keys of an engine's home to a person's folder; returns their names.

    Raises:
        RefusedError: SLW027, the folder has another key of the same name; nothing was moved.
    """
    files = sorted(source.glob("*.key"))
    for file in files:
        other = target / file.name
        if other.exists() and other.read_bytes() != file.read_bytes():
            fix = f"move {file} by hand, under another name or into another folder"
            raise RefusedError("SLW027", f"{target} has another key of the name {file.stem}", fix=fix)
    if files:
        _folder(target)
    for file in files:
        write_atomically(target / file.name, file.read_bytes())
        file.unlink()
    return [file.stem for file in files]


def _folder(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def _generated() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
