"""Passkeys: what a browser is asked to make, and the key in what it answers (WebAuthn level 3, section 7.1)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

import webauthn
from webauthn.helpers.base64url_to_bytes import base64url_to_bytes
from webauthn.helpers.bytes_to_base64url import bytes_to_base64url
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from activities.access.public_keys import kept_cose
from domain.access.keys import KeyKind, PersonKey
from domain.core.documents import Object
from domain.core.errors import RefusedError
from domain.core.values import Json

MOST_BYTES = 65_536
"""Of a browser's answer in JSON: those without attestation have about 1,000."""
NAME = "Sluiceway"


def options(person: str, host: str, challenge: bytes, known: Iterable[str]) -> Object:
    """What `navigator.credentials.create` takes, binary fields in Base64url. `known`: ids of keys that there are.

    No attestation is asked for: which model it is, is nobody's business here. A resident key lets a person log in
    without a name; user verification is what makes it two factors.
    """
    made = webauthn.generate_registration_options(
        rp_id=host,
        rp_name=NAME,
        user_name=person,
        user_id=hashlib.sha256(f"{host}\0{person}".encode()).digest(),
        challenge=challenge,
        attestation=AttestationConveyancePreference.NONE,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(one)) for one in known],
    )
    found: dict[str, Json] = json.loads(webauthn.options_to_json(made))
    return found


def registered(answer: Object, challenge: bytes, host: str, origin: str, label: str) -> PersonKey:
    """The key in a browser's answer.

    Raises:
        RefusedError: SLW424, it answers something else, or its owner was not verified.
    """
    text = json.dumps(dict(answer))
    if len(text) > MOST_BYTES:
        raise _refused(f"the answer has more than {MOST_BYTES} characters")
    try:
        found = webauthn.verify_registration_response(
            credential=text,
            expected_challenge=challenge,
            expected_rp_id=host,
            expected_origin=origin,
            require_user_verification=True,
        )
    except Exception as wrong:  # a stranger's JSON and CBOR: whatever the library makes of it
        raise _refused(f"{wrong}"[:200]) from wrong
    return PersonKey(
        kind=KeyKind.PASSKEY,
        public=kept_cose(found.credential_public_key),
        id=bytes_to_base64url(found.credential_id),
        rp=host,
        origin=origin,
        label=label,
    )


def _refused(why: str) -> RefusedError:
    return RefusedError("SLW424", "this passkey cannot be added", why=why)
