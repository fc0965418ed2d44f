"""What the signer admits about people and environments: said by hand in the home, or proven."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from activities.core import serialization as serial
from domain.access.keys import KeyProof, PersonKey
from domain.authority.registrations import (
    TOLD,
    By,
    Register,
    Registration,
    objection,
    proof_body,
    proof_of,
    registration_of,
)
from domain.core.documents import Manifest, Node, Object
from domain.core.errors import RefusedError


class Waiting(Protocol):
    """Statements that were made by hand while no signer answered."""

    def some(self) -> bool:
        """Whether there are any. Asked at each question."""
        ...

    def take(self) -> list[Registration]:
        """All of them, in order; they stay until they are `done`."""
        ...

    def done(self) -> None:
        """They are in the log."""
        ...


class Nothing(Waiting):
    """Nothing waits."""

    def some(self) -> bool:
        """Never."""
        return False

    def take(self) -> list[Registration]:
        """None."""
        return []

    def done(self) -> None:
        """Nothing was taken."""


class Verifier(Protocol):
    """Verifies signatures."""

    def prover(self, keys: Iterable[tuple[By, PersonKey]], proof: KeyProof, text: bytes) -> By | None:
        """Whose key has signed the text; None: nobody's of these."""
        ...


def admitted(register: Register, verifier: Verifier, body: Object, now: float, *, by_hand: bool, home: str) -> Manifest:
    """The entry of a statement for the log. `home`: of this signer, which a proof has to name.

    Raises:
        RefusedError: SLW435, it is not admitted, and why.
        ValueError: it is no statement.
    """
    said, proof = registration_of(body), proof_of(Node(body)["proof"])
    by: By | None = None
    if proof is not None:
        by = verifier.prover(register.provers(said), proof, said.text())
    elif by_hand or said.topic in TOLD:
        by = By()
    register.forget(now)
    if why := objection(register, said, by, now, home):
        raise RefusedError("SLW435", f"the signer does not register this {said.topic} of {said.name[:64]}", why=why)
    assert by is not None
    return {
        **said.plain(),
        "by": Node(serial.dump_plain(by)).object(),
        "proof": proof_body(proof) if proof else {},
    }


def known(register: Register, name: str) -> Object:
    """A person with their keys; empty: the signer knows nobody of that name."""
    person = register.people.get(name)
    return Node(serial.dump_plain(person)).object() if person else {}
