"""Keys of people, as the signer remembers them: how a server enrols one without being believed.

The database may list the same keys. Only what the signer has in its log decides: a key gets there by hand in the home,
or with a proof that the signer verifies: a signature by another key of the person, by an administrator's key, or by
the one-time key of an invitation.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from activities.access.private_keys import public_half
from activities.authority.port import KeyRegistry as KeyRegistry
from domain.access.keys import PersonKey
from domain.access.link_code import key_seed_of
from domain.authority.registrations import LIFE_S, Registration, Topic, key_body


def proven(topic: Topic, name: str, body: dict[str, object] | None = None) -> Registration:
    """A statement that somebody is going to sign: `said.text()` is what a key signs, and a passkey's challenge is
    `domain.access.keys.challenge_of` of it. It holds for ten minutes.
    """
    return Registration(
        topic=topic,
        name=name,
        body=body or {},  # type: ignore[arg-type]
        expires_at=int(time.time()) + LIFE_S - 5,
        nonce=secrets.token_hex(16),
    )


def enrolment(person: str, key: PersonKey) -> Registration:
    """That a person signs with this key too, to be signed by who may say so."""
    return proven(Topic.KEY, person, dict(key_body(key)))


def invitation(
    person: str, public: str, groups: Sequence[str] = (), roles: Sequence[str] = (), lifetime_s: int = 86_400
) -> Registration:
    """The statement of an invitation. An administrator signs it, or it is told by hand.

    `public`: of the key that the code of its link is, as `public_of` has it.
    """
    until = int(time.time()) + lifetime_s
    body: dict[str, object] = {"public": public, "until": until}
    return proven(Topic.INVITATION, person, {**body, "groups": list(groups), "roles": list(roles)})


def public_of(code: str) -> str:
    """The public half of the key that a code is: all that the signer and a server get to know of it.

    Raises:
        ValueError: it is no code.
    """
    return public_half(one_time_key(code))


def one_time_key(code: str) -> Ed25519PrivateKey:
    """The key that a code is. Raises like `public_of`."""
    return Ed25519PrivateKey.from_private_bytes(key_seed_of(code))
