"""Looks at what a server asks to sign, before it is signed: it has to be what its person wanted, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Mapping

from domain.authority.registrations import LIFE_S, Registration, Topic, registration_of
from domain.core.errors import SluicewayError
from domain.core.values import Json

SKEW_S = 300
"""How far the clocks of a server and of this machine may be apart."""


def looked_at(said: Mapping[str, Json], topic: Topic, name: str, wanted: Mapping[str, Json]) -> Registration:
    """The statement, if it is of this topic, about this name, and its body says what is wanted.

    Raises:
        SluicewayError: SLW478, it says something else, or could be used for too long.
    """
    try:
        found = registration_of(said)
    except ValueError as wrong:
        raise not_ours(str(wrong)) from wrong
    if (found.topic, found.name) != (topic, name):
        raise not_ours(f"it is about a {found.topic} of {found.name[:64]}, not about a {topic} of {name}")
    for key, value in wanted.items():
        if found.body.get(key) != value:
            raise not_ours(f"its {key} is another one than it should be")
    if found.expires_at > time.time() + LIFE_S + SKEW_S:
        raise not_ours("it holds for too long")
    return found


def not_ours(why: str) -> SluicewayError:
    """What nobody should sign for a server."""
    return SluicewayError("SLW478", "the server asks to sign what nobody should sign for it", why=why)
