"""A folder with a file for each secret: of this installation, or mounted as Docker and Kubernetes mount secrets."""

from __future__ import annotations

import os
from pathlib import Path

from activities.core.files import write_atomically
from activities.secrets.port import MAX_BYTES, REFUSED, absent, usable
from domain.core.errors import SluicewayError
from domain.core.names import is_name

MODE = 0o600


class FolderSecrets:
    """`own`: the folder of this installation, which nobody else may read."""

    def __init__(self, folder: Path, *, own: bool = True) -> None:
        self._folder, self._own = folder, own
        self.where = f"folder {folder}"

    def read(self, name: str) -> str:
        """Follows links: Kubernetes mounts each secret as one, to replace all of them at once."""
        try:
            with (self._folder / name).open("rb") as file:
                if self._own and os.fstat(file.fileno()).st_mode & 0o077:
                    why, fix = (
                        "other users can read its file",
                        f"chmod 600 {self._folder / name}, then change the secret",
                    )
                    raise SluicewayError(REFUSED, f"secret {name} is not private", why=why, fix=fix)
                return usable(name, file.read(MAX_BYTES + 2))
        except FileNotFoundError:
            raise absent(name, self.where, f"sluiceway secret set {name}" if self._own else "") from None
        except OSError as broken:
            raise SluicewayError(REFUSED, f"secret {name} cannot be read", why=broken.strerror or "") from None

    def write(self, name: str, value: str) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_atomically(self._folder / name, usable(name, value.encode()), MODE)

    def remove(self, name: str) -> None:
        (self._folder / name).unlink(missing_ok=True)

    def names(self) -> list[str]:
        try:
            return sorted(path.name for path in self._folder.iterdir() if is_name(path.name) and path.is_file())
        except FileNotFoundError:
            return []
