"""Registered environments: their rules for approvals, images and running releases."""

from __future__ import annotations

from dataclasses import dataclass

from activities.access.definition_store import DefinitionStore
from domain.approvals.request import EnvironmentRule, Trust
from domain.core.documents import Node
from domain.scans.rescan import Then, WatchRule
from domain.supply_chain.image_policy import ImageRule

KIND = "Environment"


@dataclass(frozen=True)
class Environment:
    """The rules of one environment. An unregistered one requires signatures, and nothing of images."""

    approval: EnvironmentRule
    images: ImageRule = ImageRule()
    watch: WatchRule = WatchRule()


@dataclass(frozen=True)
class Environments:
    """Reads what `sluiceway apply` has registered."""

    definitions: DefinitionStore

    def get(self, name: str) -> Environment:
        """The rules of an environment; the defaults for an empty or unregistered name."""
        known = self.definitions.get(KIND, name) if name else None
        if known is None:
            return Environment(EnvironmentRule(name=name))
        body = Node(known)
        return Environment(_approval(name, body), _images(body), _watch(body))


def _approval(name: str, body: Node) -> EnvironmentRule:
    approval = body.need("approval")
    allow, per_group = approval.need("allow"), Node(approval.need_object("per_group"))
    return EnvironmentRule(
        name=name,
        users=tuple(one.need_text() for one in approval.need_list("users")),
        groups=tuple(one.need_text() for one in approval.need_list("groups")),
        quorum=approval.need_whole("quorum"),
        per_group={group: per_group.need_whole(group) for group, _ in per_group.fields()},
        trust=Trust(body.need_text("trust")),
        allow_author=bool(allow.need("author")),
        allow_committer=bool(allow.need("committer")),
        allow_starter=bool(allow.need("starter")),
        max_expires_s=approval.need_number("max_expires"),
    )


def _images(body: Node) -> ImageRule:
    found = body["images"]
    within = found.need_number("scanned_within") if "scanned_within" in found.object() else 0.0
    return ImageRule(bool(found["built_here"]), bool(found["gate_passed"]), within)


def _watch(body: Node) -> WatchRule:
    found, plain = body["watch"], WatchRule()
    then = tuple(Then(one.need_text()) for one in found.need_list("then")) if "then" in found.object() else plain.then
    return WatchRule(found["severity"].text(plain.severity), found["unknown_as"].text(plain.unknown_as), then)
