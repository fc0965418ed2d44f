"""A person's key on this machine: it signs decisions and logins, and never leaves."""

from __future__ import annotations

import base64
import hashlib
import math
import os
import secrets
import time
from dataclasses import replace
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_ssh_private_key,
)

from domain.access.keys import KeyProof
from domain.access.policy_sets import PolicyState
from domain.approvals.request import Decision, fingerprint, signed_text
from domain.authority.cluster_orders import Order, OrderKind
from domain.authority.order_proofs import order_text
from domain.authority.registrations import Registration, Topic
from domain.authority.rights import of_step
from domain.core.errors import RefusedError, SluicewayError
from workers.client.ports.approvals import ApprovalDetails
from workers.client.ports.clusters import ClusterPlan, ClusterWish, SignedOrder
from workers.client.ports.policies import PolicySetRow, SignedStep

LIFETIME_S = 600


def load_key(file: Path, passphrase: bytes | None = None) -> Ed25519PrivateKey:
    """An ed25519 key, as PEM or of OpenSSH.

    Raises:
        RefusedError: SLW871, there is no such file; SLW024, it is no ed25519 key, or has another passphrase.
    """
    try:
        data = file.read_bytes()
    except OSError as wrong:
        raise RefusedError("SLW871", f"there is no private key in {file}", why=wrong.strerror or "") from wrong
    loader = load_ssh_private_key if b"OPENSSH PRIVATE KEY" in data else load_pem_private_key
    try:
        key = loader(data, passphrase)
    except (ValueError, TypeError, UnsupportedAlgorithm) as wrong:
        raise RefusedError("SLW024", f"{file} is no private key", why=str(wrong)[:200]) from wrong
    if not isinstance(key, Ed25519PrivateKey):
        raise RefusedError("SLW024", f"{file} is no ed25519 key", fix="sign with your own program, and `decide`")
    return key


def made_key(file: Path) -> Ed25519PrivateKey:
    """A new key in a file that only its owner reads; one that is there already is taken as it is.

    Raises:
        RefusedError: SLW871, the file cannot be made; as `load_key`.
    """
    key = Ed25519PrivateKey.generate()
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
            opened.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    except FileExistsError:
        return load_key(file)
    except OSError as wrong:
        raise RefusedError("SLW871", f"there is no private key in {file}", why=wrong.strerror or "") from wrong
    return key


def public_line(key: Ed25519PrivateKey) -> str:
    """The public half as a line of OpenSSH."""
    return key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def sign(key: Ed25519PrivateKey, text: bytes) -> str:
    """Base64 of an ed25519 signature (RFC 8032)."""
    return base64.b64encode(key.sign(text)).decode()


def decision_on(asked: ApprovalDetails, approver: str, approve: bool, comment: str, lifetime_s: float) -> Decision:
    """A decision on exactly what was shown, still to be signed. What the server says is looked at first.

    Raises:
        SluicewayError: SLW478, what is to be signed is not what was asked for and shown.
    """
    if asked.subject.workflow_id != asked.row.id:
        why = f"the subject is of {asked.subject.workflow_id}, and {asked.row.id} was asked for"
        raise SluicewayError("SLW478", "the server's answer cannot be understood", why=why)
    if fingerprint(asked.subject) != asked.digest:
        why = "the fingerprint that it shows is not that of what it asks to sign"
        raise SluicewayError("SLW478", "the server's answer cannot be understood", why=why)
    ends = time.time() + lifetime_s
    return Decision(
        approver=approver,
        approve=approve,
        comment=comment,
        binding=asked.subject,
        expires_at=float(math.floor(min(ends, asked.row.expires_at or ends))),
        request_id=secrets.token_hex(8),
    )


def step_of(person: str, found: PolicySetRow, to: PolicyState) -> Registration:
    """What a person brings where, still to be signed. `person`: their id."""
    topic, name, body = of_step(found.name, found.version, found.digest, to, person)
    return Registration(topic=Topic(topic.value), name=name, body=body)


def signed_statement(key: Ed25519PrivateKey, said: Registration, home: str) -> SignedStep:
    """The signature of a statement, for the next minutes, one time and one installation: `home` is its name."""
    whole = replace(said, expires_at=int(time.time()) + LIFETIME_S - 5, nonce=secrets.token_hex(16), home=home)
    proof = KeyProof(sign(key, whole.text()))
    return SignedStep(expires_at=whole.expires_at, nonce=whole.nonce, proof=proof, home=home)


def signed_order(key: Ed25519PrivateKey, plan: ClusterPlan, wish: ClusterWish, person: str, home: str) -> SignedOrder:
    """The signature of a plan's order, for the next minutes, one time and one installation: `home` is its name. What
    the server says is looked at first.

    Raises:
        SluicewayError: SLW478, it asks to sign something else than was asked for and shown.
    """
    said = plan.order
    kinds = {"delete": OrderKind.DELETE, "guard": OrderKind.GUARD}
    kind = kinds.get(wish.verb, OrderKind.CLUSTER)
    what = hashlib.sha256(plan.definition.encode()).hexdigest() if kind is OrderKind.CLUSTER else ""
    actions = wish.repair.actions if kind is OrderKind.GUARD else 0
    order = Order(
        kind=kind,
        cluster=wish.name,
        what=what,
        actions=actions,
        person=person,
        expires_at=int(time.time()) + LIFETIME_S - 5,
        nonce=secrets.token_hex(16),
    )
    wanted = (said.kind, said.cluster, said.what, said.actions, said.person, said.home) if said else ()
    if wanted != (order.kind, order.cluster, order.what, order.actions, order.person, home):
        why = "the order that it asks to sign is not that of the plan that it shows"
        raise SluicewayError("SLW478", "the server's answer cannot be understood", why=why)
    proof = KeyProof(sign(key, order_text(order, home)))
    return SignedOrder(expires_at=order.expires_at, nonce=order.nonce, proof=proof)


def signed(key: Ed25519PrivateKey, decision: Decision) -> Decision:
    """With the signature over its canonical text."""
    return replace(decision, signature=sign(key, signed_text(decision)))
