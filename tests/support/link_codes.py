"""What a browser or a command line makes of the code of a one-time link."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from activities.access.key_registry import KeyRegistry, invitation, one_time_key, public_of
from activities.access.secret_values import new
from domain.access.keys import KeyProof
from domain.access.link_code import login_hash_of
from domain.authority.registrations import Registration


def by_code(said: Registration, code: str) -> KeyProof:
    """The proof of a first key."""
    return KeyProof(base64.b64encode(one_time_key(code).sign(said.text())).decode())


def invite(
    registry: KeyRegistry, person: str, groups: Sequence[str] = (), roles: Sequence[str] = (), lifetime_s: int = 86_400
) -> str:
    """Invites a person by hand, and returns the code."""
    code = new()
    registry.register(invitation(person, public_of(code), groups, roles, lifetime_s))
    return code


def asked_for(name: str, code: str, *groups: str) -> dict[str, Any]:
    """What an administrator's client sends of an invitation."""
    return {"name": name, "groups": groups, "public": public_of(code), "login_hash": login_hash_of(code)}
