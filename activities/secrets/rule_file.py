"""The rules of this installation in its home: names and conditions, no values. `sluiceway secret set` writes them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path

from activities.core import serialization as serial
from activities.core.files import locked, write_atomically
from domain.core.documents import Node
from domain.core.errors import SluicewayError
from domain.secrets.rules import SecretRule

NAME = "rules.json"
"""In the folder of the secrets: no secret has a dot in its name."""

LOCK = "rules.lock"

_KEYS = {one.name for one in fields(SecretRule)}


class RuleFile:
    """A rule per secret. A file that cannot be read allows nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def rules(self) -> tuple[SecretRule, ...]:
        """All rules.

        Raises:
            SluicewayError: SLW046, the file cannot be read.
        """
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return ()
        except OSError as broken:
            raise SluicewayError("SLW046", f"{self._path} cannot be read", why=broken.strerror or "") from None
        try:
            unknown = {key for one in Node(json.loads(data)) for key, _ in one.fields()} - _KEYS
            if unknown:  # a misspelt condition would be none
                raise ValueError(f"unknown keys: {', '.join(sorted(unknown))}")
            return tuple(serial.load(list[SecretRule], data))
        except (ValueError, TypeError) as broken:
            raise SluicewayError("SLW046", f"{self._path} holds no rules", why=str(broken)[:200]) from None

    def replace(self, secret: str, rule: SecretRule | None) -> None:
        """Sets the rule of a secret; None: removes it. Two at once both stay: each waits for the file's lock."""
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with locked(self._path.with_name(LOCK)):
            kept = [one for one in self.rules() if one.secret != secret]
            self._write([*kept, *([rule] if rule else [])])

    def _write(self, rules: Sequence[SecretRule]) -> None:
        write_atomically(self._path, json.dumps([asdict(one) for one in rules], indent=1) + "\n")
