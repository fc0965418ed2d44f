"""The signer's memory of people and keys without a signer: the same rules, in this process."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from activities.access.key_proofs import is_proven
from domain.access.keys import KeyProof
from domain.authority.registrations import By, Register, RegisteredPerson, Registration, objection
from domain.core.errors import RefusedError


@dataclass
class MemoryRegistry:
    """What is told without a proof is by hand."""

    register_: Register = field(default_factory=Register)

    def person(self, name: str) -> RegisteredPerson | None:
        return self.register_.people.get(name)

    def home(self) -> str:
        return ""

    def register(self, said: Registration, proof: KeyProof | None = None) -> None:
        by = By() if proof is None else self._prover(said, proof)
        if wrong := objection(self.register_, said, by, time.time()):
            raise RefusedError("SLW435", "the signer does not register this", why=wrong)
        assert by is not None
        self.register_.apply(said, by)

    def _prover(self, said: Registration, proof: KeyProof) -> By | None:
        return next((by for by, key in self.register_.provers(said) if is_proven(key, proof, said.text())), None)
