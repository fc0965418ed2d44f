"""What administrators have registered and the engine has signed, as the signer looks it up for its answers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Protocol

from activities.authority import enrolling
from domain.access.verdict import Verdict
from domain.approvals.request import ChangeAuthors, Decision, EnvironmentRule, VerifiedIdentity
from domain.authority.initiators import EffectQuestion
from domain.releases.windows import Calendar
from domain.supply_chain.image_policy import Attestations, ImageRule


class Registry(enrolling.Verifier, Protocol):
    """What administrators have registered, as the signer remembers it."""

    def identity(self, decision: Decision) -> VerifiedIdentity:
        """What is registered of a decision's approver, their addresses too, and whether the signature is theirs."""
        ...

    def authors(self, said: ChangeAuthors, environment: str) -> ChangeAuthors:
        """Who made the change, from its commits; as it is said, where nobody says which commits they are.

        Raises:
            SluicewayError: the repository cannot be reached for now.
        """
        ...

    def unowned(self, addresses: Collection[str]) -> tuple[str, ...]:
        """Those that no registered identity owns."""
        ...

    def rule(self, environment: str) -> EnvironmentRule:
        """The rule of an environment."""
        ...

    def every_rule(self) -> Iterable[EnvironmentRule]:
        """Of all registered environments."""
        ...

    def images(self, environment: str) -> ImageRule:
        """What an environment demands of images."""
        ...

    def statements(self, image: str, blob: Callable[[str], str]) -> Attestations:
        """What this installation has signed about an image, by its SHA-256. `blob`: an object of the store."""
        ...

    def closed(self, environment: str, calendar: Calendar, now: float) -> str:
        """What of an environment's calendar, or of a definition's, is closed; empty: nothing. In seconds since the
        epoch.
        """
        ...

    def verdict(self, asked: EffectQuestion) -> Verdict | None:
        """Whether whoever started a run may do this now; a refusal is recorded. None: nobody has rights here yet, so
        that everything is the owner's.

        Raises:
            SluicewayError: SLW486, the rights cannot be read for now.
        """
        ...

    def groups(self, person: str) -> tuple[str, ...]:
        """Of `person:NAME`, as they are now; of somebody who is gone or locked out, none.

        Raises:
            SluicewayError: SLW486, they cannot be read for now.
        """
        ...

    def differences(self) -> tuple[str, ...]:
        """What the database says of rights that nobody told, in sentences."""
        ...
