"""Registered environments: their rules for approvals, images and running releases."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from activities.access.definition_store import DefinitionReader, DefinitionStore
from domain.approvals import registration
from domain.approvals.request import EnvironmentRule, Keys, Proof, Trust
from domain.core import names
from domain.core.documents import Node, Object
from domain.core.errors import RefusedError
from domain.releases import calendars, outcome
from domain.releases.kubernetes.registered import text_of
from domain.releases.outcome import GitOutcome
from domain.releases.windows import Calendar
from domain.scans.rescan import Then, WatchRule
from domain.supply_chain.image_policy import ImageRule
from domain.supply_chain.origin import OriginRule

KIND = "Environment"
CLOSED = "closed_defaults"
"""Marks a document that was registered since what is left out is closed; before, it was open."""


@dataclass(frozen=True)
class Environment:
    """The rules of one environment."""

    approval: EnvironmentRule
    images: ImageRule = ImageRule()
    watch: WatchRule = WatchRule()
    calendar: Calendar = Calendar()
    """When releases may go forward; what is not in the approvals' rule, so that a freeze does not undo approvals."""
    outcome: GitOutcome | None = None
    """Where a repository says what is live; None: nowhere."""


def rules_of(name: str, known: Object | None, *, opened: bool) -> Environment:
    """Of an environment, by what was registered; None: nothing was. `opened`: as of `Environments`."""
    if known is None:
        registered = not name or (opened and names.is_name(name))
        return Environment(closed(name, registered=registered))
    body = Node(known)
    calendar, written = calendars.of_document(body), outcome.of_document(body)
    return Environment(_approval(name, body), _images(body), _watch(body), calendar, written)


@dataclass(frozen=True)
class Environments:
    """Reads what `sluiceway apply` has registered."""

    definitions: DefinitionReader
    opened: bool = False
    """SLUICEWAY_OPEN_ENVIRONMENTS: any name counts as registered, with the closed defaults."""

    def get(self, name: str) -> Environment:
        """The rules of an environment. One that nobody registered has the closed defaults, and is refused."""
        return rules_of(name, self.definitions.get(KIND, name) if name else None, opened=self.opened)

    def rule(self, name: str) -> EnvironmentRule:
        """What an environment demands of approvals and deployments."""
        return self.get(name).approval

    def need(self, name: str) -> Environment:
        """Like `get`, for what needs a registered one.

        Raises:
            RefusedError: SLW060, the text is no name; SLW061, nobody registered it.
        """
        found = self.get(name)
        if wrong := registration.refusal(found.approval):
            code, _, told = wrong.partition(": ")
            what, _, fix = told.partition("; ")
            raise RefusedError(code, what, fix=fix)
        return found

    def register(self, name: str, body: Object) -> str:
        """Saves a document with what it says; returns `registered`, `changed` or `unchanged`.

        Raises:
            RefusedError: SLW060, the text is no name.
        """
        before = self.definitions.get(KIND, name)
        self.register_all({name: body})
        now = {**body, CLOSED: True}
        return "unchanged" if before == now else ("changed" if before else "registered")

    def register_all(self, bodies: Mapping[str, Object]) -> None:
        """Saves all of them, or none.

        Raises:
            RefusedError: SLW060, the text is no name.
        """
        self.must_be_names(*bodies)
        if not isinstance(self.definitions, DefinitionStore):
            raise TypeError("what the signer remembers changes by its log alone")
        self.definitions.save_all(KIND, {name: json.dumps({**body, CLOSED: True}) for name, body in bodies.items()})

    def must_be_names(self, *texts: str) -> None:
        """Raises:
        RefusedError: SLW060, a text is no name.
        """
        for name in texts:
            if wrong := names.complaint(name):
                raise RefusedError(registration.NO_NAME, f"{name!r} cannot be an environment: {wrong}")

    def reviewed(self, name: str) -> tuple[str, ...]:
        """Commits whose history an administrator has looked at: it counts for four eyes no more."""
        body = Node(self.definitions.get(KIND, name) if name else None)
        return tuple(body["approval"]["reviewed"].texts())

    def names(self) -> list[str]:
        """Names of the registered environments, sorted."""
        return self.definitions.names(KIND)


def closed(name: str, *, registered: bool = True) -> EnvironmentRule:
    """What holds for an environment of which nothing is said: signatures and four eyes."""
    return EnvironmentRule(
        name=name, allow_author=False, allow_committer=False, allow_starter=False, registered=registered
    )


def _approval(name: str, body: Node) -> EnvironmentRule:
    approval = body.need("approval")
    allow, per_group = approval.need("allow"), Node(approval.need_object("per_group"))
    users = tuple(one.need_text() for one in approval.need_list("users"))
    groups = tuple(one.need_text() for one in approval.need_list("groups"))
    # what was registered before the defaults were closed says "allowed" where nobody wrote it
    told = body[CLOSED].value is True
    return EnvironmentRule(
        name=name,
        users=users,
        groups=groups,
        quorum=registration.least_quorum(approval.need_whole("quorum"), users, groups, per_group.object()),
        per_group={group: per_group.need_whole(group) for group, _ in per_group.fields()},
        trust=Trust(body.need_text("trust")),
        allow_author=told and allow["author"].value is True,
        allow_committer=told and allow["committer"].value is True,
        allow_starter=told and allow["starter"].value is True,
        max_expires_s=approval.need_number("max_expires"),
        proof=Proof(body["proof"].text(Proof.PASSKEY)),
        keys=Keys(body["keys"].text(Keys.CONFIRMED)),
        kubernetes=text_of(body.object()),
        applications=tuple(body["applications"].texts()),
    )


def _images(body: Node) -> ImageRule:
    found = body["images"]
    within = found.need_number("scanned_within") if "scanned_within" in found.object() else 0.0
    origins = OriginRule(
        repositories=tuple(found["repositories"].texts()),
        pipelines=tuple(found["pipelines"].texts()),
        branches=tuple(found["branches"].texts()),
    )
    as_written = found["tags"].text() == "as-written"
    registries = tuple(found["registries"].texts())
    return ImageRule(bool(found["built_here"]), bool(found["gate_passed"]), within, origins, as_written, registries)


def _watch(body: Node) -> WatchRule:
    found, plain = body["watch"], WatchRule()
    then = tuple(Then(one.need_text()) for one in found.need_list("then")) if "then" in found.object() else plain.then
    return WatchRule(found["severity"].text(plain.severity), found["unknown_as"].text(plain.unknown_as), then)
