"""Resolves secret references. Only in the worker, and never into a payload, a log or an error."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path

from domain.core.errors import SluicewayError
from domain.core.masking import Masker

UNKNOWN = "SLW831"
"""The error code of a dangling reference."""


def resolve(references: Mapping[str, str]) -> dict[str, str]:
    """Values by name.

    Raises:
        SluicewayError: a reference cannot be resolved; the message names the reference, never a value.
    """
    return {name: _value(name, reference) for name, reference in references.items()}


def masker(references: Mapping[str, str]) -> Masker:
    """Masks the values in what tools and services said, before it is stored; skips what cannot be resolved any more."""
    values = []
    for name, reference in references.items():
        with contextlib.suppress(SluicewayError):
            values.append(_value(name, reference))
    return Masker(values)


def _value(name: str, reference: str) -> str:
    scheme, _, where = reference.partition(":")
    if scheme == "env":
        value = os.environ.get(where)
        if value is None:
            raise SluicewayError(
                UNKNOWN,
                f"secret {name}: the worker has no variable {where}",
                fix=f"set {where} in the worker's environment",
            )
        return value
    if scheme == "file":
        try:
            return Path(where).read_text().rstrip("\n")
        except (OSError, UnicodeDecodeError) as broken:
            why = broken.strerror if isinstance(broken, OSError) else "it is not text"
            raise SluicewayError(UNKNOWN, f"secret {name}: {where} cannot be read", why=why or "") from None
    raise SluicewayError(
        UNKNOWN, f"secret {name}: '{scheme}' is not a supported kind of reference", fix="write env:NAME or file:PATH"
    )
